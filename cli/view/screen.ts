/** The other screen of a terminal, which leaves the first one as it was. */
import type { Terminal } from '../io.ts';
import { changes } from './frame.ts';

export type Screen = { draw(lines: string[]): void; [Symbol.dispose](): void };

/** `onKey` gets each key; `onResize` is to draw anew. */
export function openScreen(terminal: Terminal, onKey: (key: string) => void, onResize: () => void): Screen {
  let last: string[] = [];
  let open = true;
  // Without a line end of its own after a full line: a letter may be wider than it is taken for.
  terminal.write('\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J');
  const stop = terminal.keys(onKey, () => {
    last = [];
    terminal.write('\u001b[2J');
    onResize();
  });
  function close(): void {
    if (!open) return;
    open = false;
    stop();
    process.off('exit', close);
    terminal.write('\u001b[?7h\u001b[?25h\u001b[?1049l');
  }
  // However the process ends, the cursor comes back.
  process.on('exit', close);
  return {
    draw(lines) {
      const text = changes(last, lines);
      if (text && open) terminal.write(text);
      last = lines;
    },
    [Symbol.dispose]: close,
  };
}
