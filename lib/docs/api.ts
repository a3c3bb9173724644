/** `/docs/api`: every operation of the contract, by its noun. */
import type { Contract, Operation, Parameter, Schema } from './contract.ts';
import { curl } from './curl.ts';
import { slug } from './links.ts';
import { cell, fieldTable, meaning, typeOf } from './types.ts';

const FIRST = ['sessions', 'messages', 'events', 'files'];
const KEYS: Record<string, string> = {
  UserKey: "a user's key",
  AdminKey: "the operator's key",
  StripeSignature: 'none: Stripe signs the message with the signing secret of its endpoint',
  TriggerSignature: 'none: the message is signed with the secret of the trigger',
};
/** What is said of a key. Throws for a scheme of which nothing is said here. */
export function keyOf(scheme: string): string {
  const said = KEYS[scheme];
  if (said === undefined) throw new Error(`${scheme} is a security scheme that the page of the API does not explain.`);
  return said;
}
/** Are described once, where they mean what they mean nearly everywhere. */
const EVERYWHERE = ['If-None-Match', 'Idempotency-Key'];

type Listed = { method: string; path: string; operation: Operation };

const headingOf = ({ method, path }: Listed): string => `${method} ${path}`;

const HEAD = (contract: Contract): string => `# API

${contract.info.description}

\`\`\`bash
export URL=http://127.0.0.1:3000 KEY=ck_…     # ADMIN_KEY=… for what the operator does
\`\`\`

The same as OpenAPI 3.1: [/openapi.json](/openapi.json). Fields are in [schemas](schemas.md), refusals in [errors](errors.md).

- **Key.** \`Authorization: Bearer $KEY\`. Users see what is theirs, and nothing else is found.
- **Repeats.** \`Idempotency-Key\`, of your own making. ${describe(contract, 'Idempotency-Key')}
- **Polling.** \`If-None-Match\`. ${describe(contract, 'If-None-Match')}
- **Lists** come in pages: send the \`next_cursor\` of one as \`cursor\` of the next.
- Any operation that takes a key may also answer ${ALWAYS.map(problemLink).join(', ')}.

## Headers of answers

| header | meaning |
|---|---|
${Object.entries(contract.components.headers)
  .map(([name, { description }]) => `| \`${name}\` | ${cell(description)} |`)
  .join('\n')}`;

/** Of every operation with a key, so that each lists its own alone. */
const ALWAYS = ['unauthorized', 'forbidden', 'invalid_request', 'rate_limited', 'internal_error', 'unavailable'];

const problemLink = (code: string): string => `[\`${code}\`](errors.md#${code})`;

/** What a header is for that many operations take: what most of them say. */
function describe({ paths }: Contract, header: string): string {
  const all = Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ parameters = [] }) => parameters));
  const said = all.filter(({ name }) => name === header).map(({ description }) => description!);
  const times = (one: string) => said.filter((other) => other === one).length;
  return said.toSorted((a, b) => times(b) - times(a))[0]!;
}

/** The page, in Markdown. */
export function api(contract: Contract): string {
  const all = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Listed => ({ method: method.toUpperCase(), path, operation })),
  );
  const tags = [...contract.tags].sort((a, b) => order(a.name) - order(b.name));
  const groups = tags.map((tag) => ({ ...tag, list: all.filter(({ operation }) => operation.tags[0] === tag.name) }));
  const index = groups.map(({ name, list }) => indexOf(name, list));
  const sections = groups.map(({ name, description, list }) =>
    [`## ${titleOf(name)}`, description, ...list.map((one) => sectionOf(contract, one))].join('\n\n'),
  );
  return [HEAD(contract), ...index, ...sections].join('\n\n').concat('\n');
}

const order = (tag: string): number => (FIRST.includes(tag) ? FIRST.indexOf(tag) : FIRST.length);
const titleOf = (tag: string): string => tag[0]!.toUpperCase() + tag.slice(1);

const indexOf = (name: string, list: Listed[]): string =>
  [
    `| ${titleOf(name)} | |\n|---|---|`,
    ...list.map((one) => `| [\`${headingOf(one)}\`](#${slug(headingOf(one))}) | ${cell(one.operation.summary)} |`),
  ].join('\n');

function sectionOf(contract: Contract, one: Listed): string {
  const { operation } = one;
  const { summary, description, parameters = [], security = [] } = operation;
  const keys = security.flatMap((scheme) => Object.keys(scheme)).map(keyOf);
  const isShared = ({ name, description: said }: Parameter): boolean =>
    EVERYWHERE.includes(name) && said === describe(contract, name);
  const own = parameters.filter((parameter) => !isShared(parameter));
  const shared = parameters.filter(isShared).map(({ name }) => `\`${name}\``);
  return [
    `### ${headingOf(one)}`,
    `**${summary}.**${description === undefined || description === summary ? '' : ` ${description}`}`,
    [
      `- Key: ${keys.length > 0 ? keys.join(' or ') : 'none'}`,
      ...(shared.length > 0 ? [`- Takes ${shared.join(' and ')}`] : []),
      ...bodyOf(operation),
      ...answersOf(operation),
      ...problemsOf(operation),
    ].join('\n'),
    own.length > 0 && parameterTable(own),
    ...inlineTables(operation),
    `\`\`\`bash\n${curl(contract, one.method, one.path, operation)}\n\`\`\``,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const contentOf = (content: Record<string, { schema?: Schema }> = {}): string =>
  Object.entries(content)
    .map(([type, { schema = {} }]) => (type === 'application/json' ? typeOf(schema) : `\`${type}\``))
    .join(' or ');

const bodyOf = ({ requestBody }: Operation): string[] =>
  requestBody ? [`- Body: ${contentOf(requestBody.content)}${requestBody.required ? '' : ', may be left out'}`] : [];

const answersOf = ({ responses }: Operation): string[] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .map(
      ([status, { description, content }]) => `- Answers ${status}: ${contentOf(content) || 'no body'}. ${description}`,
    );

/** The contract names the codes of each status. */
function problemsOf({ responses }: Operation): string[] {
  const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400);
  const codes = refusals.flatMap(([, { description }]) =>
    [...description.matchAll(/`(\w+)`: /g)].map(([, code]) => code!),
  );
  const own = codes.filter((code) => !ALWAYS.includes(code));
  return own.length > 0 ? [`- Problems: ${own.map(problemLink).join(', ')}`] : [];
}

const parameterTable = (parameters: Parameter[]): string =>
  [
    '| parameter | in | type | meaning |',
    '|---|---|---|---|',
    ...parameters.map(
      ({ name, in: place, required, schema, description }) =>
        `| \`${name}\` | ${place} | ${cell(typeOf(schema, name))} | ${required && place !== 'path' ? 'Required. ' : ''}${meaning(schema, description)} |`,
    ),
  ].join('\n');

/** Shapes that have no name in the contract are shown where they are answered. */
const inlineTables = ({ responses }: Operation): string[] =>
  Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .map(([, { content }]) => fieldTable(content?.['application/json']?.schema ?? {}, false))
    .filter(Boolean);
