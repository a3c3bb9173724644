/**
 * Stands in for the `pulumi` program that the real `sst` command starts: it runs SST's program, so SST's own components, on mocked providers,
 * and says what would be made: to sst in the engine's event log, to the test in the file that FAKE_PULUMI_RESOURCES names.
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { accountIn, type Outputs, type Overrides } from './account.ts';

/** What a run of the program came to. `config`: what the command configured its providers with. */
export type Synthesis = { made: Made[]; outputs: Record<string, unknown>; config: Record<string, string> };

export type Made = {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  protect: boolean;
  retainOnDelete: boolean;
  /** Names of the resources that must be there before. */
  dependsOn: string[];
  /** Of what is linked: the properties that the engine keeps encrypted in its state. */
  secret: string[];
};

const VERSION = 'v3.215.0';
const LINKED = 'sst:sst:LinkRef';
/** Pulumi's mark on secrets and assets that travel as plain JSON. */
const SIGNATURE = '4dabf18193072939515e22adb298388d';

const args = process.argv.slice(2);
const option = (name: string): string => args[args.indexOf(name) + 1] ?? '';

type Options = { protect?: unknown; retainOnDelete?: unknown; dependsOn?: unknown };
type Registered = { type: string; name: string; opts: Options; props: Record<string, unknown> };
type Runtime = {
  setMocks(mocks: object, project: string, stack: string, preview: boolean, organization: string): void;
  runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  disconnect(): Promise<void>;
  registerStackTransformation(see: (args: Registered) => undefined): void;
};

const unwrapped = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unwrapped);
  if (value === null || typeof value !== 'object') return value;
  if (SIGNATURE in value && 'value' in value) return unwrapped(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unwrapped(one)]));
};

type Output = { isSecret?: Promise<boolean> };
/** Names of the properties whose values are marked as secret. */
const secretsOf = async (properties: Record<string, Output | string>): Promise<string[]> => {
  const names = Object.entries(properties).map(async ([name, value]) =>
    typeof value === 'object' && (await value.isSecret) ? [name] : [],
  );
  return (await Promise.all(names)).flat();
};

/** The values of `--config provider:key=value`. */
const configuration = (): Record<string, string> =>
  Object.fromEntries(
    args.flatMap((arg, i) => (args[i - 1] === '--config' ? [arg.split(/=(.*)/s).slice(0, 2) as [string, string]] : [])),
  );

const initialise = (stack: string): void => {
  const [, app = '', stage = ''] = stack.split('/');
  const folder = join(process.cwd(), '.pulumi/stacks', app);
  const manifest = { time: new Date().toISOString(), magic: 'fake', version: VERSION };
  mkdirSync(folder, { recursive: true });
  const checkpoint = { stack, latest: { manifest, resources: [] } };
  writeFileSync(join(folder, `${stage}.json`), JSON.stringify({ version: 3, checkpoint }));
};

/** Asks the stand-ins that a test started in place of the vendors: address of a vendor → address of its stand-in. */
const toStandIns = (addresses: [string, string][]): void => {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const [from, to] = addresses.find(([vendor]) => String(input).startsWith(vendor)) ?? ['', ''];
    return fetch(to + String(input).slice(from.length), init);
  };
};

const nameOf = (dependency: unknown): string => String((dependency as { __name?: string }).__name);

