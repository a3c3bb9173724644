/** What of a server's tool list can be offered to a model. All of it was written by others, and stands in every prompt of the session. */
import type { EffectClass } from '../../core/session.ts';
import type { McpTool } from '../../ports/index.ts';
import { isBlank, nestedDeeper } from '../../text.ts';

/** Of one server's list: tools, characters of all schemas. Of one tool: characters of its name and of its schema, levels of the latter. */
const MOST = { tools: 100, listCharacters: 150_000, name: 200, schemaCharacters: 20_000, levels: 24 };
/** As the Messages API takes names of arguments: https://docs.anthropic.com/en/api/messages (`tools.input_schema`). */
const FIELD_NAME = /^[a-zA-Z0-9_.-]{1,64}$/;
/** It takes none of them at the top of a schema (same page). */
const NOT_AT_TOP = ['oneOf', 'anyOf', 'allOf'];

const STRICTER: readonly EffectClass[] = ['pure', 'idempotent', 'once'];

/** What the server says of the tool's effect; `least`: the configuration's word, which counts where it is stricter. */
function effectOf(annotations: unknown, least: EffectClass): EffectClass {
  const { readOnlyHint, idempotentHint } = (annotations ?? {}) as Record<string, unknown>;
  const said = readOnlyHint === true ? 'pure' : idempotentHint === true ? 'idempotent' : 'once';
  return STRICTER[Math.max(STRICTER.indexOf(said), STRICTER.indexOf(least))]!;
}

/** A tool as `tools/list` gives it, before anything of it is known. Source: https://modelcontextprotocol.io/specification/2025-11-25/server/tools */
type Given = {
  name?: unknown;
  description?: unknown;
  inputSchema?: unknown;
  annotations?: unknown;
  execution?: { taskSupport?: unknown };
};
type LeftOut = { name: string; reason: string };
type Rules = { tools?: readonly string[] | undefined; least: EffectClass };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `rules.tools`: the only ones that the configuration takes; all others are passed over without a word. */
export function offeredOf(list: readonly unknown[], { tools: wanted, least }: Rules) {
  const tools: McpTool[] = [];
  const leftOut: LeftOut[] = [];
  let characters = 0;
  for (const given of list.filter(isObject) as Given[]) {
    const name = typeof given.name === 'string' ? given.name : '';
    if (wanted && !wanted.includes(name)) continue;
    const { $schema: _, ...inputSchema } = isObject(given.inputSchema) ? given.inputSchema : {};
    const reason = flawOf(given, inputSchema) ?? (tools.length >= MOST.tools ? 'the list is too long' : null);
    const length = reason === null ? JSON.stringify(inputSchema).length : 0;
    if (reason !== null || characters + length > MOST.listCharacters) {
      leftOut.push({ name: name.slice(0, MOST.name).toWellFormed(), reason: reason ?? 'the list is too long' });
      continue;
    }
    characters += length;
    const description = typeof given.description === 'string' ? given.description : '';
    tools.push({ name, description, inputSchema, effect: effectOf(given.annotations, least) });
  }
  return { tools, leftOut };
}

function flawOf({ name, execution }: Given, schema: Record<string, unknown>): string | null {
  if (typeof name !== 'string' || isBlank(name) || name.length > MOST.name || !name.isWellFormed())
    return 'its name cannot be used';
  if (execution?.taskSupport === 'required') return 'it runs only as a task, which is not supported';
  if (schema.type !== 'object') return 'its arguments are no object';
  if (nestedDeeper(schema, MOST.levels)) return 'its arguments are nested too deeply';
  const text = JSON.stringify(schema);
  if (text.length > MOST.schemaCharacters) return 'the description of its arguments is too long';
  if (!text.isWellFormed() || text.includes('\\u0000')) return 'its arguments cannot be written down';
  if (NOT_AT_TOP.some((key) => key in schema)) return 'its arguments are a choice of several forms';
  const fields = isObject(schema.properties) ? Object.keys(schema.properties) : [];
  return fields.every((field) => FIELD_NAME.test(field)) ? null : 'an argument has a name that cannot be used';
}
