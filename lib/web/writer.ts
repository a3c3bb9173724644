/** Markdown as it is written: gaps, spaces and prefixes of lines are put before the next piece of text, so that nothing has to be mended later. */

const INVISIBLE = /[\u00AD\u200B\u2060-\u2064\u202A-\u202E\u2066-\u2069\uFEFF\u{E0000}-\u{E007F}]/gu;
/** Lists and quotes within each other; deeper ones are written at this depth. */
const MOST_PREFIXES = 8;

export type Writer = ReturnType<typeof writerOf>;

/** `most`: characters after which nothing more is written. */
export function writerOf(most: number) {
  const out: string[] = [];
  const prefixes: string[] = [];
  let [size, characters, gap, inline] = [0, 0, 0, 0];
  let space = false;
  let prefix = '';
  /** Waits at the beginning of a line: a bullet, the signs of a heading. */
  let lead: { prefix: string; text: string } | null = null;

  const push = (piece: string): void => {
    out.push(piece);
    size += piece.length;
  };
  const write = (piece: string): void => {
    if (size >= most || piece === '') return;
    if (gap > 0 || out.length === 0) {
      if (out.length > 0) push('\n'.repeat(gap));
      push(lead ? lead.prefix + lead.text : prefix);
      lead = null;
    } else if (space) push(' ');
    [gap, space] = [0, false];
    push(piece.length > most ? piece.slice(0, most) : piece);
  };
  const lines = (count: 1 | 2): void => {
    if (inline > 0) space = true;
    else gap = Math.max(gap, count);
  };

  return {
    full: () => size >= most,
    /** Of what was written, white space left out: about how much there is to read. */
    characters: () => characters,
    /** Pieces so far, for `erase` and `piecesFrom`. */
    mark: () => out.length,
    lines,
    write,
    /** White space of any length is one space. */
    text(raw: string, inCell: boolean): void {
      const text = raw.replace(INVISIBLE, '').replace(/\s+/g, ' ');
      const words = text.trim();
      if (text.startsWith(' ')) space = true;
      if (words === '') return;
      characters += words.length;
      write(inCell ? words.replaceAll('|', '\\|') : words);
      if (text.endsWith(' ')) space = true;
    },
    space: () => {
      space = true;
    },
    /** Lines of their own, white space and all. */
    block(text: string): void {
      characters += text.length;
      const rows = text.split('\n');
      lines(2);
      for (const [i, row] of rows.entries()) {
        if (i > 0 && row === '') push('\n');
        else if (i > 0) push(`\n${prefix}${row}`);
        else write(row);
        if (size >= most) break;
      }
      lines(2);
    },
    /** Within it lines are not broken. Returns what ends it. */
    onOneLine(): () => void {
      inline += 1;
      return () => {
        inline -= 1;
      };
    },
    isOnOneLine: () => inline > 0,
    /** A table in a cell, whose lines are lines again. Returns what ends it. */
    onLines(): () => void {
      const before = inline;
      inline = 0;
      return () => {
        inline = before;
      };
    },
    /** Before each line, until the function returned is called; `bullet` in its place before the first one. */
    prefixed(own: string, bullet: string | null): () => void {
      if (bullet !== null) lead = { prefix, text: bullet };
      if (prefixes.length >= MOST_PREFIXES) return () => {};
      prefixes.push(own);
      prefix = prefixes.join('');
      return () => {
        prefixes.pop();
        prefix = prefixes.join('');
      };
    },
    /** Before the next text, if there is any before the function returned is called. */
    leading(text: string): () => void {
      const before = lead;
      const own = { prefix: lead ? lead.prefix : prefix, text: (lead?.text ?? '') + text };
      lead = own;
      return () => {
        if (lead === own) lead = before;
      };
    },
    /** Signs around what is written until the function returned is called; none around nothing, nor around lines. */
    around(before: string, after: string): () => void {
      write(before);
      const at = out.length;
      return () => {
        if (size >= most) return;
        if (out.length > at && gap === 0) push(after);
        else if (out[at - 1] === before) out[at - 1] = '';
      };
    },
    /** Right behind what was written last. */
    joined: (text: string): void => {
      if (size < most) push(text);
    },
    piecesFrom: (from: number, to: number = out.length): string[] => out.slice(from, to),
    /** What was written between the two marks is gone. */
    erase: (from: number, to: number): void => {
      out.fill('', from, to);
    },
  };
}
