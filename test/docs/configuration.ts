/** docs/configuration.md, made from the tables of settings and options, so that each is described in one place. */
import * as z from 'zod';
import { GROUPS, type Setting } from '../../lib/config/settings.ts';
import { DEPLOY_OPTIONS, VENDOR_KEYS } from '../../lib/infra/options.ts';
import { LOCAL_DEFAULTS, STAND_IN_DEFAULTS, START_OPTIONS } from '../../lib/local/options.ts';

type Rows = [name: string, row: Setting][];
const rowsOf = (group: Record<string, Setting>): Rows => Object.entries(group);

type Schema = { default?: unknown; enum?: string[]; type?: string; format?: string } & {
  minimum?: number;
  maximum?: number;
  unit?: string;
  form?: string;
};
const schemaOf = ({ schema }: Setting) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;

const code = (text: string) => `\`${text}\``;

const digits = (number: number) => number.toLocaleString('en-US');

const defaultOf = (setting: Setting): string => {
  const { default: value } = schemaOf(setting);
  return value === undefined ? 'none' : code(`${value}`);
};

/** Throws for a form that zod has no word for, and that the schema does not name itself. */
export function formOf(setting: Setting): string {
  const schema = schemaOf(setting);
  if (schema.form) return schema.form;
  if (schema.enum) return schema.enum.map(code).join(' or ');
  if (schema.type === 'integer' && schema.unit) return `${schema.unit}, ${rangeOf(schema)}`;
  if (schema.format === 'uri') return 'URL';
  if (schema.type === 'string') return 'text';
  throw new Error(`A value of this form has no words: ${JSON.stringify(schema)}. Give its schema a form or a unit.`);
}

const rangeOf = ({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Schema): string =>
  maximum === Number.MAX_SAFE_INTEGER ? `from ${digits(minimum)}` : `${digits(minimum)} to ${digits(maximum)}`;

const secretOf = ({ secret }: { secret?: unknown }): string => (secret ? 'yes' : '');

const table = (head: string[], rows: string[][]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const HEAD = ['name', 'default', 'unit or form', 'what for', 'secret'];

const settings = (group: Record<string, Setting>): string =>
  table(
    HEAD,
    rowsOf(group).map(([name, row]) => [code(name), defaultOf(row), formOf(row), row.description, secretOf(row)]),
  );

const required = (group: Record<string, Setting>): string =>
  table(
    ['name', 'set by', 'unit or form', 'what for', 'required by', 'secret'],
    rowsOf(group).map(([name, row]) => [
      code(name),
      [row.madeAt && `the deployment, at ${row.madeAt}`, row.sstSecret && `secret ${code(row.sstSecret)}`]
        .filter(Boolean)
        .join(', or '),
      formOf(row),
      row.description,
      (row.requiredBy ?? []).map(code).join(', '),
      secretOf(row),
    ]),
  );

/** Secrets that an operator sets: those that a deployment lacks otherwise, and those that it can do without. */
const secrets = (rows: Rows): string =>
  table(
    ['secret', 'variable', 'without it', 'unit or form', 'what for'],
    rows.flatMap(([name, row]) => {
      if (!row.sstSecret) return [];
      const otherwise = row.madeAt ? `made at ${row.madeAt}` : row.requiredBy ? '**no deployment**' : 'not set';
      return [[code(row.sstSecret), code(name), otherwise, formOf(row), row.description]];
    }),
  );

const vendorKeys = (): string =>
  table(
    ['name', 'not needed with', 'what for'],
    Object.entries(VENDOR_KEYS).map(([name, { instead, description }]) => [
      code(name),
      instead ? `secret ${code(instead)}` : "an organisation's own key",
      description,
    ]),
  );

const deployOptions = (): string =>
  table(
    HEAD.slice(0, -1),
    Object.entries(DEPLOY_OPTIONS).map(([name, row]) => [
      code(name),
      row.default,
      'form' in row ? row.form : `number, ${digits(row.least)} to ${digits(row.most)}`,
      row.description,
    ]),
  );

type StartOption = { form: string; default?: string; description: string; secret?: true };
const startOptions = (): string =>
  table(
    HEAD,
    Object.entries<StartOption>(START_OPTIONS).map(([name, row]) => [
      code(name),
      row.default ? code(row.default) : 'none',
      row.form,
      row.description,
      secretOf(row),
    ]),
  );

const assignments = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => code(`${name}=${value}`))
    .join(', ');

/** The settings that `npm start` passes on and a deployment does not. */
const onlyStart = (): string =>
  Object.values(GROUPS)
    .flatMap(rowsOf)
    .flatMap(([name, { passedBy }]) =>
      passedBy?.includes('start') && !passedBy.includes('deploy') ? [code(name)] : [],
    )
    .join(', ');

/** The whole document. */
export function configuration(): string {
  return `<!-- Written by \`npm run docs\` from lib/config/settings.ts, lib/infra/options.ts and lib/local/options.ts. Do not edit. -->

# Configuration

Every setting is a variable of the environment. An empty variable counts as none. Values marked as secret are kept out of logs, events,
messages and files.

## What a deployment needs

Credentials of AWS in the environment (\`aws configure\` or SSO), and keys of the two vendors. They are read from the environment of
\`sst deploy\`, or from a file \`.env.NAME\` for the stage \`NAME\`.

${vendorKeys()}

Secrets are set by \`npx sst secret set SECRET VALUE --stage NAME\`, and a changed one counts from the next deployment on.

${secrets(Object.values(GROUPS).flatMap(rowsOf))}

Each secret that a tool of \`circadian.config.ts\` declares is one more: \`ToolSecretGithubToken\` for \`GITHUB_TOKEN\`. Without its value there is no
deployment. On localhost it is the variable \`TOOL_SECRET_GITHUB_TOKEN\`. Only the function \`iterate\` is given it ([tools.md](tools.md#secrets)).

A function is given only what it reads. These are the variables without which one does not start:

${required(GROUPS.REQUIRED)}

## Options of a deployment

Read from the environment of \`sst deploy\` or from \`.env.NAME\`. A wrong value is refused before anything is made.

${deployOptions()}

## Settings of the runtime

Read where the options are, and passed on to the functions that read them. On localhost, \`npm start\` passes them on. A wrong value fails
the migration, and so the deployment, while the earlier code serves on. The sentence of the failure names the variable and never its value.

${settings(GROUPS.RUNTIME)}

### Identity provider

With these settings, a token of your identity provider stands for a user's API key. The settings without a default come all together or not
at all.

${settings(GROUPS.IDENTITY_PROVIDER)}

### Traces

Without an endpoint there are no traces, and nothing asks for any ([observability.md](observability.md)). On localhost the secret is a variable, too.

${settings(GROUPS.TRACES)}

### Set elsewhere

A deployment sets the metrics namespace and Lambda its own credentials. The others are for localhost.

${settings(GROUPS.SURROUNDINGS)}

## Options of \`npm start\`

${startOptions()}

\`npm start\` passes on all settings of the runtime, of the identity provider and of traces, ${onlyStart()}
and the secrets of tools.
Unless the environment says otherwise, it sets ${assignments(LOCAL_DEFAULTS)}.
With the stand-in it also sets ${assignments(STAND_IN_DEFAULTS)}.
`;
}
