/** The functions of the deployment, with the limits that they have in the cloud (lib/infra/deployment.ts). */
import { join, relative } from 'node:path';
import { bundleFunctions } from './bundles.ts';
import type { LambdaFunction } from './lambda/function.ts';
import { CACHE, PACKAGE, PROJECT } from './project.ts';

const MINUTE_MS = 60_000;

export const ITERATE_TIMEOUT_MS = 15 * MINUTE_MS;
export const BURY_TIMEOUT_MS = MINUTE_MS;

/** `toolSecrets`: variables that the function which runs tools has alone. */
type Settings = {
  env: Record<string, string>;
  toolSecrets: Record<string, string>;
  concurrency: number;
  iterateHandler?: string;
};

/** Throws esbuild's `BuildFailure` for sources that cannot be bundled. */
export async function functionsOf(settings: Settings): Promise<LambdaFunction[]> {
  const functions = definitions(settings);
  const folder = await bundleFunctions(functions.map(({ handler }) => handler));
  return functions.map((one) => ({ ...one, handler: relative(one.root, join(PROJECT, folder, one.handler)) }));
}

function definitions({
  env,
  toolSecrets,
  concurrency,
  iterateHandler = 'functions/iterate.handler',
}: Settings): LambdaFunction[] {
  // Half of a cold start is compiling. A minute, not ten seconds, to load: this machine may be busy.
  const cached = { NODE_COMPILE_CACHE: CACHE, ...env };
  const base = { root: PROJECT, env: cached, memoryMb: 1_024, initTimeoutMs: MINUTE_MS };
  return [
    {
      ...{ ...base, name: 'iterate', handler: iterateHandler, timeoutMs: ITERATE_TIMEOUT_MS, concurrency },
      env: { ...cached, ...toolSecrets },
    },
    // Two, so that a receiver of alerts that takes its time keeps no alarm waiting.
    { ...base, name: 'wake', handler: 'functions/wake.handler', timeoutMs: MINUTE_MS, concurrency: 2 },
    {
      ...base,
      name: 'deadLetter',
      handler: 'functions/dead-letter.handler',
      timeoutMs: BURY_TIMEOUT_MS,
      concurrency: 1,
    },
    {
      // The statements lie beside its code.
      ...{ ...base, root: PACKAGE, name: 'migrate', handler: 'functions/migrate.handler' },
      ...{ timeoutMs: 5 * MINUTE_MS, concurrency: 1 },
    },
  ];
}
