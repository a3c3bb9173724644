/** How a script of sed is played on lines. */
import { createPatience, Refusal } from '../kit.ts';
import type { Address, Command, Substitution } from './script.ts';

const CONTROL: Record<string, string> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07' };

/** The template of `s` with what was found; `\U`, `\L`, `\u`, `\l` and `\E` change the case of what follows. */
function filled(template: string, groups: (string | undefined)[]): string {
  let out = '';
  let mode = '';
  let once = '';
  const add = (text: string) => {
    let piece = mode === 'U' ? text.toUpperCase() : mode === 'L' ? text.toLowerCase() : text;
    if (once !== '' && piece !== '') {
      const [first = '', ...rest] = [...piece];
      piece = (once === 'u' ? first.toUpperCase() : first.toLowerCase()) + rest.join('');
      once = '';
    }
    out += piece;
  };
  for (const [sign] of template.matchAll(/\\[\s\S]|[\s\S]/gu)) {
    const name = sign.length > 1 && sign.startsWith('\\') ? sign.slice(1) : '';
    if (sign === '&') add(groups[0] ?? '');
    else if (name === '') add(sign);
    else if (/\d/.test(name)) add(groups[Number(name)] ?? '');
    else if (name === 'U' || name === 'L') mode = name;
    else if (name === 'E') mode = '';
    else if (name === 'u' || name === 'l') once = name;
    else add(CONTROL[name] ?? name);
  }
  return out;
}

