/** /openapi.json: made from the routes themselves, so that it can neither lack one nor promise one. */
import type { App } from './deps.ts';

type Document = ReturnType<App['getOpenAPI31Document']>;
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>;
type Answer = { headers?: Record<string, unknown> };
/** As far as words are put into it. */
type Described = {
  $ref?: string;
  description?: string;
  enum?: unknown[];
  properties?: Record<string, Described>;
  items?: Described;
  allOf?: Described[];
};

/** What a route's `tags` name, in the order of the document. */
const TAGS = {
  sessions: 'Agents at work on a goal, and the models that they may use.',
  messages: 'What is said to an agent, and its conversation.',
  events: 'The journal of a session: what its agent did, in order.',
  files: 'What an agent has in its workspace, and what you put there.',
  memories: 'What your sessions remember together.',
  schedules: 'Sessions that start by themselves: at set times, or by a signed message.',
  budget: 'What may be spent, what was, and who is told.',
  webhooks: 'Where a user is told what happened, and what was delivered there.',
  hooks: 'Signed messages of other systems.',
  admin: 'Users, keys and limits; with the key of the operator.',
  health: 'Whether the API is up and work goes on.',
};

const text = (description: string, example: string) => ({ description, schema: { type: 'string' as const, example } });

/** What answers carry, whatever the route. Each is described once. */
const HEADERS = {
  'x-request-id': text('Names this request in the logs.', 'req_01k9w3x8c2m4n6p8q0r2s4t6v8'),
  'RateLimit-Policy': text(
    'How many requests (`q`) this key has in a window of so many seconds (`w`). Absent while requests cannot be counted: then none is refused.',
    '"requests";q=300;w=60',
  ),
  RateLimit: text(
    'How many requests are left (`r`), and after how many seconds there are more (`t`). Absent like its policy.',
    '"requests";r=299;t=42',
  ),
  'Retry-After': text('Seconds until another try is worth it.', '42'),
  'WWW-Authenticate': text('How to send a key.', 'Bearer realm="circadian"'),
  Location: text('The address of what was made.', '/v1/sessions/ses_01k9w3x8c2m4n6p8q0r2s4t6v8'),
  'Idempotent-Replayed': text('`true`: an earlier request with this key made it. Else absent.', 'true'),
  ETag: text('A hash of the body, for `If-None-Match`.', '"2a9f0e6b7c1d4c0f8e3b5a6d7c8e9f0a1b2c3d4e"'),
  'Cache-Control': text('Keep it if you like, and ask each time whether it still holds.', 'private, no-cache'),
};
type Name = keyof typeof HEADERS;

const IF_NONE_MATCH = {
  name: 'If-None-Match',
  in: 'header' as const,
  description: 'The `ETag` of an answer that you have. Where it still holds, the answer is 304 without a body.',
  schema: { type: 'string' as const },
};

const SECURITY = {
  UserKey: { type: 'http', scheme: 'bearer', description: "A user's API key, `ck_…`." },
  AdminKey: { type: 'http', scheme: 'bearer', description: "The operator's key." },
  StripeSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'Stripe-Signature',
    description: 'Of the raw body, by the signing secret of the endpoint at Stripe.',
  },
  TriggerSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'webhook-signature',
    description: 'Of id, time and raw body, by the secret of the trigger, as Standard Webhooks describe it.',
  },
} as const;

const INFO = {
  title: 'Circadian',
  version: '1',
  description:
    'Autonomous agents that live on a daily allowance. Money is an integer of microdollars (1,000,000 = one dollar), instants are ISO 8601 in UTC, errors are problems (RFC 9457) with a stable `code`.',
  license: { name: 'MIT', identifier: 'MIT' },
};

/** The document of all routes that the app has by now. */
export async function contractOf(app: App): Promise<Document> {
  const words = await import('./contract-words.ts');
  for (const [name, scheme] of Object.entries(SECURITY))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  for (const [name, header] of Object.entries(HEADERS)) app.openAPIRegistry.registerComponent('headers', name, header);
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: INFO,
    servers: [{ url: '/', description: 'The deployment that serves this document.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
  for (const path of Object.values(document.paths ?? {}))
    for (const operation of Object.values(path) as Operation[]) complete(operation);
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {}))
    describe(words, name, schema as Described);
  return unflagged(document);
}

/** JSON Schema has no flags of patterns, and reads each as Unicode. The generator writes them as `…/u`. */
const unflagged = (document: Document): Document =>
  JSON.parse(JSON.stringify(document), (key, value) =>
    key === 'pattern' && typeof value === 'string' ? value.replace(/\$\/[a-z]+$/, '$') : value,
  );

type Words = typeof import('./contract-words.ts');

/** Adds the words of contract-words.ts where a schema has none of its own. A reference has those of what it leads to. */
function describe(words: Words, path: string, schema: Described): void {
  const event = schema.properties?.type?.enum?.[0];
  if (event !== undefined && String(event) in words.EVENT_WORDS)
    schema.description ??= words.EVENT_WORDS[event as keyof Words['EVENT_WORDS']];
  for (const part of schema.allOf ?? []) describe(words, path, part);
  if (schema.items) describe(words, path, schema.items);
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const own = words.FIELDS_OF[`${path}.${name}`] ?? words.FIELDS[name];
    if (!field.$ref && !field.allOf && own !== undefined) field.description ??= own;
    describe(words, `${path}.${name}`, field);
  }
}

/** Adds what the route need not say, since it follows from who may ask it and from its statuses. */
function complete(operation: Operation): void {
  const answers = operation.responses as Record<string, Answer>;
  const limited = (operation.security ?? []).some((one) => 'UserKey' in one);
  for (const [status, answer] of Object.entries(answers)) {
    const names = headersOf(status, { limited, conditional: '304' in answers, repeatable: isRepeatable(operation) });
    const refs = names.map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
    const own = status === '304' ? answers['200']?.headers : answer.headers;
    answer.headers = { ...own, ...Object.fromEntries(refs) };
  }
  if ('304' in answers) operation.parameters = [...(operation.parameters ?? []), IF_NONE_MATCH];
}

const isRepeatable = ({ parameters = [] }: Operation): boolean =>
  parameters.some((one) => 'name' in one && one.name === 'Idempotency-Key');

type Kind = { limited: boolean; conditional: boolean; repeatable: boolean };

function headersOf(status: string, { limited, conditional, repeatable }: Kind): Name[] {
  const names: Name[] = ['x-request-id'];
  if (limited && status !== '401' && status !== '403') names.push('RateLimit-Policy', 'RateLimit');
  if (conditional && (status === '200' || status === '304')) names.push('ETag', 'Cache-Control');
  if (repeatable && status === '201') names.push('Location', 'Idempotent-Replayed');
  if (status === '401') names.push('WWW-Authenticate');
  if (status === '429' || status === '503') names.push('Retry-After');
  return names;
}
