/** circadian.config.ts as the local system takes it: loaded, and refused with sentences before anything is started. */
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigError, catalogOf } from '../agents/catalog.ts';
import { type Config, secretNames } from '../agents/config.ts';
import { isKnownModel, MODEL_COST_WEIGHTS, usePrices } from '../budget/index.ts';
import { readToolSecrets } from '../config/env.ts';
import { prices } from '../config/forms.ts';
import { toolSecretVariable } from '../config/tool-secrets.ts';
import { DEFINITIONS, IS_SOURCE, requireProject } from './project.ts';
import { StartError } from './start-error.ts';

type Variables = Record<string, string | undefined>;

/** Throws `StartError`. */
export async function loadDefinitions(): Promise<Config> {
  requireProject();
  try {
    return (IS_SOURCE ? await import('#config') : await import(pathToFileURL(DEFINITIONS).href)).default;
  } catch (error) {
    const why = String((error as Error)?.message ?? error).replace(/\.$/, '');
    throw new StartError(`circadian.config.ts cannot be loaded: ${why}${placeOf(error)}. Nothing was started.`);
  }
}

/** The first file of the stack and its line. Of what Node cannot parse, they stand there alone. */
function placeOf(error: unknown): string {
  const [, place] = /(?:^|file:\/\/)(\/[^\s()]*:\d+)/m.exec(String((error as Error)?.stack)) ?? [];
  return place ? ` (${relative(process.cwd(), place)})` : '';
}

/**
 * The variables of the tools' secrets, for the one function that runs tools. Throws `StartError` for definitions that cannot be used.
 * `priced`: the setting PRICES, which may add the models that they name.
 */
export function checkedSecrets(config: Config, variables: Variables, priced?: string): Record<string, string> {
  usePrices(priced ? prices.parse(priced) : MODEL_COST_WEIGHTS);
  const values = readToolSecrets(variables, secretNames(config));
  try {
    catalogOf(config, { isKnownModel, secret: (name) => values.get(name) });
  } catch (error) {
    throw error instanceof ConfigError ? new StartError(`${error.message} Nothing was started.`) : error;
  }
  return Object.fromEntries([...values].map(([name, value]) => [toolSecretVariable(name), value]));
}