const preview = async (): Promise<void> => {
  const [, app = '', stage = ''] = option('--stack').split('/');
  const main = /^main: (.*)$/m.exec(readFileSync('Pulumi.yaml', 'utf8'))?.[1] ?? '';
  const { runtime } = createRequire(main)('@pulumi/pulumi') as { runtime: Runtime };
  const given = JSON.parse(process.env.FAKE_PULUMI_OVERRIDES ?? '{}') as Overrides;
  const config = configuration();
  const account = accountIn(config['aws:region'] ?? '', given);
  const made: Made[] = [];
  const options = new Map<string, Options>();
  const linked = new Map<string, Record<string, Output | string>>();
  let sequence = 0;
  const tell = (event: object) =>
    appendFileSync(
      option('--event-log'),
      `${JSON.stringify({ sequence: sequence++, timestamp: Math.floor(Date.now() / 1_000), ...event })}\n`,
    );
  const end = (status: number): never => {
    const changes = { create: made.length };
    tell({ summaryEvent: { maybeCorrupt: false, durationSeconds: 1, resourceChanges: changes, PolicyPacks: {} } });
    process.exit(status);
  };
  const fail = (error: unknown): never => {
    tell({ diagnosticEvent: { message: String((error as Error)?.stack ?? error), color: 'never', severity: 'error' } });
    return end(255);
  };
  process.on('unhandledRejection', fail);
  toStandIns(JSON.parse(process.env.FAKE_VENDORS ?? '[]'));

  const newResource = (resource: { type: string; name: string; inputs: Record<string, unknown>; custom: boolean }) => {
    const { type, name: logical } = resource;
    const inputs = unwrapped(resource.inputs) as Record<string, unknown>;
    const name = String(inputs.name ?? `${app}-${stage}-${logical}`);
    made.push({ type, name: logical, inputs, protect: false, retainOnDelete: false, dependsOn: [], secret: [] });
    const urn = `urn:pulumi:${stage}::${app}::${type}::${logical}`;
    const state = { urn, type, custom: resource.custom, id: logical, parent: '', provider: '', inputs, outputs: {} };
    const metadata = { op: 'create', urn, type, old: null, new: state, keys: null, diffs: null, detailedDiff: null };
    tell({ resOutputsEvent: { metadata: { ...metadata, logical: true, provider: '' }, planning: true } });
    const outputs: Outputs = account.outputsOf(type, name);
    const id =
      type === 'aws:sqs/queue:Queue' ? outputs.url : type.startsWith('aws:lambda/function:') ? name : `${logical}-id`;
    return { id, state: { ...resource.inputs, ...outputs } };
  };
  const call = ({ token, inputs }: { token: string; inputs: Record<string, unknown> }) =>
    account.answerTo(token, inputs);
  // Not as a preview, in which some inputs would stay unknown.
  runtime.setMocks({ newResource, call }, app, stage, false, 'organization');
  try {
    let outputs: unknown;
    await runtime.runInPulumiStack(async () => {
      runtime.registerStackTransformation(({ type, name, opts, props }) => {
        options.set(`${type} ${name}`, opts);
        if (type === LINKED) linked.set(name, props.properties as Record<string, Output | string>);
        return undefined;
      });
      outputs = (await import(pathToFileURL(main).href)).default;
      return outputs;
    });
    await runtime.disconnect();
    const file = process.env.FAKE_PULUMI_RESOURCES;
    for (const one of made) {
      const { protect, retainOnDelete, dependsOn } = options.get(`${one.type} ${one.name}`) ?? {};
      one.protect = protect === true;
      one.retainOnDelete = retainOnDelete === true;
      one.dependsOn = [dependsOn ?? []].flat().map(nameOf);
      if (one.type === LINKED) one.secret = await secretsOf(linked.get(one.name) ?? {});
    }
    if (file) {
      mkdirSync(dirname(file), { recursive: true });
      // `_protect` is SST's own.
      type Said = { promise(): Promise<string> } | string;
      const { _protect, url, alarms } = (outputs ?? {}) as { _protect?: boolean; url?: Said; alarms?: Said };
      const said = (text?: Said) => (typeof text === 'object' ? text.promise() : text);
      writeFileSync(
        file,
        JSON.stringify({
          made,
          outputs: { _protect, url: await said(url), alarms: await said(alarms) },
          config,
        } satisfies Synthesis),
      );
    }
  } catch (error) {
    fail(error);
  }
  end(0);
};

if (args[0] === 'version') process.stdout.write(`${VERSION}\n`);
else if (args[0] === 'stack') initialise(args[2] ?? '');
else await preview();
