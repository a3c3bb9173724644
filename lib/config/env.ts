/**
 * Configuration, read once. Every value is a plain variable of the same name. In the cloud, the resource that SST links to the function
 * gives the values that are secret or made by the deployment.
 */
import * as z from 'zod';
import { commaSeparated } from './forms.ts';
import { linksOf } from './links.ts';
import { REQUIRED_ENV, type RequiredBy, type RequiredName } from './required.ts';
import { missingForSearch } from './search.ts';
import { type FunctionName, SETTINGS, type Setting, type SettingName } from './settings.ts';
import { toolSecretVariable } from './tool-secrets.ts';

type Rows = typeof SETTINGS;
type Values<Name extends SettingName> = z.infer<z.ZodObject<{ [Each in Name]: Rows[Each]['schema'] }>>;

/** What a function reads: the settings that it requires, and all that may be left out. */
export type Env<Of extends FunctionName | 'all' = 'all'> = Values<RequiredBy<Of>> &
  Values<Exclude<SettingName, RequiredName>>;

const JWT = ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_ALGORITHMS'] as const;

/** With half of its settings, the tokens of an identity provider would be half checked. */
function wholeJwt(env: object, check: z.core.$RefinementCtx): void {
  const missing = JWT.filter((name) => Reflect.get(env, name) === undefined);
  if (missing.length === JWT.length) return;
  for (const name of missing)
    check.addIssue({ code: 'custom', path: [name], message: 'missing, but others of JWT_… are set' });
}

const wholeSearch =
  (of: FunctionName | 'all') =>
  (env: object, check: z.core.$RefinementCtx): void => {
    const missing = missingForSearch(env, { runsTools: of === 'iterate' || of === 'all' });
    if (missing) check.addIssue({ code: 'custom', path: [missing], message: 'missing, but SEARCH_SERVICE is set' });
  };

/** The secrets that this function was given, those of a list one by one. */
export function secretValues(env: object): string[] {
  return Object.entries<Setting>(SETTINGS).flatMap(([name, { secret }]) => {
    const value: string | undefined = secret && Reflect.get(env, name);
    if (value === undefined) return [];
    return secret === 'list' ? commaSeparated(value) : [value];
  });
}

type Variables = Record<string, string | undefined>;

let links: Variables | null = null;

/** What SST has linked to this function, under the names of the variables; read once. In `sst shell`, what is linked to any function. */
function linked(): Variables {
  links ??= Object.assign(
    {},
    ...Object.entries(linksOf(process.env)).map(([name, properties]) => (name.endsWith('Env') ? properties : {})),
  ) as Variables;
  return links;
}

const isRequired = (name: string): boolean => REQUIRED_ENV.all.some((each) => each === name);

/**
 * A variable that is set counts before a linked one. Throws one sentence that names every missing or wrong setting of this function. The
 * sentence holds no value, because values may be secrets.
 */
export function readEnv<Of extends FunctionName | 'all' = 'all'>(variables: Variables, of: Of = 'all' as Of): Env<Of> {
  const set = Object.entries(variables).filter(([, value]) => value !== undefined && value !== '');
  const required: readonly string[] = REQUIRED_ENV[of];
  const rows = Object.entries<Setting>(SETTINGS).filter(([name]) => required.includes(name) || !isRequired(name));
  const parsed = z
    .object(Object.fromEntries(rows.map(([name, { schema }]) => [name, schema])))
    .superRefine(wholeJwt)
    .superRefine(wholeSearch(of))
    .safeParse({ ...linked(), ...Object.fromEntries(set) });
  if (parsed.success) return parsed.data as Env<Of>;
  const faults = parsed.error.issues.map(
    (issue) =>
      `${issue.path.join('.')} ${issue.code === 'invalid_type' ? 'is missing' : `is not valid (${issue.message})`}`,
  );
  throw new Error(
    `Circadian cannot start: ${faults.join('; ')}. Set the variables, or link the resources, and start again.`,
  );
}

/** The values of these secrets, by name. One that has none is left out. As with settings, a variable counts before a linked value. */
export function readToolSecrets(variables: Variables, names: readonly string[]): ReadonlyMap<string, string> {
  const values = { ...linked(), ...variables };
  return new Map(
    names.flatMap((name) => {
      const value = values[toolSecretVariable(name)];
      return value ? [[name, value] as const] : [];
    }),
  );
}
