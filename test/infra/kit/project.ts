/**
 * The project in a folder of its own, where the real `sst` command can work: sources copied, so that a test may change them and nothing is
 * written into the repository; packages and SST's platform files by symbolic link.
 */
import { execFile } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ADDRESSES } from '../../../lib/infra/check.ts';
import { KEY, type Overrides } from './account.ts';
import { startFakeAws } from './aws.ts';
import { type Links, linksOf } from './links.ts';
import type { Synthesis } from './pulumi.ts';
import { ACCOUNTS, startVendors } from './vendors.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PLATFORM = join(ROOT, '.sst/platform');

/** Whether `npm run infra:install` has been here. */
export const installed =
  existsSync(join(PLATFORM, 'config.d.ts')) && existsSync(join(PLATFORM, 'node_modules/@pulumi/aws'));

const SOURCES = [
  'functions',
  'lib',
  'schema',
  'migrations',
  'sst.config.ts',
  'circadian.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.infra.json',
];
const LINKS = ['node_modules', '.sst/platform', '.sst/provider-lock.json'];
/** What every stage needs before it can be deployed. */
export const SECRETS = { AnthropicApiKey: 'sk-ant-planted', AdminApiKey: 'planted-operator-key-of-some-length' };

/** What the vendors' providers read. */
const { neon, upstash } = ACCOUNTS;
const PROVIDERS = { NEON_API_KEY: neon.key, UPSTASH_API_KEY: upstash.key, UPSTASH_EMAIL: upstash.email };

export type Run = { status: number; output: string };
/** `app`: what `sst.config.ts` says of the app itself for that stage. */
export type Diff = Run & Synthesis & { links: Links; app: unknown };
/** `dev`: as `sst dev` would make it. */
type Ask = { stage?: string; env?: Record<string, string>; overrides?: Overrides; dev?: boolean };

export type Project = Awaited<ReturnType<typeof startProject>>;

/**
 * `edit` changes the text of a source: path → old text → new text. The caller closes it. `code: false`: functions that do nothing. The bundles of
 * the real ones are half of the time of a diff, and change nothing about what it would make. `from`: a project that has the package installed; left
 * out, the repository.
 */
export const startProject = async (
  secrets: Record<string, string> = SECRETS,
  { code = true, from }: { code?: boolean; from?: string } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-infra-'));
  const home = join(folder, '.home');
  const sources = from ? readdirSync(from).filter((name) => !/^(node_modules|\.\w+)$/.test(name)) : SOURCES;
  for (const source of sources) cpSync(join(from ?? ROOT, source), join(folder, source), { recursive: true });
  if (!code) emptyHandlers(join(folder, 'functions'));
  mkdirSync(join(folder, '.sst'));
  for (const link of LINKS)
    symlinkSync(join(link === 'node_modules' ? (from ?? ROOT) : ROOT, link), join(folder, link));
  plantPulumi(join(home, 'sst/bin'));
  const aws = await startFakeAws();
  const vendors = await startVendors();
  const standIns = Object.entries(ADDRESSES).map(([vendor, at]) => [
    at,
    vendors.addresses[vendor as keyof typeof ADDRESSES],
  ]);
  const results = join(folder, '.home/resources.json');

  const sst = (args: string[], { stage = 'dev', env = {}, overrides = {} }: Ask = {}): Promise<Run> =>
    new Promise((resolve) => {
      const variables = {
        ...{ PATH: `${join(process.execPath, '..')}:${process.env.PATH}`, HOME: home, XDG_CONFIG_HOME: home },
        ...{ SST_NO_BUN: '1', SST_TELEMETRY_DISABLED: '1', SST_SKIP_DEPENDENCY_CHECK: '1', CI: '1' },
        ...{ AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_REGION: 'us-east-1' },
        ...{ AWS_EC2_METADATA_DISABLED: 'true', npm_config_prefer_offline: 'true', npm_config_ignore_scripts: 'true' },
        ...{ npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME ?? '', '.npm') },
        ...PROVIDERS,
        FAKE_VENDORS: JSON.stringify(standIns),
        ...{ FAKE_PULUMI_RESOURCES: results, FAKE_PULUMI_OVERRIDES: JSON.stringify(overrides) },
        ...env,
      };
      const command = join(ROOT, 'node_modules/.bin/sst');
      const options = { cwd: folder, env: variables, timeout: 240_000, maxBuffer: 1 << 26 };
      execFile(command, [...args, '--stage', stage], options, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ status: code, output: `${stdout}\n${stderr}` });
      });
    });

  const setSecrets = async (stage: string) => {
    const file = join(home, 'secrets.env');
    writeFileSync(
      file,
      Object.entries(secrets)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const load = () => sst(['secret', 'load', file], { stage });
    const first = await load();
    // The first command in a new folder has met its unexpected error once in hundreds of runs. Secrets are what is given, not what is tested.
    const { status, output } = first.status === 0 ? first : await load();
    if (status !== 0) throw new Error(`sst secret load: ${output}\n${lastLines(join(folder, '.sst/log/sst.log'))}`);
  };

  const close = async (): Promise<void> => {
    await aws.close();
    await vendors.close();
    rmSync(folder, { recursive: true, force: true });
  };

  return {
    folder,
    vendors,
    sst,
    async diff(ask: Ask = {}): Promise<Diff> {
      rmSync(results, { force: true });
      if (Object.keys(secrets).length > 0) await setSecrets(ask.stage ?? 'dev');
      const run = await sst(ask.dev ? ['diff', '--dev'] : ['diff'], ask);
      const none: Synthesis = { made: [], outputs: {}, config: {} };
      const synthesis = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as Synthesis) : none;
      const links = run.status === 0 ? linksOf(join(folder, '.sst/artifacts'), KEY) : {};
      return { ...run, ...synthesis, links, app: await appOf(join(folder, 'sst.config.ts'), ask.stage ?? 'dev') };
    },
    edit(path: string, from: string, to: string): void {
      const text = readFileSync(join(folder, path), 'utf8');
      if (!text.includes(from)) throw new Error(`${path} does not say ${from}`);
      writeFileSync(join(folder, path), text.replace(from, to));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};

const emptyHandlers = (functions: string): void => {
  for (const name of readdirSync(functions)) writeFileSync(join(functions, name), 'export const handler = () => {};\n');
};

type Config = { app(input: { stage: string }): Promise<unknown> };
/** The command reads it the same way; a program sees little of it. */
const appOf = async (path: string, stage: string): Promise<unknown> => {
  const module = join(path, '../sst.config.app.mjs');
  const code = stripTypeScriptTypes(readFileSync(path, 'utf8'));
  writeFileSync(module, `const $config = (config) => config;\n${code}`);
  // Each read sees what was edited meanwhile.
  const { default: config }: { default: Config } = await import(`${pathToFileURL(module).href}?${performance.now()}`);
  return config.app({ stage });
};

/** SST says of what it did not expect only that it is in its log. */
const lastLines = (path: string): string =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-15).join('\n') : '';

/** Where the command looks for `pulumi`. */
const plantPulumi = (bin: string): void => {
  mkdirSync(bin, { recursive: true });
  const script = fileURLToPath(new URL('./pulumi.ts', import.meta.url));
  writeFileSync(join(bin, 'pulumi'), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(join(bin, 'pulumi'), 0o755);
};
