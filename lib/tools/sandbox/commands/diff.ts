/** `diff` in its plain and its unified form, also for folders, and `cmp`. */
import { type Context, command, done, numberOf, parse, Refusal, read, resolve, toBytes } from './kit.ts';

/** One place where the texts differ: lines from..to of each, from 0, without the last. */
type Change = { a: [number, number]; b: [number, number] };

/** Beyond this many differences the rest counts as one: the search would take their square in time and room. */
const MOST_DIFFERENCES = 3000;

/**
 * The shortest way from one list of keys to the other.
 * Source: Myers, An O(ND) Difference Algorithm and Its Variations (1986)
 */
function changesOf(a: string[], b: string[]): Change[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  const [gone, come] = marksOf(a.slice(start, endA), b.slice(start, endB));
  slide(gone, a.slice(start, endA));
  slide(come, b.slice(start, endB));
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < endA - start || j < endB - start; ) {
    if (!gone[i] && !come[j] && i < endA - start && j < endB - start) {
      i++;
      j++;
      continue;
    }
    const [fromI, fromJ] = [i, j];
    while (gone[i]) i++;
    while (come[j]) j++;
    changes.push({ a: [start + fromI, start + i], b: [start + fromJ, start + j] });
  }
  return changes;
}

/** A run that could as well begin a line later does so, and joins what it meets: as people know it from diff. */
function slide(marks: boolean[], keys: string[]): void {
  for (let from = 0; from < marks.length; ) {
    if (!marks[from]) {
      from += 1;
      continue;
    }
    let to = from;
    while (marks[to]) to += 1;
    while (to < marks.length && keys[from] === keys[to]) {
      marks[from] = false;
      marks[to] = true;
      from += 1;
      to += 1;
      while (marks[to]) to += 1;
    }
    from = to;
  }
}

/** Which lines of each are not in the other. */
function marksOf(a: string[], b: string[]): [boolean[], boolean[]] {
  const gone = Array<boolean>(a.length).fill(false);
  const come = Array<boolean>(b.length).fill(false);
  const trace: Map<number, number>[] = [];
  const reach = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= a.length + b.length; d++) {
    if (d > MOST_DIFFERENCES) return [gone.fill(true), come.fill(true)];
    trace.push(new Map(reach));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
      let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach.set(k, x);
      if (x >= a.length && x - k >= b.length) return back(trace, d, a.length, b.length, gone, come);
    }
  }
  return [gone, come];
}

