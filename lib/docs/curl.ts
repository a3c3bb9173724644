/** A call to copy for each operation, with `$URL` and `$KEY`. */
import { type Contract, nameOfRef, type Operation, type Schema } from './contract.ts';
import { resolved } from './types.ts';

/** For texts without an example of their own. */
const WORDS: Record<string, string> = {
  goal: 'Write a haiku about sleep into poem.md',
  content: 'Go on.',
  name: 'Morning',
  tier: 'standard',
};
const FILE = 'notes.md';
const ARCHIVE = 'files.tar.gz';
/** Schemas of bodies that nobody writes by hand. */
const FILES: Record<string, string> = { SessionFile: 'session.json' };

/** A value that fits. An object has what must be there, or one field if nothing must be. */
export function exampleOf(contract: Contract, given: Schema, name = ''): unknown {
  const schema = resolved(contract, given);
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  if (schema.default !== undefined && schema.default !== null) return schema.default;
  const choice = schema.oneOf?.[0] ?? schema.anyOf?.[0];
  if (choice) return exampleOf(contract, choice, name);
  switch ([schema.type ?? 'object'].flat()[0]) {
    case 'string':
      return textOf(schema, name);
    case 'integer':
    case 'number':
      return name.endsWith('_microdollars') ? 5_000_000 : Math.max(schema.minimum ?? 1, 1);
    case 'boolean':
      return true;
    case 'array':
      return [exampleOf(contract, schema.items ?? {}, name)];
    default:
      return objectOf(contract, schema);
  }
}

function objectOf(contract: Contract, { properties = {}, required = [] }: Schema): Record<string, unknown> {
  const least = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(least.map((key) => [key, exampleOf(contract, properties[key] ?? {}, key)]));
}

function textOf({ format }: Schema, name: string): string {
  if (format === 'date') return '2026-12-01';
  if (format === 'date-time') return '2026-12-01T00:00:00Z';
  return WORDS[name] ?? 'text';
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** `{id}` → `$ID`. A shell has its own `$PATH`. */
const addressOf = (path: string): string =>
  path.replace('{path}', FILE).replace(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`);

/** Required parameters of the query. */
function queryOf(contract: Contract, { parameters = [] }: Operation): string {
  const needed = parameters.filter((one) => one.in === 'query' && one.required);
  const query = new URLSearchParams(
    needed.map(({ name, schema }): [string, string] => [name, String(exampleOf(contract, schema, name))]),
  );
  return query.size > 0 ? `?${query}` : '';
}

/** The protocol of this one wants to be asked for both. */
const HEADERS: Record<string, string> = { mcp: '-H "Accept: application/json, text/event-stream"' };

/** The command, over several lines where it is long. */
export function curl(contract: Contract, method: string, path: string, operation: Operation): string {
  const schemes = (operation.security ?? []).flatMap((one) => Object.keys(one));
  const key = schemes.includes('AdminKey') ? '$ADMIN_KEY' : schemes.includes('UserKey') ? '$KEY' : null;
  const content = operation.requestBody?.content ?? {};
  const json = content['application/json']?.schema;
  const file = json?.$ref && FILES[nameOfRef(json.$ref)];
  const streams = Object.values(operation.responses).some((one) => one.content?.['text/event-stream']);
  const parts = [
    `curl -s${streams ? 'N' : ''}${method === 'GET' || (method === 'POST' && json) ? '' : ` -X ${method}`} "$URL${addressOf(path)}${queryOf(contract, operation)}"`,
    ...(key ? [`-H "Authorization: Bearer ${key}"`] : []),
    ...schemes.filter((one) => !KEYS.includes(one)).map(signatureOf),
    ...(HEADERS[operation.operationId] ? [HEADERS[operation.operationId]!] : []),
    ...(file ? ['-H "Content-Type: application/json"', `--data-binary @${file}`] : []),
    ...(json && !file
      ? [`-H "Content-Type: application/json"`, `-d ${quoted(JSON.stringify(exampleOf(contract, json)))}`]
      : []),
    ...(!json && Object.keys(content).length > 0
      ? [`--data-binary @${path.endsWith(':archive') ? ARCHIVE : FILE}`]
      : []),
    ...(Object.values(operation.responses).some((one) => one.content?.['application/gzip']) ? [`-o ${ARCHIVE}`] : []),
  ];
  return parts.join(' ').length <= 110 ? parts.join(' ') : parts.join(' \\\n  ');
}

const KEYS = ['AdminKey', 'UserKey'];

const SIGNATURES: Record<string, string> = {
  StripeSignature: '-H "Stripe-Signature: t=$SECONDS_NOW,v1=$HMAC"',
  TriggerSignature: '-H "webhook-id: $MESSAGE" -H "webhook-timestamp: $SECONDS_NOW" -H "webhook-signature: v1,$HMAC"',
};

/** Throws for a scheme that no example signs with. */
function signatureOf(scheme: string): string {
  const header = SIGNATURES[scheme];
  if (header === undefined) throw new Error(`${scheme} is a security scheme without an example of its header.`);
  return header;
}
