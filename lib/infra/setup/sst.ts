/** The `sst` command. Secrets reach it by a file that only its owner can read, never by a command line, which every user of a machine can see. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

type Run = { stage: string; env: Record<string, string | undefined>; root: string };

/** Throws if the command fails. What it prints of its own is shown. */
async function sst(args: string[], { stage, env, root }: Run): Promise<void> {
  const child = spawn('sst', [...args, '--stage', stage], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', () => reject(new Error('The command sst is not there: run `npm ci` first.')));
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
