/** `sed`. It works on text. */
import { type Context, command, done, parse, Refusal, read, resolve, toBytes, toText } from '../kit.ts';
import { edited, type Files } from './editor.ts';
import { scriptOf } from './script.ts';

const LONG = {
  ...{
    quiet: 'n',
    silent: 'n',
    expression: 'e',
    file: 'f',
    'in-place': 'i',
    'regexp-extended': 'E',
    separate: 's',
    'null-data': 'z',
  },
  ...{ unbuffered: 'u', posix: 'p', debug: 'p', 'line-length': 'l' },
};

function splitLines(text: string, end: string): { lines: string[]; closed: boolean } {
  const lines = text.split(end);
  const closed = lines.at(-1) === '';
  if (closed) lines.pop();
  return { lines, closed: closed || text === '' };
}

const sed = command('sed', async (args, context) => {
  // `-i` takes its ending only when it stands right behind it.
  const inPlace = args.find(
    (arg, at) => /^(-[nErsz]*i|--in-place)/.test(arg) && (at === 0 || !/^-[nErsz]*[ef]$/.test(args[at - 1] ?? '')),
  );
  const ending = inPlace?.startsWith('--')
    ? (inPlace.split('=')[1] ?? '')
    : (inPlace?.replace(/^-[nErsz]*i/, '') ?? '');
  const words = args.flatMap((arg) =>
    arg === inPlace ? (/^-[nErsz]+i/.test(arg) ? [arg.replace(/i.*$/, '')] : []) : [arg],
  );
  const { options, operands } = parse(words, 'ne:f:Erszupl:', LONG);
  const scripts = options.all('e');
  for (const file of options.all('f'))
    scripts.push(
      toText(await read(context, file))
        .replace(/^#!.*\n/, '')
        .replace(/\n$/, ''),
    );
  if (scripts.length === 0) {
    const first = operands.shift();
    if (first === undefined) throw new Refusal('no script was given');
    scripts.push(first);
  }
  const source = scripts.join('\n');
  const syntax = options.has('E') || options.has('r') ? 'extended' : 'basic';
  const settings = { silent: options.has('n') || source.startsWith('#n\n'), end: options.has('z') ? '\0' : '\n' };
  const named = scriptOf(source, syntax).filter(({ name }) => name === 'r');
  const contents = new Map<string, string>();
  for (const { text } of named)
    contents.set(text, await read(context, text === '/dev/stdin' ? '-' : text).then(toText, () => ''));
  const files: Files = new Map();
  const play = (text: string) => {
    const { lines, closed } = splitLines(text, settings.end);
    return edited(scriptOf(source, syntax), lines, closed, settings, files, (path) => contents.get(path) ?? '');
  };
  const texts: { path: string; text: string }[] = [];
  let errors = '';
  for (const path of operands.length === 0 ? ['-'] : operands) {
    const text = await read(context, path).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      errors += `sed: can't read ${error.message}\n`;
      return null;
    });
    if (text !== null) texts.push({ path, text: toText(text) });
  }
  let stdout = '';
  let status = 0;
  if (inPlace !== undefined) {
    for (const { path, text } of texts) {
      const result = play(text);
      if (ending !== '')
        await context.fs.writeFile(
          resolve(context, ending.includes('*') ? ending.replaceAll('*', path) : path + ending),
          text,
        );
      await keep(context, path, result.out);
      status = result.status;
    }
  } else {
    const streams = options.has('s')
      ? texts.map(({ text }) => text)
      : [
          texts
            .map(({ text }, at) =>
              at < texts.length - 1 && text !== '' && !text.endsWith(settings.end) ? text + settings.end : text,
            )
            .join(''),
        ];
    for (const text of streams) {
      const result = play(text);
      stdout += result.out;
      status = result.status;
    }
  }
  for (const [path, text] of files) await context.fs.writeFile(resolve(context, path), text);
  return done(toBytes(stdout), errors === '' ? status : 2, errors);
});

/** The file keeps its mode. */
async function keep(context: Context, path: string, text: string) {
  const at = resolve(context, path);
  const { mode } = await context.fs.stat(at);
  await context.fs.writeFile(at, text);
  await context.fs.chmod(at, mode);
}

export const SED = [sed];
