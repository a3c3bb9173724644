/**
 * The state of a running awk: record, fields, variables, input and output. It never waits: whatever it needs of the shell is asked for by
 * throwing `Need`, and the run begins anew with the answer at hand. All output is kept until the end, so this cannot be seen.
 */
import { createPatience, Refusal } from '../kit.ts';
import { regexOf } from '../regex.ts';
import { type Cell, fromOutside, isTrue, toNumber, toText, type Value } from './values.ts';

export class Need extends Error {
  override name = 'Need';
  readonly kind: 'file' | 'command';
  readonly what: string;
  constructor(kind: 'file' | 'command', what: string) {
    super(what);
    this.kind = kind;
    this.what = what;
  }
}

/** `answers`: by kind and name, in the order in which they were asked for; null for a file that is not there. */
export type Given = {
  inputs: { name: string; text: string | null; assign?: [string, string] }[];
  answers: Map<string, ({ text: string; exitCode: number } | null)[]>;
  variables: [string, string][];
  environment: Record<string, string>;
  arguments: string[];
};

export type Piece = { text: string } | { command: string; input: string };

const MOST_FIELDS = 200_000;

export function createMachine(given: Given) {
  const patience = createPatience();
  const globals = new Map<string, Cell>();
  const cell = (name: string): Cell => {
    const found = globals.get(name);
    if (found) return found;
    const made: Cell = { value: undefined };
    globals.set(name, made);
    return made;
  };
  const scalar = (name: string): Value => cell(name).value as Value;
  const special = (name: string): string => toText(scalar(name), '%.6g');
  for (const [name, value] of Object.entries({
    FS: ' ',
    OFS: ' ',
    ORS: '\n',
    RS: '\n',
    CONVFMT: '%.6g',
    OFMT: '%.6g',
    SUBSEP: '\x1c',
    RSTART: 0,
    RLENGTH: -1,
    NR: 0,
    FNR: 0,
    NF: 0,
    FILENAME: '',
  }))
    cell(name).value = value;
  cell('ENVIRON').value = new Map(Object.entries(given.environment).map(([name, value]) => [name, fromOutside(value)]));
  cell('ARGV').value = new Map(given.arguments.map((value, at) => [String(at), fromOutside(value)]));
  cell('ARGC').value = given.arguments.length;
  for (const [name, value] of given.variables) cell(name).value = fromOutside(value);

  const regexes = new Map<string, RegExp>();
  /** Compiled once each. */
  const regex = (source: string): RegExp => {
    const found = regexes.get(source);
    if (found) return found;
    const made = regexOf(source, 'awk', 'g');
    regexes.set(source, made);
    return made;
  };
  const splitText = (text: string, separator: string): string[] => {
    if (text === '') return [];
    if (separator === ' ') return text.match(/[^ \t\n]+/g) ?? [];
    if (separator === '') return [...text];
    if (separator === '\t' || (separator.length === 1 && separator !== '\\')) return text.split(separator);
    return text.split(new RegExp(regex(separator).source.replace(/\((?!\?)/g, '(?:'), 'us'));
  };

  let record = '';
  let fields: Value[] | null = null;
  const parts = (): Value[] => {
    if (fields === null) {
      const separator = special('FS');
      const texts =
        special('RS') === '' && separator !== ' '
          ? record.split('\n').flatMap((line) => splitText(line, separator))
          : splitText(record, separator);
      fields = texts.map(fromOutside);
      cell('NF').value = fields.length;
    }
    return fields;
  };
  const setRecord = (text: string) => {
    record = text;
    fields = null;
  };
  const rebuild = () => {
    record = parts()
      .map((part) => toText(part, special('CONVFMT')))
      .join(special('OFS'));
  };
  const field = (at: number): Value => {
    if (at === 0) return fromOutside(record);
    return parts()[at - 1] ?? (at <= parts().length ? '' : undefined);
  };
  const setField = (at: number, value: Value) => {
    if (at < 0 || at > MOST_FIELDS) throw new Refusal(`there is no field ${at}`, 2);
    if (at === 0) return setRecord(toText(value, special('CONVFMT')));
    const all = parts();
    while (all.length < at) all.push('');
    all[at - 1] = value;
    cell('NF').value = all.length;
    rebuild();
  };
  const getNF = (): number => parts().length;
  const setNF = (count: number) => {
    const all = parts();
    if (count < 0 || count > MOST_FIELDS) throw new Refusal(`there cannot be ${count} fields`, 2);
    while (all.length < count) all.push('');
    all.length = count;
    cell('NF').value = count;
    rebuild();
  };

  /** A reader of records, by the record separator of the moment. */
  const readerOf = (text: string) => {
    let at = 0;
    return (): string | null => {
      const separator = special('RS');
      if (separator === '') while (text[at] === '\n') at++;
      if (at >= text.length) return null;
      const rest = separator.length <= 1 && separator !== '' ? null : text.slice(at);
      const found =
        rest === null ? text.indexOf(separator, at) : ((m) => (m ? at + m.index : -1))(endOf(rest, separator));
      const length = rest === null ? 1 : (endOf(rest, separator)?.[0].length ?? 0);
      const end = found < 0 ? text.length : found;
      const one = text.slice(at, end);
      at = found < 0 ? text.length : end + length;
      return found < 0 && separator === '\n' ? one : found < 0 && separator === '' ? one.replace(/\n+$/, '') : one;
    };
  };
  const endOf = (rest: string, separator: string): RegExpExecArray | null =>
    separator === '' ? /\n{2,}/.exec(rest) : new RegExp(regex(separator).source, 'us').exec(rest);

  const errors: string[] = [];
  let isMissing = false;
  let input = -1;
  let reader: (() => string | null) | null = null;
  const nextRecord = (): string | null => {
    for (;;) {
      const one = reader?.() ?? null;
      if (one !== null) {
        cell('NR').value = toNumber(scalar('NR')) + 1;
        cell('FNR').value = toNumber(scalar('FNR')) + 1;
        return one;
      }
      input += 1;
      const next = given.inputs[input];
      if (next === undefined) return null;
      if (next.text === null) {
        isMissing = true;
        errors.push(`awk: cannot open "${next.name}" (No such file or directory)\n`);
      } else if (next.assign) cell(next.assign[0]).value = fromOutside(next.assign[1]);
      else {
        cell('FILENAME').value = next.name;
        cell('FNR').value = 0;
        reader = readerOf(next.text);
      }
    }
  };
  const skipFile = () => {
    reader = null;
  };

  const asked = new Map<string, number>();
  /** An answer that the shell gave; each time that one asks is another. */
  const answer = (kind: 'file' | 'command', what: string) => {
    const key = `${kind}:${what}`;
    const turn = asked.get(key) ?? 0;
    asked.set(key, turn + 1);
    const all = given.answers.get(key) ?? [];
    if (turn >= all.length) throw new Need(kind, what);
    return all[turn] ?? null;
  };

  const readers = new Map<string, (() => string | null) | null>();
  /** The next record of a file or a command: its text, or 0 at the end and -1 if it cannot be read. */
  const readFrom = (kind: 'file' | 'command', what: string): string | 0 | -1 => {
    const key = `${kind}:${what}`;
    if (!readers.has(key)) {
      const found = answer(kind, what);
      readers.set(key, found === null ? null : readerOf(found.text));
    }
    const open = readers.get(key);
    return open ? (open() ?? 0) : -1;
  };

  const output: Piece[] = [];
  const out: string[] = [];
  const flush = () => {
    if (out.length > 0) output.push({ text: out.splice(0).join('') });
  };
  const files = new Map<string, { text: string[]; append: boolean }>();
  const pipes = new Map<string, string[]>();
  const write = (text: string, to: { kind: '>' | '>>' | '|'; name: string } | null) => {
    if (to === null || to.name === '/dev/stdout' || to.name === '-') out.push(text);
    else if (to.name === '/dev/stderr') errors.push(text);
    else if (to.kind === '|') pipes.set(to.name, [...(pipes.get(to.name) ?? []), text]);
    else {
      const open = files.get(to.name) ?? { text: [], append: to.kind === '>>' };
      open.text.push(text);
      files.set(to.name, open);
    }
  };
  const endPipe = (name: string) => {
    const texts = pipes.get(name);
    if (!texts) return;
    pipes.delete(name);
    flush();
    output.push({ command: name, input: texts.join('') });
  };
  const close = (name: string): number => {
    const had =
      readers.delete(`file:${name}`) || readers.delete(`command:${name}`) || pipes.has(name) || files.has(name);
    endPipe(name);
    return had ? 0 : -1;
  };
  const system = (what: string): number => {
    flush();
    const found = answer('command', what);
    out.push(found?.text ?? '');
    return found?.exitCode ?? 0;
  };

  return {
    ...{
      cell,
      special,
      regex,
      splitText,
      field,
      setField,
      setRecord,
      getNF,
      setNF,
      nextRecord,
      skipFile,
      readFrom,
      write,
      close,
      system,
    },
    files,
    convert: (value: Value) => toText(value, special('CONVFMT')),
    ...{ isTrue, patience },
    finish: () => {
      flush();
      for (const name of [...pipes.keys()]) endPipe(name);
      return { output, errors: errors.join(''), isMissing };
    },
  };
}
export type Machine = ReturnType<typeof createMachine>;

export function arrayOf(cell: Cell): Map<string, Value> {
  if (cell.value instanceof Map) return cell.value;
  if (cell.value !== undefined) throw new Refusal('a variable is used as an array', 2);
  const made = new Map<string, Value>();
  for (let one: Cell | undefined = cell; one; one = one.origin) one.value = made;
  return made;
}
