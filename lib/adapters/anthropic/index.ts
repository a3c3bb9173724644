/**
 * The `Model` port on the Messages API, through @anthropic-ai/sdk. One attempt per call: the SDK's own retries are off, since each of
 * them could be billed without a hold and a ledger row. The SDK is loaded with the first call, so that what makes none does not pay for it.
 */
import type Anthropic from '@anthropic-ai/sdk';
import type { ModelRequest, Reply } from '../../core/session.ts';
import type { Model, Thought } from '../../ports/index.ts';
import { pieces } from './clean.ts';
import { failureOf } from './failure.ts';
import { replyOf } from './reply.ts';
import { BrokenStream, type Folded, fold } from './stream.ts';

/** A Lambda lives at most 15 minutes, so no call may last longer; the caller's signal ends most calls earlier. */
export const LONGEST_CALL_MS = 14 * 60_000;
const LONGEST_COUNT_MS = 10_000;

type Options = {
  apiKey: string;
  /** Left out: the SDK's default, or ANTHROPIC_BASE_URL. */
  baseURL?: string | undefined;
  /** Milliseconds after which a call is given up, stream included. */
  timeoutMs?: number;
  /** In place of the global one, for a provider in the same process. */
  fetch?: typeof globalThis.fetch;
};

/** The request as the SDK types it. Empty lists are left out; all else goes over unchanged, so that the cached prefix stays the same. */
const promptOf = ({ system, tools, ...request }: ModelRequest) =>
  ({
    ...request,
    ...(system.length > 0 && { system }),
    ...(tools.length > 0 && { tools }),
  }) as Omit<Anthropic.MessageCreateParamsStreaming, 'stream'>;

/** A signal that fires with the caller's, or after `ms`; `end` lets go of both. */
function bounded(caller: AbortSignal, ms: number) {
  const controller = new AbortController();
  const onAbort = () => controller.abort(caller.reason);
  const timer = setTimeout(() => controller.abort(new Error(`no end after ${ms} ms`)), ms);
  if (caller.aborted) onAbort();
  else caller.addEventListener('abort', onAbort, { once: true });
  const end = () => {
    clearTimeout(timer);
    caller.removeEventListener('abort', onAbort);
  };
  return { signal: controller.signal, end };
}

/** Whatever our own work on a stream throws is about the reply and not about the line: it is told apart from a cut. */
function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof BrokenStream ? error : new BrokenStream(String(error), { cause: error });
  }
}

/** A reply is not lost since somebody could not be shown it. */
const harmless =
  (show: (text: string) => void) =>
  (text: string): void => {
    try {
      show(text);
    } catch {}
  };

export function anthropic({ apiKey, baseURL, timeoutMs = LONGEST_CALL_MS, fetch }: Options): Model {
  // The SDK's log would show prompts when a stream cannot be parsed.
  const quiet = { maxRetries: 0, logLevel: 'off' } as const;
  const options = { apiKey, authToken: null, baseURL, timeout: timeoutMs, ...quiet, ...(fetch && { fetch }) };
  let loading: Promise<{ client: Anthropic; APIError: typeof Anthropic.APIError }> | null = null;
  const sdk = () => {
    loading ??= import('@anthropic-ai/sdk').then(({ default: Sdk, APIError }) => ({
      client: new Sdk(options),
      APIError,
    }));
    return loading;
  };

  const think: Model['think'] = async (request, { signal: caller, onText }): Promise<Thought> => {
    const { client, APIError } = await sdk();
    const { signal, end } = bounded(caller, timeoutMs);
    let folded: Folded | null = null;
    let error: unknown = null;
    try {
      const stream = await client.messages.create({ ...promptOf(request), stream: true }, { signal });
      const say = harmless(pieces((text) => onText?.(text)));
      const muse = harmless(pieces((text) => onText?.(text, 'thought')));
      for await (const event of stream) {
        folded = reading(() => fold(folded, event, (text, kind) => (kind ? muse(text) : say(text))));
      }
    } catch (thrown) {
      error = thrown ?? new Error('unknown error');
    } finally {
      end();
    }
    // The stop reason is final once message_delta came, even if the line broke right after it.
    let reply: Reply | null = null;
    try {
      reply = reading(() => folded && replyOf(folded));
    } catch (thrown) {
      error = thrown;
    }
    return reply ? { type: 'replied', reply } : { type: 'failed', failure: failureOf(error, folded, signal, APIError) };
  };

  const count: Model['count'] = async (request) => {
    const { max_tokens: _, inference_geo: __, ...prompt } = promptOf(request);
    const { client } = await sdk();
    try {
      const { input_tokens } = await client.messages.countTokens(prompt, { timeout: LONGEST_COUNT_MS });
      return Number.isSafeInteger(input_tokens) && input_tokens >= 0 ? input_tokens : null;
    } catch {
      return null;
    }
  };

  return { think, count };
}
