/**
 * The shape of a Messages API request, as far as the stand-ins speak it. Fields that it does not know are refused, as the API does.
 * Rules that need more than one block (turns, tool results) are in turns.ts, those that differ by model in settings.ts.
 */
import { z } from 'zod';
import { invalid } from './problem.ts';

const cacheControl = z
  .strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .nullable()
  .optional();

/** Zero-width characters, soft hyphens and their like show nothing, and count as whitespace. */
const SOMETHING = /[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zs}\u2800]/u;
const isSeen = (text: string): boolean => SOMETHING.test(text);

const textBlock = z.strictObject({
  type: z.literal('text'),
  text: z.string().refine(isSeen, 'text content blocks must contain non-whitespace text'),
  citations: z.unknown().optional(),
  cache_control: cacheControl,
});
/** Images, documents and what tools found go to the API as they are. */
const attachment = z.looseObject({
  type: z.string().regex(/^(image|document|search_result|tool_reference|container_upload)$/, { abort: true }),
  cache_control: cacheControl,
});
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  input: z.record(z.string(), z.unknown()),
  caller: z.unknown().optional(),
  cache_control: cacheControl,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  content: z.union([z.string(), z.array(z.union([textBlock, attachment]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control: cacheControl,
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().min(1) });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });
/** Blocks of server tools go back to the API as they came. */
const ofServer = z.looseObject({
  type: z.string().regex(/^(server_tool_use|[a-z_]+_tool_result)$/, { abort: true }),
  cache_control: cacheControl,
});

const block = z.union([textBlock, toolUse, toolResult, thinking, redacted, attachment, ofServer]);
const content = z.union([
  z.string().refine(isSeen, 'text content blocks must contain non-whitespace text'),
  z.array(block).min(1, 'all messages must have non-empty content'),
]);

const display = z.enum(['summarized', 'omitted']).nullable().optional();
const thinkingConfig = z.strictObject({
  type: z.enum(['adaptive', 'enabled', 'disabled', 'between_tools']),
  display,
  budget_tokens: z.int().optional(),
  block_binding: z.strictObject({ prefix_mismatch_behavior: z.enum(['error', 'drop_block']).optional() }).optional(),
});
const outputConfig = z.strictObject({
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullable().optional(),
  format: z
    .looseObject({ type: z.literal('json_schema') })
    .nullable()
    .optional(),
});

const tool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  type: z.literal('custom').nullable().optional(),
  strict: z.boolean().optional(),
  defer_loading: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullable().optional(),
  cache_control: cacheControl,
});

const prompt = z.strictObject({
  model: z.string().min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .strictObject({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  thinking: thinkingConfig.optional(),
  output_config: outputConfig.optional(),
  cache_control: cacheControl,
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant', 'system']), content }))
    .min(1, 'at least one message is required'),
});
const messagesRequest = prompt.extend({
  max_tokens: z.int().min(1),
  stream: z.boolean().optional(),
  inference_geo: z.enum(['global', 'us']).nullish(),
  stop_sequences: z.array(z.string()).optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  metadata: z.strictObject({ user_id: z.string().nullable().optional() }).nullable().optional(),
});

export type PromptRequest = z.infer<typeof prompt>;
export type MessagesRequest = z.infer<typeof messagesRequest>;
export type RequestBlock = z.infer<typeof block>;
/** The deepest issue names the field; the issues of a union are those of its branches. */
function describe(error: z.ZodError): string {
  const deepest = (issue: z.core.$ZodIssue, path: PropertyKey[]): { path: PropertyKey[]; message: string } => {
    const at = [...path, ...issue.path];
    if (issue.code !== 'invalid_union') return { path: at, message: issue.message };
    const branches = issue.errors.flatMap((issues) => (issues[0] ? [deepest(issues[0], at)] : []));
    return (
      branches.toSorted((a, b) => b.path.length - a.path.length).find((b) => b.path.at(-1) !== 'type') ?? {
        path: at,
        message: issue.message,
      }
    );
  };
  const first = error.issues[0];
  if (!first) return 'invalid request';
  const { path, message } = deepest(first, []);
  return `${path.map(String).join('.') || 'request'}: ${message}`;
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalid(describe(parsed.error));
  return parsed.data;
}

/** Throws `ApiProblem`. */
export const parseMessages = (body: unknown): MessagesRequest => parse(messagesRequest, body);
export const parsePrompt = (body: unknown): PromptRequest => parse(prompt, body);

/** A message's content as blocks: a string is short for one text block. */
export const blocksOf = (message: MessagesRequest['messages'][number]): RequestBlock[] =>
  typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
