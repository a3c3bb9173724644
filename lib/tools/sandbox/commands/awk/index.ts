/** `awk`. It works on text. */
import { type Context, command, done, parse, Refusal, read, resolve, run, toText as textOf, toBytes } from '../kit.ts';
import { unescaped } from './lexer.ts';
import { createMachine, type Given, Need } from './machine.ts';
import { played } from './program.ts';

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

function assignmentOf(word: string): [string, string] {
  const [, name, value = ''] = ASSIGNMENT.exec(word) ?? [];
  if (name === undefined) throw new Refusal(`not an assignment: ${word}`, 2);
  return [name, unescaped(value)];
}

/** More answers than this cost the run as often. */
const MOST_ANSWERS = 1000;

const awk = (name: string) =>
  command(name, async (args, context) => {
    const { options, operands } = parse(args, 'F:v:f:', { 'field-separator': 'F', assign: 'v', file: 'f' }, true);
    const files = await Promise.all(options.all('f').map(async (path) => textOf(await read(context, path))));
    const program = files.length > 0 ? files.join('\n') : operands.shift();
    if (program === undefined) throw new Refusal('no program was given', 2);
    const separator = options.get('F');
    const given: Given = {
      inputs: [],
      answers: new Map(),
      variables: [
        ...(separator === undefined
          ? []
          : [['FS', separator === 't' ? '\t' : unescaped(separator)] as [string, string]]),
        ...options.all('v').map(assignmentOf),
      ],
      environment: context.exportedEnv ?? {},
      arguments: [name, ...operands],
    };
    for (const path of operands) {
      if (ASSIGNMENT.test(path)) given.inputs.push({ name: '', text: '', assign: assignmentOf(path) });
      else {
        const text = await read(context, path).catch((error: unknown) => {
          if (error instanceof Refusal) return null;
          throw error;
        });
        given.inputs.push({ name: path === '-' ? '' : path, text: text === null ? null : textOf(text) });
      }
    }
    if (!operands.some((path) => !ASSIGNMENT.test(path)))
      given.inputs.push({ name: '', text: textOf(await read(context, '-')) });
    return toItsEnd(program, given, context);
  });

/** From the beginning for each thing that it needs of the shell. */
async function toItsEnd(program: string, given: Given, context: Context) {
  for (let count = 0; count < MOST_ANSWERS; count++) {
    const machine = createMachine(given);
    try {
      const exitCode = played(program, machine);
      await save(machine.files, context, true);
      const { output, errors, isMissing } = machine.finish();
      let stdout = '';
      for (const piece of output)
        stdout +=
          'text' in piece
            ? toBytes(piece.text)
            : (await run(context, ['sh', '-c', piece.command], toBytes(piece.input))).stdout;
      return done(stdout, isMissing && exitCode === 0 ? 2 : exitCode, errors);
    } catch (error) {
      if (!(error instanceof Need)) throw error;
      await save(machine.files, context, false);
      const key = `${error.kind}:${error.what}`;
      given.answers.set(key, [...(given.answers.get(key) ?? []), await answered(error, context)]);
    }
  }
  throw new Refusal(`it asked for other commands and files more than ${MOST_ANSWERS} times`, 2);
}

async function answered({ kind, what }: Need, context: Context) {
  if (kind === 'command') {
    const { stdout, exitCode } = await run(context, ['sh', '-c', what]);
    return { text: textOf(stdout), exitCode };
  }
  const text = await read(context, what).catch(() => null);
  return text === null ? null : { text: textOf(text), exitCode: 0 };
}

/** What was written so far, so that commands see it; what is only added waits for the end, since it must not be added twice. */
async function save(files: Map<string, { text: string[]; append: boolean }>, context: Context, atEnd: boolean) {
  for (const [path, { text, append }] of files) {
    const at = resolve(context, path);
    const bytes = Buffer.from(text.join(''));
    if (append && atEnd) await context.fs.appendFile(at, bytes);
    else if (!append) await context.fs.writeFile(at, bytes);
  }
}

export const AWK = ['awk', 'gawk', 'mawk'].map(awk);