const NAMES: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r', '\f': '\\f', '\v': '\\v' };
const octal = (sign: string): string =>
  [...Buffer.from(sign)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
/** As `l` shows a line. */
const visible = (text: string): string =>
  `${text.replace(/[^\x20-\x5b\x5d-\x7e]/gu, (sign) => NAMES[sign] ?? octal(sign))}$`;

export type Files = Map<string, string>;
type Settings = { silent: boolean; end: string };

/** A script on the lines of one stream. `read`: files that `r` names, by their paths. */
export function edited(
  commands: Command[],
  lines: string[],
  closed: boolean,
  settings: Settings,
  files: Files,
  read: (path: string) => string,
) {
  const patience = createPatience();
  const { silent, end } = settings;
  const labels = new Map(commands.flatMap((one, i) => (one.name === ':' ? [[one.text, i] as const] : [])));
  const until = new Map<Command, number>();
  let out = '';
  let hold = '';
  let at = 0;
  let space = '';
  let last: RegExp | null = null;
  let queue: string[] = [];
  let status = 0;
  const put = (text: string) => {
    out += text + end;
  };
  const save = (path: string, text: string) => {
    if (path === '/dev/stdout') out += text;
    else files.set(path, (files.get(path) ?? '') + text);
  };
  const flush = () => {
    out += queue.join('');
    queue = [];
  };
  const found = (regex: RegExp | null): RegExp => {
    const one = regex ?? last;
    if (one === null) throw new Refusal('no previous regular expression');
    last = one;
    one.lastIndex = 0;
    return one;
  };
  const isAt = (address: Address): boolean => {
    if (address.kind === 'line') return at === address.at;
    if (address.kind === 'last') return at === lines.length;
    if (address.kind === 'step')
      return address.by === 0 ? at === address.from : at >= address.from && (at - address.from) % address.by === 0;
    return address.kind === 'regex' && found(address.regex).test(space);
  };
  const endOf = (to: Address): number => {
    if (to.kind === 'line') return Math.max(at, to.at);
    if (to.kind === 'more') return at + to.count;
    if (to.kind === 'multiple') return to.of === 0 ? at : Math.ceil(at / to.of) * to.of;
    return Number.POSITIVE_INFINITY;
  };
  const within = (one: Command): boolean => {
    const { from, to } = one;
    if (from === null) return true;
    if (to === null) return isAt(from);
    const open = until.get(one);
    const early = from.kind === 'line' && from.at === 0;
    if (open === undefined && !(early && at === 1) && !isAt(from)) return false;
    if (open === undefined) {
      const last = endOf(to);
      until.set(one, last);
      if (last <= at || (early && isAt(to))) until.delete(one);
      // Once over, a range that begins at line 0 does not begin again.
      if (early && !until.has(one)) one.from = { kind: 'line', at: -1 };
      return true;
    }
    if (at >= open || (open === Number.POSITIVE_INFINITY && isAt(to))) {
      until.delete(one);
      if (early) one.from = { kind: 'line', at: -1 };
    }
    return at <= open;
  };
  const substituted = (one: Substitution): boolean => {
    const regex = found(one.regex);
    let count = 0;
    let hit = false;
    let behind = -1;
    const result = space.replace(regex, (match: string, ...rest) => {
      const place = rest.findIndex((part) => typeof part === 'number');
      const index = rest[place] as number;
      if (match === '' && index === behind) return '';
      behind = index + match.length;
      count += 1;
      if (count < one.nth || (count > one.nth && !one.global)) return match;
      hit = true;
      return filled(one.template, [match, ...rest.slice(0, place)]);
    });
    if (hit) space = result;
    if (hit && one.print) put(space);
    if (hit && one.file !== null) save(one.file, space + end);
    return hit;
  };
  cycle: for (let again = false; again || at < lines.length; ) {
    if (!again) {
      space = lines[at] ?? '';
      at += 1;
    }
    again = false;
    let tested = false;
    let quits = false;
    let prints = !silent;
    const jump = (label: string): number => {
      if (label === '') return commands.length;
      const place = labels.get(label);
      if (place === undefined) throw new Refusal(`can't find label for jump to \`${label}'`);
      return place;
    };
    for (let i = 0; i < commands.length; i++) {
      patience(space.length + hold.length);
      const one = commands[i] as Command;
      if (one.name === '}' || one.name === ':') continue;
      if (within(one) === one.negated) {
        if (one.name === '{') i = one.end;
        continue;
      }
      const { name, text } = one;
      if (name === 's' && one.substitution) tested = substituted(one.substitution) || tested;
      else if (name === 'p') put(space);
      else if (name === 'P') put(space.split('\n')[0] ?? '');
      else if (name === 'd') continue cycle;
      else if (name === 'D') {
        const cut = space.indexOf('\n');
        if (cut >= 0) {
          space = space.slice(cut + 1);
          again = true;
        }
        flush();
        continue cycle;
      } else if (name === 'n' || name === 'N') {
        if (at >= lines.length) {
          if (name === 'N' || prints) prints = !silent;
          i = commands.length;
          quits = true;
          continue;
        }
        if (name === 'n' && !silent) put(space);
        flush();
        space = name === 'n' ? (lines[at] ?? '') : `${space}\n${lines[at]}`;
        at += 1;
      } else if (name === 'g') space = hold;
      else if (name === 'G') space += `\n${hold}`;
      else if (name === 'h') hold = space;
      else if (name === 'H') hold += `\n${space}`;
      else if (name === 'x') [space, hold] = [hold, space];
      else if (name === 'z') space = '';
      else if (name === '=') out += `${at}\n`;
      else if (name === 'l') put(visible(space));
      else if (name === 'y') space = [...space].map((sign) => one.translation?.get(sign) ?? sign).join('');
      else if (name === 'a') queue.push(text);
      else if (name === 'i') out += text;
      else if (name === 'c') {
        if (one.to === null || one.negated || !until.has(one)) out += text;
        continue cycle;
      } else if (name === 'r') queue.push(read(text));
      else if (name === 'w') save(text, space + end);
      else if (name === 'b') i = jump(text);
      else if (name === 't' && tested) {
        tested = false;
        i = jump(text);
      } else if (name === 'T' && !tested) i = jump(text);
      else if (name === 'q' || name === 'Q') {
        status = Number(text) || 0;
        quits = true;
        if (name === 'Q') prints = false;
        break;
      }
    }
    if (prints) put(space);
    flush();
    if (quits) break;
  }
  // A last line without its end stays so.
  if (!closed && out.endsWith(end) && at >= lines.length && queue.length === 0) out = out.slice(0, -1);
  return { out, status };
}
