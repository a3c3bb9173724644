/** Starts setup as a process: without a terminal, or in a pseudo terminal in which somebody types. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
type Ended = { status: number | null; output: string };

const start = (
  command: string,
  args: string[],
  env: Record<string, string>,
  typed: [RegExp, string][],
): Promise<Ended> => {
  const child = spawn(command, args, { env, stdio: 'pipe' });
  const left = [...typed];
  let output = '';
  let seen = 0;
  const read = (chunk: string) => {
    output += chunk;
    // An answer is typed when its question stands there, after what was answered before.
    for (let next = left[0]; next; next = left[0]) {
      const found = next[0].exec(stripVTControlCharacters(output.slice(seen)));
      if (!found) return;
      seen = output.length;
      left.shift();
      child.stdin.write(next[1]);
    }
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  if (typed.length === 0) child.stdin.end();
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, output: stripVTControlCharacters(output) })),
  );
};

export const unattended = (env: Record<string, string>, ...args: string[]): Promise<Ended> =>
  start(process.execPath, [MAIN, ...args], env, []);

/** `typed`: question → keys. */
export const atTerminal = (env: Record<string, string>, typed: [RegExp, string][], ...args: string[]): Promise<Ended> =>
  start(
    'script',
    ['-qec', `stty cols 200 rows 50; exec ${[process.execPath, MAIN, ...args].join(' ')}`, '/dev/null'],
    env,
    typed,
  );
