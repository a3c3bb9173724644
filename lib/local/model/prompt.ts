/**
 * A prompt as the cache sees it: a row of segments in the order tools, system, messages, each with the hash and the tokens of everything
 * up to its end. Tokens are estimated as bytes / 3.3, which is what Claude 4.5 transcripts come to; of images and PDFs by their size.
 */
import { createHash } from 'node:crypto';
import { mediaOf } from '../messages-api/media.ts';
import { blocksOf, type PromptRequest, type RequestBlock } from '../messages-api/shape.ts';

export const BYTES_PER_TOKEN = 3.3;

export const tokensOf = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN);

export type Ttl = '5m' | '1h';
/** `mark`: a cache breakpoint stands at the segment's end. */
export type Segment = { hash: string; tokens: number; mark: Ttl | null };

type Part = { body: [string, object]; mark: Ttl | null };

function partOf(head: string, block: Record<string, unknown>): Part {
  const { cache_control, ...body } = block;
  const mark = cache_control as { ttl?: Ttl } | null | undefined;
  return { body: [head, body], mark: mark ? (mark.ttl ?? '5m') : null };
}

function partsOf({ tools = [], system, messages, cache_control }: PromptRequest): Part[] {
  const texts = typeof system === 'string' ? [{ type: 'text', text: system }] : (system ?? []);
  const parts = [
    ...tools.map((tool) => partOf('tool', tool)),
    ...texts.map((block) => partOf('system', block)),
    ...messages.flatMap((message) => blocksOf(message).map((block) => partOf(message.role, block))),
  ];
  const last = parts.at(-1);
  if (cache_control && last) last.mark ??= cache_control.ttl ?? '5m';
  return parts;
}

export function segmentsOf(request: PromptRequest): Segment[] {
  const running = createHash('sha256').update(request.model);
  let bytes = 0;
  let shown = 0;
  return partsOf(request).map(({ body, mark }) => {
    const json = JSON.stringify(body);
    const media = mediaOf(body[1] as RequestBlock);
    bytes += Buffer.byteLength(json) - (media?.characters ?? 0);
    shown += media?.tokens ?? 0;
    running.update(json);
    return { hash: running.copy().digest('base64url'), tokens: tokensOf(bytes) + shown, mark };
  });
}

/** Names the conversation, so that a bill can be read by session: the model, the system prompt and the first block, breakpoints aside. */
export function conversationOf(request: PromptRequest): string {
  const [first] = blocksOf(request.messages[0] ?? { role: 'user', content: '' });
  // The breakpoints stand on the newest turns, so that the first message has one only for a while.
  const { cache_control: _, ...block }: Record<string, unknown> = first ?? {};
  return createHash('sha256')
    .update(JSON.stringify([request.model, request.system, block]))
    .digest('base64url')
    .slice(0, 16);
}
