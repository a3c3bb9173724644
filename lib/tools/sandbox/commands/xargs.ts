/** `xargs` and `env`: commands that run others. */
import { command, done, numberOf, parse, quoted, Refusal, type Result, run, toBytes, toText } from './kit.ts';

/** Words as xargs splits them: blanks between, quotes and backslashes taken away. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [found] of text.matchAll(/(?:\\.|'[^'\n]*'|"[^"\n]*"|[^\s'"\\])+/gs)) {
    words.push(found.replace(/\\(.)|'([^'\n]*)'|"([^"\n]*)"/gs, (_, a, b, c) => a ?? b ?? c));
  }
  return words;
}

const LONG = {
  ...{
    'max-args': 'n',
    'max-procs': 'P',
    null: '0',
    'no-run-if-empty': 'r',
    delimiter: 'd',
    replace: 'I',
    verbose: 't',
  },
  ...{ 'max-lines': 'L', 'arg-file': 'a' },
};
const ESCAPES: Record<string, string> = { '\\n': '\n', '\\t': '\t', '\\0': '\0' };

const xargs = command('xargs', async (args, context) => {
  const { options, operands } = parse(args, 'n:P:0rd:I:tL:s:x', LONG, true);
  const input = toText(context.stdin as unknown as string);
  const words = operands.length === 0 ? ['echo'] : operands;
  const mark = options.get('I');
  const items = (() => {
    if (options.has('0')) return input.split('\0').filter((item, at, all) => item !== '' || at < all.length - 1);
    const delimiter = options.get('d');
    if (delimiter !== undefined) return input.replace(/\n$/, '').split(ESCAPES[delimiter] ?? delimiter);
    if (mark !== undefined)
      return input
        .split('\n')
        .map((line) => line.trimStart())
        .filter((line) => line !== '');
    return wordsOf(input);
  })();
  const batches = (() => {
    if (mark !== undefined) return items.map((item) => words.map((word) => word.replaceAll(mark, item)));
    if (options.has('L')) {
      const lines = input.split('\n').filter((line) => line.trim() !== '');
      const size = numberOf(options.get('L'), 'number');
      return chunks(lines, size).map((group) => [...words, ...group.flatMap(wordsOf)]);
    }
    if (items.length === 0) return options.has('r') ? [] : [words];
    const size = options.has('n') ? numberOf(options.get('n'), 'number') : items.length;
    return chunks(items, size).map((group) => [...words, ...group]);
  })();
  return inTurn(batches, async (batch) => {
    const result = await run(context, batch);
    const told = options.has('t') ? `${batch.join(' ')}\n` : '';
    return { ...result, stderr: told + result.stderr };
  });
});

function chunks<T>(items: T[], size: number): T[][] {
  if (size < 1) throw new Refusal('the number must be at least 1');
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));
}

/** One after the other, whatever `-P` says. As xargs has it: 123 if one failed, 127 and an end if it is not there, 124 for 255. */
async function inTurn<T>(batches: T[], one: (batch: T) => Promise<Result>): Promise<Result> {
  const all = done('');
  for (const batch of batches) {
    const { stdout, stderr, exitCode } = await one(batch);
    all.stdout += stdout;
    all.stderr += stderr;
    if (exitCode === 127 || exitCode === 126 || exitCode === 255)
      return { ...all, exitCode: exitCode === 255 ? 124 : exitCode };
    if (exitCode !== 0) all.exitCode = 123;
  }
  return all;
}

const ASSIGNMENT = /^[A-Za-z_]\w*=/;

const env = command('env', async (args, context) => {
  const { options, operands } = parse(args, 'iu:0', { 'ignore-environment': 'i', unset: 'u', null: '0' }, true);
  const at = operands.findIndex((word) => !ASSIGNMENT.test(word));
  const given = at < 0 ? operands : operands.slice(0, at);
  const base = options.has('i') ? {} : { ...context.exportedEnv };
  for (const name of options.all('u')) delete base[name];
  const pairs = given.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
  const variables: Record<string, string> = { ...base, ...Object.fromEntries(pairs) };
  if (at < 0)
    return done(
      toBytes(
        Object.entries(variables)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      ),
    );
  const exports = Object.entries(options.has('i') ? variables : Object.fromEntries(pairs)).map(
    ([name, value]) => `export ${name}=${quoted(value)}; `,
  );
  const unset = options.all('u').map((name) => `unset ${name}; `);
  return run(context, operands.slice(at), context.stdin as unknown as string, [...unset, ...exports].join(''));
});

export const RUNNERS = [xargs, env];
