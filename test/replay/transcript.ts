/**
 * Recorded transcripts, one JSON object a line: a conversation in Messages API form, from a user turn on in strict alternation, with the
 * usage of every assistant turn: the provider's own (`usage`), or estimated (`usage_estimate`) for models of other vendors.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const usage = z.looseObject({ input_tokens: z.int(), output_tokens: z.int() });
const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
const toolUse = z.looseObject({
  type: z.literal('tool_use'),
  id: z.string(),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
});
const toolResult = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.string(),
  is_error: z.boolean().optional(),
});

const userTurn = z.looseObject({ role: z.literal('user'), content: z.array(z.union([toolResult, textBlock])).min(1) });
const assistantTurn = z.looseObject({
  role: z.literal('assistant'),
  content: z.array(z.union([textBlock, toolUse])).min(1),
  stop_reason: z.enum(['end_turn', 'tool_use', 'max_tokens', 'stop_sequence']),
  usage: usage.optional(),
  usage_estimate: usage.optional(),
  /** Dollars, where the recording harness wrote it down. */
  recorded_cost_usd: z.number().optional(),
});

export const Transcript = z.looseObject({
  id: z.string().regex(/^[\w.-]+$/),
  recorded_model: z.string(),
  system: z.string(),
  tools: z.array(
    z.looseObject({ name: z.string(), description: z.string(), input_schema: z.record(z.string(), z.unknown()) }),
  ),
  turns: z.array(z.discriminatedUnion('role', [userTurn, assistantTurn])).min(2),
});

export type Transcript = z.infer<typeof Transcript>;
export type UserTurn = z.infer<typeof userTurn>;
export type AssistantTurn = z.infer<typeof assistantTurn>;

const parseLine = (line: string, number: number): Transcript => {
  const parsed = Transcript.safeParse(JSON.parse(line));
  if (parsed.success) return parsed.data;
  throw new Error(`Line ${number} is not a transcript: ${z.prettifyError(parsed.error)}`);
};

/** Reads the file; `only` picks transcripts by id, null takes all. Throws for a file that is not what it should be, or an id that is not there. */
export const readTranscripts = (path: string, only: string[] | null): Transcript[] => {
  const lines = readFileSync(path, 'utf8').split('\n');
  const all = lines.flatMap((line, i) => (line.trim() ? [parseLine(line, i + 1)] : []));
  const missing = (only ?? []).filter((id) => !all.some((transcript) => transcript.id === id));
  if (missing.length > 0)
    throw new Error(
      `There is no transcript ${missing.join(', ')} in ${path}. There are: ${all.map(({ id }) => id).join(', ')}.`,
    );
  return only ? all.filter(({ id }) => only.includes(id)) : all;
};
