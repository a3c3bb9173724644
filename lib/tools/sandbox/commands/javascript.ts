/** `js-exec`: just-bash's QuickJS, with its limits in sentences. `node`: where to go instead. */
import { command, done, inTime, Refusal } from './kit.ts';

/** What just-bash says, and what it means. */
const MEANINGS: [RegExp, string][] = [
  [/Data too large: \d+ > \d+/, 'more than 8 MB cannot be printed, read or written at once'],
  [/: interrupted\b/, ': it was ended, as it took too long'],
  [/\bError code: 0\b/, 'it printed too much'],
];

/** As Node has it, a script's own arguments begin at `process.argv[2]`, which are one place further in front here. */
function likeNode(args: string[]): string[] {
  const at = args.findIndex((arg) => !arg.startsWith('-') || arg === '-' || arg === '-c');
  const script = args[at];
  return script === undefined || script === '-c' ? args : args.toSpliced(at + 1, 0, script);
}

const jsExec = command('js-exec', async (args, context) => {
  const result = await context.origCommand?.(likeNode(args));
  if (result === undefined) throw new Refusal('not available in this shell', 127);
  const stderr = MEANINGS.reduce((text, [said, meant]) => text.replace(said, meant), inTime(result.stderr));
  return { ...result, stdout: Buffer.from(result.stdout, 'utf8').toString('latin1'), stderr };
});

const node = command('node', () => done('', 127, 'node: not available in this shell; js-exec runs JavaScript\n'));

export const JAVASCRIPT = [jsExec, node];
