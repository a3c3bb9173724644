/** `python3` and `python`: just-bash's CPython 3.13, and what it should have said. */
import { type Context, command, done, inTime, Refusal, type Result, read, toBytes, toText } from '../kit.ts';
import { launcherOf, MARK, SPOOL, type Task } from './launcher.ts';

const USAGE = '[-c CODE | -m MODULE | FILE | -] [ARGUMENT]...';

async function taskOf(args: string[], context: Context): Promise<Task> {
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--help' || arg === '-h') throw new Refusal(USAGE, 0);
    if (arg === '--') return await scriptOf(rest.shift() ?? '-', rest, context);
    if (!/^-[a-zA-Z]/.test(arg)) return await scriptOf(arg, rest, context);
    const kind = arg[1] ?? '';
    if (!'cmWX'.includes(kind)) continue;
    const value = arg.slice(2) || rest.shift();
    if (value === undefined) throw new Refusal(`argument expected for the -${kind} option`, 2);
    const task = { file: null, argv: [`-${kind}`, ...rest] };
    if (kind === 'c') return { ...task, source: value, name: '<string>', module: null };
    if (kind === 'm') return { ...task, source: '', name: value, module: value };
  }
  return await scriptOf('-', [], context);
}

async function scriptOf(path: string, rest: string[], context: Context): Promise<Task> {
  const source = toText(await read(context, path));
  const [name, file] = path === '-' ? ['<stdin>', null] : [path, path];
  return { source, name, file, module: null, argv: [path, ...rest] };
}

/** Lines in the order in which they were printed. `ended`: the launcher came to its end. */
async function printedOf(lines: string[], { fs }: Context): Promise<{ stdout: string; ended: boolean }> {
  const pieces: string[] = [];
  let ended = false;
  for (const line of lines) {
    const rest = line.slice(MARK.length);
    if (line.startsWith(MARK) && /^\d+\.$/.test(rest)) {
      const path = `${SPOOL}/${rest.slice(0, -1)}`;
      pieces.push(Buffer.from(await fs.readFileBuffer(path)).toString('latin1'));
      await fs.rm(path);
    } else if (line === MARK) ended = true;
    else if (line.startsWith(MARK)) pieces.push(Buffer.from(rest, 'base64').toString('latin1'));
    else pieces.push(toBytes(`${line}\n`));
  }
  return { stdout: pieces.join(''), ended };
}

/** What just-bash can carry at once, and what its file system holds. */
const IO_ERROR =
  'python3: [Errno 29] means that a file over 8 MB was read or written, or that all files together are too large\n';
/** How CPython ends when not even the error fits into its memory. */
const FATAL = 'Fatal Python error';
const NO_MEMORY = 'python3: it ended abruptly, most likely for want of memory; hold less at once\n';
const ABRUPT = 'python3: it ended abruptly; there are no sockets, threads or processes\n';

async function told({ stdout, stderr: said, exitCode }: Result, context: Context): Promise<Result> {
  const stderr = inTime(said);
  const lines = stdout.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const { stdout: printed, ended } = await printedOf(lines, context);
  if (stderr.includes('[Errno 29]')) return { stdout: printed, stderr: stderr + IO_ERROR, exitCode: exitCode || 1 };
  if (stderr.includes(FATAL)) return { stdout: printed, stderr: stderr + NO_MEMORY, exitCode };
  return { stdout: printed, stderr: ended || stderr !== '' ? stderr : ABRUPT, exitCode };
}

const python = (name: string) =>
  command(name, async (args, context) => {
    if (args[0] === '-V' || args[0] === '--version') return done('Python 3.13.2\n');
    const launched = await context.origCommand?.(['-c', launcherOf(await taskOf(args, context))]);
    if (launched === undefined) throw new Refusal('not available in this shell', 127);
    return await told(launched, context);
  });

export const PYTHON = [python('python3'), python('python')];
