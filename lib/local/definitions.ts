/** circadian.config.ts as the local system takes it: loaded, and refused with sentences before anything is started. */
import { ConfigError, catalogOf } from '../agents/catalog.ts';
import { type Config, secretNames } from '../agents/config.ts';
import { isKnownModel, MODEL_COST_WEIGHTS, usePrices } from '../budget/index.ts';
import { readToolSecrets } from '../config/env.ts';
import { prices } from '../config/forms.ts';
import { toolSecretVariable } from '../config/tool-secrets.ts';
import { StartError } from './start-error.ts';

type Variables = Record<string, string | undefined>;

/** Throws `StartError`. */
export async function loadDefinitions(): Promise<Config> {
  try {
    return (await import('#config')).default;
  } catch (error) {
    throw new StartError(
      `circadian.config.ts cannot be loaded: ${(error as Error)?.message ?? error}. Nothing was started.`,
    );
  }
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
