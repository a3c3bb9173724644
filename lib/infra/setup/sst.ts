/** The `sst` command. Secrets reach it by a file that only its owner can read, never by a command line, which every user of a machine can see. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as z from 'zod';

type Run = { stage: string; env: Record<string, string | undefined>; root: string };

/** A project need not have its 72 MB: then npx fetches the release with which all was tried. */
const RELEASE = 'sst@4.17.1';

/** The command that is on the PATH, as in a script of npm; the project's; or npx. */
function commandOf(root: string, path = ''): [string, string[]] {
  const folders = [...path.split(delimiter), join(root, 'node_modules/.bin')];
  const found = folders.map((folder) => join(folder, 'sst')).find((file) => existsSync(file));
  return found ? [found, []] : ['npx', ['--yes', RELEASE]];
}

/** Throws if the command fails. What it prints of its own is shown. */
async function sst(args: string[], { stage, env, root }: Run): Promise<void> {
  const [command, first] = commandOf(root, env.PATH);
  const options = { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] } satisfies SpawnOptions;
  const child = spawn(command, [...first, ...args, '--stage', stage], options);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', () => reject(new Error('The command sst is not there: install the packages first (`npm ci`).')));
    child.on('close', resolve);
  });
  if (status !== 0)
    throw new Error(
      `\`sst ${args[0]} ${args[0] === 'secret' ? 'load' : `--stage ${stage}`}\` failed, as it says above.`,
    );
}

export async function loadSecrets(secrets: Record<string, string>, run: Run): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-setup-'));
  try {
    const file = join(folder, 'secrets.env');
    const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    await sst(['secret', 'load', file], run);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const Outputs = z.object({ url: z.url() });

/** Deploys and returns the URL. Source: https://sst.dev/docs/reference/config (outputs are written to .sst/outputs.json) */
export async function deploy(run: Run): Promise<string> {
  const path = join(run.root, '.sst/outputs.json');
  rmSync(path, { force: true });
  await sst(['deploy'], run);
  const outputs = Outputs.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!outputs.success) throw new Error('sst deployed, and did not say at which URL: `sst deploy` again prints it.');
  return outputs.data.url;
}
