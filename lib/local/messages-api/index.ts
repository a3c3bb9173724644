/**
 * What the Messages API refuses: one place for every stand-in of it, and for every test that asks whether the real one would have taken a
 * request. The rules are the provider's, each with its document; where the API says more than one thing wrong, it names the first.
 */
import { segmentsOf } from '../model/prompt.ts';
import { ApiProblem } from './problem.ts';
import { checkSettings } from './settings.ts';
import { type MessagesRequest, type PromptRequest, parseMessages, parsePrompt } from './shape.ts';
import { type Caller, checkBonds } from './thinking.ts';
import { checkTurns } from './turns.ts';

export { ApiProblem } from './problem.ts';
export { type Caller, ENFORCED_FROM, sign, thinksOn } from './thinking.ts';

/** Who asks and when, in milliseconds. An account is one that is checked by default unless `created` says otherwise. */
export type Asked = Caller & { now: number };
export type Refused = { status: number; type: string; message: string };

/** `request` as it came; `read` as the model reads it, which is what is paid for: without the thinking of others. */
export type Accepted<R> = { request: R; read: R; promptTokens: number };

function judged<R extends PromptRequest>(request: R, { now, ...caller }: Asked): Accepted<R> {
  checkTurns(request);
  const read = checkBonds(request, caller);
  const promptTokens = segmentsOf(read).at(-1)?.tokens ?? 0;
  checkSettings(request, { now, betas: caller.betas ?? [], promptTokens });
  return { request, read, promptTokens };
}

/** For POST /v1/messages. Throws `ApiProblem`. */
export const acceptMessages = (body: unknown, asked: Asked): Accepted<MessagesRequest> =>
  judged(parseMessages(body), asked);

/** For POST /v1/messages/count_tokens, which runs the same checks ("Token counting"). Throws `ApiProblem`. */
export const acceptPrompt = (body: unknown, asked: Asked): Accepted<PromptRequest> => judged(parsePrompt(body), asked);

/** Models take different messages; a history on its own is judged as the newest would. */
const NEWEST = 'claude-sonnet-5-5';

/** Why no model would take these messages, whatever stood before them, or null. Their thinking is not looked at beyond its shape. */
export function historyFault(messages: unknown): string | null {
  try {
    checkTurns(parsePrompt({ model: NEWEST, messages }));
    return null;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return error.message;
  }
}

/** Null, or what the Messages API would answer instead of serving the request. */
export function validate(body: unknown, asked: Asked): Refused | null {
  try {
    acceptMessages(body, asked);
    return null;
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return { status: error.status, type: error.type, message: error.message };
  }
}
