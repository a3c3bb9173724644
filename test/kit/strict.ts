/** The Messages API before the model port: what it would say against a request, and replies as its models give them. For models in a test's own process. */
import type { Block, ModelRequest } from '../../lib/core/session.ts';
import { sign, thinksOn, validate } from '../../lib/local/messages-api/index.ts';
import { parseMessages } from '../../lib/local/messages-api/shape.ts';

const ACCOUNT = 'the account of the test';

/** Why the API would not serve the request, or null. `now`: milliseconds, for models that have been retired. */
export const refusalOf = (request: ModelRequest, now: number): string | null =>
  validate(request, { account: ACCOUNT, now })?.message ?? null;

/**
 * The content of a reply with a thought at its head, where the model thinks, bound to what the request says; a test's own thoughts are bound
 * instead. The request must be one that is served.
 */
export const withThought = (request: ModelRequest, content: Block[]): Block[] => {
  const asked = parseMessages(request);
  if (thinksOn(asked) === null || content.length === 0) return content;
  const own = content.map((block) => {
    if (block.type !== 'thinking') return block;
    const { signature: _, ...bare } = block as unknown as { type: string; signature?: string };
    return bare as Block;
  });
  const thought = { type: 'thinking', thinking: 'What was done tells what comes next.' } as unknown as Block;
  return sign(asked, ACCOUNT, own.some(({ type }) => type === 'thinking') ? own : [thought, ...own]);
};
