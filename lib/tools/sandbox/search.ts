/** Searching the tree. It runs in the sandbox since a pattern of the model's may backtrack for ever: then the worker's time runs out. */
import { posix } from 'node:path';
import type { Jobs, Reply } from './jobs.ts';

/** What fits into one observation without a cut in its middle. */
const MOST_OUTPUT_CHARACTERS = 24_000;
const MOST_LINE_CHARACTERS = 400;
/** As git does it: a NUL among the first bytes makes a file binary. */
const BINARY_WITHIN = 8000;

function matches(path: string, pattern: string): boolean {
  const relative = path.slice(1);
  return posix.matchesGlob(pattern.includes('/') ? relative : posix.basename(relative), pattern);
}

/** `./` and `/` in front, and the root's own name, are ways to say "from the root". */
const rooted = (pattern: string): string => pattern.replace(/^(\/workspace\/|\.\/|\/)/, '');

export function glob({ pattern, paths }: Jobs['glob']['ask']): Reply<'glob'> {
  const from = rooted(pattern);
  return { answer: { paths: paths.filter((path) => matches(path, from)) } };
}

export function grep({ pattern, ignoreCase, context, files, glob }: Jobs['grep']['ask']): Reply<'grep'> {
  const regex = compile(pattern, ignoreCase);
  if (typeof regex === 'string') return { refused: `The pattern is not a regular expression: ${regex}` };

  const found: Jobs['grep']['answer'] = { lines: [], matches: 0, files: 0, shownMatches: 0 };
  let room = MOST_OUTPUT_CHARACTERS;
  for (const { path, content } of files) {
    if ((glob !== null && !matches(path, rooted(glob))) || isBinary(content)) continue;
    const lines = linesOf(content);
    const hits = new Set(lines.flatMap((line, at) => (regex.test(line) ? [at] : [])));
    if (hits.size === 0) continue;
    found.files += 1;
    found.matches += hits.size;
    if (room < 0) continue;
    for (const block of blocks(hits, context, lines.length)) {
      const text = block.map((at) => render(path, at, lines[at] ?? '', hits.has(at), regex));
      room -= text.reduce((sum, line) => sum + line.length + 1, 0);
      if (room < 0) break;
      if (context > 0 && found.lines.length > 0) found.lines.push('--');
      found.lines.push(...text);
      found.shownMatches += block.filter((at) => hits.has(at)).length;
    }
  }
  return { answer: found };
}

/** Unicode rules first; patterns that only the looser rules allow (`\-`, a lone `{`) are common and mean what they seem to mean. */
function compile(pattern: string, ignoreCase: boolean): RegExp | string {
  const flags = ignoreCase ? 'i' : '';
  try {
    return new RegExp(pattern, `${flags}u`);
  } catch {
    try {
      return new RegExp(pattern, flags);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** A newline at the end closes the last line; it does not begin another. */
function linesOf(content: Uint8Array): string[] {
  const lines = new TextDecoder().decode(content).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const isBinary = (content: Uint8Array): boolean => content.subarray(0, BINARY_WITHIN).includes(0);

/** Line numbers (from 0) to show, grouped where their surroundings touch. */
function blocks(hits: Set<number>, context: number, count: number): number[][] {
  const grouped: number[][] = [];
  for (const hit of hits) {
    const last = grouped.at(-1);
    const from = Math.max(0, hit - context);
    const to = Math.min(count - 1, hit + context);
    const next = last === undefined ? -1 : (last.at(-1) ?? -1) + 1;
    const block = last !== undefined && from <= next ? last : [];
    if (block !== last) grouped.push(block);
    for (let at = block === last ? next : from; at <= to; at++) block.push(at);
  }
  return grouped;
}

function render(path: string, at: number, line: string, hit: boolean, regex: RegExp): string {
  const mark = hit ? ':' : '-';
  return `${path.slice(1)}${mark}${at + 1}${mark}${excerpt(line, hit ? line.search(regex) : 0)}`;
}

function excerpt(line: string, around: number): string {
  if (line.length <= MOST_LINE_CHARACTERS) return line;
  const from = Math.max(0, Math.min(around - 100, line.length - MOST_LINE_CHARACTERS));
  return `… ${line.slice(from, from + MOST_LINE_CHARACTERS)} … [line of ${line.length} characters]`;
}
