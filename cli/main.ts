/** The program `circadian`. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Io, Terminal } from './io.ts';
import { run } from './run.ts';

const { stdin, stdout, stderr, env } = process;
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, is no failure. A full disk is.
  if (code === 'EPIPE') process.exit(0);
  stderr.write(`✕ Not all was written (${message}).\n`);
  process.exit(1);
});

const interrupt = new AbortController();
process.on('SIGINT', () => {
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
});
// By its own end, so that a terminal is left as it was. What ends a child first has a listener of its own.
for (const [name, code] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)
  process.on(name, () => process.listenerCount(name) > 1 || process.exit(code));

const terminal: Terminal = {
  write: (text) => void stdout.write(text),
  size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
  keys(onKey, onResize) {
    const decoder = new TextDecoder();
    const onData = (data: Buffer) => onKey(decoder.decode(data, { stream: true }));
    if (stdin.isTTY) stdin.setRawMode(true).resume().on('data', onData);
    stdout.on('resize', onResize);
    return () => {
      if (stdin.isTTY) stdin.off('data', onData).setRawMode(false).pause();
      stdout.off('resize', onResize);
    };
  },
};

/** The answer is typed unseen: readline echoes into nothing. */
async function secret(question: string): Promise<string> {
  stderr.write(question);
  const lines = createInterface({
    input: stdin,
    output: new Writable({ write: (_, __, done) => done() }),
    terminal: true,
  });
  // Readline takes Ctrl-C for itself.
  lines.on('SIGINT', () => interrupt.abort());
  try {
    return (await lines.question('', { signal: interrupt.signal })).trim();
  } finally {
    lines.close();
    stderr.write('\n');
  }
}

const drawn = stdout.isTTY && stdin.isTTY && env.TERM !== 'dumb' && !env.CI;
const io: Io = {
  out: (line) => void stdout.write(`${line}\n`),
  err: (line) => void stderr.write(`${line}\n`),
  bytes: (content) => void stdout.write(content),
  ...{ env, cwd: process.cwd(), terminal: drawn ? terminal : null },
  color: stdout.isTTY && env.TERM !== 'dumb' && !env.NO_COLOR,
  input: () => text(stdin),
  secret: stdin.isTTY && stderr.isTTY ? secret : null,
  ...{ keyboard: stdin.isTTY === true, signal: interrupt.signal },
  now: Date.now,
};

const code = await run(process.argv.slice(2), io, version);
// All is written before the end, and what was asked and is still under way does not hold it up.
stdout.write('', () => stderr.write('', () => process.exit(code)));