function back(
  trace: Map<number, number>[],
  last: number,
  lengthA: number,
  lengthB: number,
  gone: boolean[],
  come: boolean[],
): [boolean[], boolean[]] {
  let [x, y] = [lengthA, lengthB];
  for (let d = last; d > 0; d--) {
    const reach = trace[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
    const from = reach.get(down ? k + 1 : k - 1) ?? 0;
    if (down) come[from - (k + 1)] = true;
    else gone[from] = true;
    x = from;
    y = from - (down ? k + 1 : k - 1);
  }
  return [gone, come];
}

type Text = { name: string; lines: string[]; keys: string[]; whole: boolean };

function rangeOf([from, to]: [number, number]): string {
  if (to - from === 0) return String(from);
  return to - from === 1 ? String(to) : `${from + 1},${to}`;
}

const NO_NEWLINE = '\\ No newline at end of file\n';
const shownLine = (mark: string, text: Text, at: number): string =>
  `${mark}${text.lines[at]}\n${at === text.lines.length - 1 && !text.whole ? NO_NEWLINE : ''}`;
function span(mark: string, text: Text, [from, to]: [number, number]): string {
  let shown = '';
  for (let at = from; at < to; at++) shown += shownLine(mark, text, at);
  return shown;
}

const plain = (changes: Change[], a: Text, b: Text): string =>
  changes
    .map((change) => {
      const [less, more] = [change.a[1] - change.a[0], change.b[1] - change.b[0]];
      const kind = less === 0 ? 'a' : more === 0 ? 'd' : 'c';
      const divider = kind === 'c' ? '---\n' : '';
      return `${rangeOf(change.a)}${kind}${rangeOf(change.b)}\n${span('< ', a, change.a)}${divider}${span('> ', b, change.b)}`;
    })
    .join('');

function unified(changes: Change[], a: Text, b: Text, context: number): string {
  const groups: Change[][] = [];
  for (const change of changes) {
    const last = groups.at(-1)?.at(-1);
    if (last && change.a[0] - last.a[1] <= 2 * context) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  const headOf = (from: number, to: number) =>
    `${to > from ? from + 1 : from}${to - from === 1 ? '' : `,${to - from}`}`;
  const shown = groups.map((group) => {
    const [first, last] = [group[0] as Change, group.at(-1) as Change];
    const before = Math.min(context, first.a[0]);
    const after = Math.min(context, a.lines.length - last.a[1]);
    const head = `@@ -${headOf(first.a[0] - before, last.a[1] + after)} +${headOf(first.b[0] - before, last.b[1] + after)} @@\n`;
    let at = first.a[0] - before;
    let body = '';
    for (const change of group) {
      body += span(' ', a, [at, change.a[0]]) + span('-', a, change.a) + span('+', b, change.b);
      at = change.a[1];
    }
    return head + body + span(' ', a, [at, last.a[1] + after]);
  });
  return `--- ${a.name}\n+++ ${b.name}\n${shown.join('')}`;
}

type Style = { flags: (flag: string) => boolean; context: number | null; words: string[] };

function textOf(name: string, bytes: string, { flags }: Style): Text {
  const whole = bytes === '' || bytes.endsWith('\n');
  const lines = (whole ? bytes.slice(0, -1) : bytes).split('\n');
  if (bytes === '') lines.pop();
  const keyOf = (line: string, at: number) => {
    let key = flags('i') ? line.toLowerCase() : line;
    if (flags('w')) key = key.replace(/[ \t\r]+/g, '');
    else if (flags('b')) key = key.replace(/[ \t\r]+/g, ' ').replace(/ $/, '');
    return at === lines.length - 1 && !whole ? `${key}\0` : key;
  };
  return { name: toBytes(name), lines, keys: lines.map(keyOf), whole };
}

/** Of two texts, whose bytes are characters of Latin-1: their unified difference, as git shows it; '' where there is none. */
export function unifiedOf(before: { name: string; bytes: string }, after: { name: string; bytes: string }): string {
  const style: Style = { flags: () => false, context: 3, words: [] };
  const [a, b] = [textOf(before.name, before.bytes, style), textOf(after.name, after.bytes, style)];
  return unified(changesOf(a.keys, b.keys), a, b, 3);
}

async function compare(context: Context, from: string, to: string, style: Style): Promise<string> {
  const [a, b] = [textOf(from, await read(context, from), style), textOf(to, await read(context, to), style)];
  const isBlank = (text: Text, [first, end]: [number, number]) =>
    text.lines.slice(first, end).every((line) => line === '');
  const changes = changesOf(a.keys, b.keys).filter(
    (change) => !style.flags('B') || !isBlank(a, change.a) || !isBlank(b, change.b),
  );
  if (changes.length === 0) return '';
  if (style.flags('q')) return toBytes(`Files ${from} and ${to} differ\n`);
  return style.context === null ? plain(changes, a, b) : unified(changes, a, b, style.context);
}

const isFolder = async (context: Context, path: string): Promise<boolean> =>
  path !== '-' && (await context.fs.stat(resolve(context, path)).catch(() => null))?.isDirectory === true;

async function compareFolders(context: Context, from: string, to: string, style: Style): Promise<string> {
  const [left, right] = [
    await context.fs.readdir(resolve(context, from)),
    await context.fs.readdir(resolve(context, to)),
  ];
  let shown = '';
  for (const name of [...new Set([...left, ...right])].sort()) {
    const [a, b] = [`${from}/${name}`, `${to}/${name}`];
    if (!right.includes(name)) shown += toBytes(`Only in ${from}: ${name}\n`);
    else if (!left.includes(name)) shown += toBytes(`Only in ${to}: ${name}\n`);
    else if ((await isFolder(context, a)) && (await isFolder(context, b))) {
      shown += style.flags('r')
        ? await compareFolders(context, a, b, style)
        : toBytes(`Common subdirectories: ${a} and ${b}\n`);
    } else {
      const found = await compare(context, a, b, style);
      if (found !== '')
        shown += (style.flags('q') ? '' : toBytes(`${['diff', ...style.words, a, b].join(' ')}\n`)) + found;
    }
  }
  return shown;
}

const LONG = {
  ...{
    unified: 'U',
    brief: 'q',
    recursive: 'r',
    'ignore-case': 'i',
    'ignore-all-space': 'w',
    'ignore-blank-lines': 'B',
  },
  ...{ 'ignore-space-change': 'b', text: 'a', 'new-file': 'N', color: 'l', label: 'L' },
};

const diff = command('diff', async (args, context) => {
  const { options, operands } = parse(args, 'uU:qriwBbaNl:L:s', LONG);
  const [from, to] = operands;
  if (from === undefined || to === undefined) throw new Refusal(`missing operand after '${from ?? 'diff'}'`, 2);
  const lines = options.has('U') ? numberOf(options.get('U') || '3', 'context length') : options.has('u') ? 3 : null;
  const style: Style = { flags: options.has, context: lines, words: args.filter((arg) => arg.startsWith('-')) };
  try {
    const [isA, isB] = [await isFolder(context, from), await isFolder(context, to)];
    const inside = (folder: string, file: string) => `${folder}/${file.slice(file.lastIndexOf('/') + 1)}`;
    const found =
      isA && isB
        ? await compareFolders(context, from, to, style)
        : await compare(context, isA ? inside(from, to) : from, isB ? inside(to, from) : to, style);
    if (found === '' && options.has('s')) return done(toBytes(`Files ${from} and ${to} are identical\n`));
    return done(found, found === '' ? 0 : 1);
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(error.message, 2);
    throw error;
  }
});

const cmp = command('cmp', async (args, context) => {
  const { options, operands } = parse(args, 'sl', { silent: 's', quiet: 's' });
  const [from = '-', to = '-'] = operands;
  const [a, b] = [await read(context, from), await read(context, to)];
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  if (at === a.length && at === b.length) return done('');
  const line = a.slice(0, at).split('\n').length;
  if (options.has('s')) return done('', 1);
  if (at < a.length && at < b.length) return done(toBytes(`${from} ${to} differ: byte ${at + 1}, line ${line}\n`), 1);
  const short = at === a.length ? from : to;
  return done('', 1, `cmp: EOF on ${short} after byte ${at}, in line ${a[at - 1] === '\n' ? line - 1 : line}\n`);
});

export const DIFF = [diff, cmp];
