/** `/docs/schemas`: every shape that has a name in the contract, field by field. */
import type { Contract, Schema } from './contract.ts';
import { fieldsOf, fieldTable, isEvent, partsOf } from './types.ts';

const HEAD = `# Schemas

What requests and answers hold. Operations that take and give them are in [the API](api.md), and events are in [events](events.md).

- Money is a whole number of microdollars: 1,000,000 are one dollar. Instants are ISO 8601 in UTC.
- A request with a field that its schema does not have is refused. An answer may get new fields with a deployment: ignore those that you do not know.
- A list has \`data\` and \`next_cursor\`. Send \`next_cursor\` as \`cursor\` for the next page; it is null on the last one.`;

/** Names of what is sent. */
function sentOf({ paths }: Contract): Set<string> {
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  const bodies = JSON.stringify(operations.map(({ requestBody }) => requestBody ?? null));
  return new Set([...bodies.matchAll(/schemas\/(\w+)/g)].map(([, name]) => name!));
}

/** The page, in Markdown. */
export function schemas(contract: Contract): string {
  const sent = sentOf(contract);
  const named = Object.entries(contract.components.schemas)
    .filter(([name]) => !isEvent(name) && name !== 'Event')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return [HEAD, ...named.map(([name, schema]) => sectionOf(name, schema, sent.has(name)))].join('\n\n').concat('\n');
}

function sectionOf(name: string, schema: Schema, isSent: boolean): string {
  const own = schema.allOf?.find((one) => one.properties) ?? schema;
  const parts = partsOf(schema);
  return [
    `## ${name}`,
    schema.description,
    parts.length > 0 &&
      `${schema.allOf ? 'All fields of' : 'One of'} ${parts.join(', ')}${fieldsOf(own).length > 0 ? ', and:' : '.'}`,
    fieldTable(own, isSent),
  ]
    .filter(Boolean)
    .join('\n\n');
}
