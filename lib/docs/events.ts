/** `/docs/events`: each type of the journal with its fields, from the schemas by which they are checked. */
import type { Contract, Schema } from './contract.ts';
import { fieldTable, isEvent } from './types.ts';

const HEAD = `# Events

The journal of a session: what its agent did, in order. \`GET /v1/sessions/{id}/events\` lists it, \`/events/stream\` sends it as it grows, and
\`GET /v1/events\` is the stream of all your sessions. \`type\` tells which event it is. Programs should pass over types that they do not know.

## Fields of every event`;

const OWN = 'type';

function withFields(schema: Schema, names: (name: string) => boolean): Schema {
  const properties = Object.entries(schema.properties ?? {}).filter(([name]) => names(name));
  return { ...schema, properties: Object.fromEntries(properties) };
}

/** The page, in Markdown. */
export function events({ components }: Contract): string {
  const all = Object.entries(components.schemas).filter(([name]) => isEvent(name));
  const shared = (field: string) =>
    field !== OWN && all.every(([, { properties }]) => properties?.[field] !== undefined);
  const sections = all.map(([, schema]) =>
    [
      `### ${schema.properties![OWN]!.enum?.[0]}`,
      schema.description,
      fieldTable(
        withFields(schema, (field) => field !== OWN && !shared(field)),
        false,
      ),
    ]
      .filter(Boolean)
      .join('\n\n'),
  );
  return [HEAD, fieldTable(withFields(all[0]![1], shared), false), '## Types', ...sections].join('\n\n').concat('\n');
}
