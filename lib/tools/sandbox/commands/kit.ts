/**
 * What our own commands of the shell share. They stand in for those of just-bash that differ from the usual ones, or that it has not
 * (test/tools/shell compares them with the real ones). Data are strings of bytes (latin1), unless a command says that it works on text.
 */
import { type Command, defineCommand, type ExecResult, unsafeBytesFromLatin1 } from 'just-bash';

export type Context = Parameters<Parameters<typeof defineCommand>[1]>[1];
export type Result = Pick<ExecResult, 'stdout' | 'stderr' | 'exitCode' | 'stdoutKind' | 'stdoutEncoding'>;

/** A reason to stop, in the words for stderr; the command's name goes before it. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const done = (stdout: string, exitCode = 0, stderr = ''): Result => ({ stdout, stderr, exitCode });

/** A command whose output are bytes. */
export const command = (name: string, run: (args: string[], context: Context) => Promise<Result> | Result): Command =>
  defineCommand(name, async (args, context) => {
    try {
      const result = await run(args, context);
      return { ...result, stdoutKind: 'bytes' as const, stdout: result.stdout };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.exitCode === 0) return done(`Usage: ${name} ${error.message}\n`);
      return done('', error.exitCode, `${name}: ${error.message}\n`);
    }
  });

export type Options = {
  has: (flag: string) => boolean;
  get: (flag: string) => string | undefined;
  all: (flag: string) => string[];
};

/**
 * Options as getopt reads them, anywhere among the operands, until `--`. `flags`: letters, with `:` behind those that take a value; `long`
 * gives the letter of a long name.
 */
export function parse(
  args: string[],
  flags: string,
  long: Record<string, string> = {},
  stopAtOperand = false,
): { options: Options; operands: string[] } {
  const given = new Map<string, string[]>();
  const set = (flag: string, value = '') => void given.set(flag, [...(given.get(flag) ?? []), value]);
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      operands.push(...rest);
      break;
    }
    if (arg.startsWith('--')) {
      const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
      if (name === 'help') throw new Refusal(usageOf(flags, long), 0);
      const flag = long[name];
      if (flag === undefined) throw new Refusal(`unrecognized option '--${name}'`, 2);
      set(flag, value ?? (takesValue(flags, flag) ? rest.shift() : ''));
    } else if (arg.length > 1 && arg.startsWith('-')) {
      for (let at = 1; at < arg.length; at++) {
        const flag = arg[at] ?? '';
        if (!flags.includes(flag) || flag === ':') throw new Refusal(`invalid option -- '${flag}'`, 2);
        if (!takesValue(flags, flag)) {
          set(flag);
          continue;
        }
        const value = at + 1 < arg.length ? arg.slice(at + 1) : rest.shift();
        if (value === undefined) throw new Refusal(`option requires an argument -- '${flag}'`, 2);
        set(flag, value);
        break;
      }
    } else {
      operands.push(arg);
      if (stopAtOperand) {
        operands.push(...rest);
        break;
      }
    }
  }
  const all = (flag: string) => given.get(flag) ?? [];
  return { options: { has: (flag) => given.has(flag), get: (flag) => all(flag).at(-1), all }, operands };
}

/** All options, in place of a text about them. */
function usageOf(flags: string, long: Record<string, string>): string {
  const short = (flags.match(/[a-zA-Z0-9]:?/g) ?? []).map((flag) =>
    flag.endsWith(':') ? `-${flag[0]} VALUE` : `-${flag}`,
  );
  return `[OPTION]... [OPERAND]...\n  ${[...short, ...Object.keys(long).map((name) => `--${name}`)].join(' ')}`;
}

const takesValue = (flags: string, flag: string): boolean => flags[flags.indexOf(flag) + 1] === ':';

export const resolve = (context: Context, path: string): string => context.fs.resolvePath(context.cwd, path);

/** Bytes of a file, or of standard input for `-`. */
export async function read(context: Context, path: string): Promise<string> {
  if (path === '-') return context.stdin as unknown as string;
  const at = resolve(context, path);
  const stat = await context.fs.stat(at).catch(() => null);
  if (stat === null) throw new Refusal(`${path}: No such file or directory`);
  if (stat.isDirectory) throw new Refusal(`${path}: Is a directory`);
  return Buffer.from(await context.fs.readFileBuffer(at)).toString('latin1');
}

export const write = (context: Context, path: string, bytes: string): Promise<void> =>
  context.fs.writeFile(resolve(context, path), Buffer.from(bytes, 'latin1'));

/** Each input with its name; those that cannot be read are told in `errors`. */
export async function readEach(context: Context, name: string, operands: string[]) {
  const inputs: { path: string; bytes: string }[] = [];
  let errors = '';
  for (const path of operands.length === 0 ? ['-'] : operands) {
    try {
      inputs.push({ path, bytes: await read(context, path) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      errors += `${name}: ${error.message}\n`;
    }
  }
  return { inputs, errors, exitCode: errors === '' ? 0 : 1 };
}

/** Lines without their ends. A newline at the end closes the last line. */
export function linesOf(bytes: string, end = '\n'): string[] {
  const lines = bytes.split(end);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export const joined = (lines: string[], end = '\n'): string => lines.map((line) => line + end).join('');

export const toBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
export const toText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

/** One word for the shell. */
export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** Runs a command of the shell with these words and these bytes as its input. */
export async function run(context: Context, words: string[], stdin = '', before = ''): Promise<Result> {
  if (!context.exec) throw new Refusal('cannot run other commands here');
  const text = before + words.map(quoted).join(' ');
  const result = await context.exec(text, { cwd: context.cwd, stdin, stdinKind: 'bytes' });
  const isBytes = result.stdoutKind === 'bytes' || result.stdoutEncoding === 'binary';
  return { ...result, stdout: isBytes ? result.stdout : toBytes(result.stdout) };
}

export const asBytes = unsafeBytesFromLatin1;

export function numberOf(text: string | undefined, what: string): number {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) throw new Refusal(`invalid ${what}: '${text}'`);
  return Number(text);
}

/** What one command may use before it ends kindly, with a message and with the files so far: the process ends with nothing. */
const MOST_MS = 10_000;
const MOST_CHARACTERS = 64_000_000;
const TURNS = 4096;

/** What just-bash says of a time limit, in our words. */
export const inTime = (stderr: string): string =>
  stderr.replace(
    /Execution timeout: exceeded (\d+)ms limit/,
    (_, ms) => `it was ended after ${Number(ms) / 1000} s, which is the limit`,
  );

/** To be told of every turn of a loop, and of the length of what grows in it. Throws a `Refusal`. */
export function createPatience(): (length?: number) => void {
  const until = performance.now() + MOST_MS;
  let turns = 0;
  return (length = 0) => {
    if (length > MOST_CHARACTERS)
      throw new Refusal(`a text has more than ${MOST_CHARACTERS} characters, which is the limit`, 2);
    turns += 1;
    if (turns % TURNS === 0 && performance.now() > until)
      throw new Refusal(`it was ended after ${MOST_MS / 1000} s, which is the limit`, 124);
  };
}
