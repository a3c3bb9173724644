/**
 * `npm run package:try [-- NODE …]`: what a newcomer does, from `npm create circadian` to an agent that has ended, with the packages as they would be
 * published. Takes paths of other Nodes to try `circadian dev` with. Needs npm's registry; nothing is published, and all is made in a temporary folder.
 */
import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compareDeployments } from './compare.ts';
import { startRegistry } from './registry.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PACKAGES = ['circadian', 'create-circadian'];
/** The stand-in makes the calls that a goal spells out. */
const GOAL = `write_file {"path":"/poem.md","content":"Sleep is a tide."}\nword_count {"path":"/poem.md"}`;
const ANSWER = '/poem.md has 4 words.';
/** Of the project's own tool. */
const SAYS = 'Counts the words of a text file in the workspace.';
const MINUTES_10 = 600_000;

/** Exit code of a command whose session sleeps (docs/cli.md). */
const ASLEEP = 11;

/** A user's own, with the client. */
const PROGRAM = 'tools/client-program.ts';

const show = (line: string): void => void process.stdout.write(`${line}\n`);
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): string {
  const options = { cwd, env: { ...process.env, ...env }, encoding: 'utf8', timeout: MINUTES_10 } as const;
  return execFileSync(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
}

function sizeOf(folder: string): { files: number; megabytes: number } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return { files: files.length, megabytes: Math.round(bytes / 1e6) };
}

/** An agent that may have a third of the day's money, and has more to do. Throws unless it is asleep at the end. */
async function sleepOnShare(node: string, cli: string, options: SpawnOptions): Promise<void> {
  const calls = Array.from({ length: 60 }, (_, i) => `write_file {"path":"/${i}.md","content":"${i}"}`);
  const args = [cli, 'run', '-a', 'editor', '--share', '33', '--no-wait-sleep', '-w', calls.join('\n')];
  const child = spawn(node, args, { ...options, stdio: 'ignore' });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== ASLEEP) throw new Error(`An agent with a small share ended with ${code}, and not asleep.`);
}

/** Starts the local system, and has the project's own agent use the project's own tool. */
async function tryDev(project: string, node: string): Promise<void> {
  const began = performance.now();
  const cli = join(project, 'node_modules/circadian/cli/start.js');
  const dev = spawn(node, [cli, 'dev', '--port', '0', '--data', 'memory', '--no-sample'], {
    ...{ cwd: project, stdio: ['ignore', 'pipe', 'inherit'] },
  });
  try {
    const said: string[] = [];
    for await (const line of createInterface(dev.stdout)) {
      said.push(line);
      if (line.startsWith('API key')) break;
    }
    const [url = ''] = said;
    const key = said.at(-1)!.replace(/^API key\s+/, '');
    const up = seconds(began);
    const env = { CIRCADIAN_URL: url, CIRCADIAN_API_KEY: key };
    const told = run(node, [cli, 'run', '-a', 'editor', '-w', GOAL], project, env);
    if (!told.includes(ANSWER)) throw new Error(`The agent's own tool did not answer:\n${told}`);
    const atItsEnd = seconds(began);
    show(`A program with circadian/client: ${run(node, [PROGRAM, GOAL], project, env).trim()}`);
    await sleepOnShare(node, cli, { cwd: project, env: { ...process.env, ...env } });
    show(
      `${run(node, ['--version'], project).trim()}: up in ${up}, an agent with its own tool at its end after ${atItsEnd}, another asleep after ${seconds(began)}`,
    );
  } finally {
    const ended = new Promise((resolve) => dev.once('exit', resolve));
    dev.kill('SIGTERM');
    await ended;
  }
}

async function tryAll(folder: string, nodes: string[]): Promise<void> {
  run(process.execPath, [join(ROOT, 'package/build.ts')], ROOT);
  const tarballs = PACKAGES.map((name) =>
    join(folder, run('npm', ['pack', '--silent', join(ROOT, 'dist', name)], folder).trim()),
  );
  for (const [i, path] of tarballs.entries()) {
    const { files } = sizeOf(join(ROOT, 'dist', PACKAGES[i]!));
    show(`${PACKAGES[i]}: ${Math.round(statSync(path).size / 1000)} kB packed, ${files} files`);
  }
  const registry = await startRegistry(tarballs, run('npm', ['config', 'get', 'registry'], folder).trim());
  try {
    const began = performance.now();
    const env = { npm_config_registry: registry.url, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
    // A name with a space, and a folder that is not there.
    await passed('npm', ['create', '-y', 'circadian@latest', 'my agents'], folder, env);
    const project = join(folder, 'my agents');
    show(`npm create: ${seconds(began)}, ${sizeOf(join(project, 'node_modules')).megabytes} MB installed`);
    copyFileSync(join(ROOT, 'package/client-program.ts'), join(project, PROGRAM));
    for (const script of ['test', 'check']) await passed('npm', ['run', '--silent', script], project, env);
    show('npm test and npm run check pass');
    for (const node of nodes) await tryDev(project, node);
    show(await compareDeployments(project, SAYS));
  } finally {
    await registry.close();
  }
}

/** The registry of this process must answer meanwhile. */
const passed = (command: string, args: string[], cwd: string, env: Record<string, string>): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...{ cwd, env: { ...process.env, ...env }, timeout: MINUTES_10, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    let said = '';
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (text) => {
        said += text;
      });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${said}`)),
    );
  });

const folder = mkdtempSync(join(tmpdir(), 'circadian-package-'));
try {
  mkdirSync(folder, { recursive: true });
  await tryAll(folder, [process.execPath, ...process.argv.slice(2)]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
