/**
 * An image or PDF that the provider does not take, such as one whose pixels are damaged behind a sound header. It refuses each prompt that shows it, so
 * that the session could never go on. Nothing was charged. All of them are left out, the agent is told, and the same call is made at once.
 */
import { showingMediaFrom } from './compact.ts';
import { midTurn } from './context.ts';
import { mediaRefusedNote } from './runtime-messages.ts';
import type { Continuation, ModelRequest } from './session.ts';
import { settle, type Thinking } from './settle-call.ts';
import type { Step } from './step.ts';

/** Its messages name what they are about ("Could not process image", "image exceeds 5 MB", "The PDF specified is password protected"). */
const ABOUT_MEDIA = /\b(image|pdf|document)s?\b/i;

const showsMedia = ({ messages }: ModelRequest): boolean =>
  messages.some(({ content }) => content.some(({ type }) => type === 'image' || type === 'document'));

/** Whether the refusal may be about an image or PDF of this request. A wrong guess costs only their sight. */
export const refusesMedia = (s: Thinking, status: number, message: string): boolean =>
  status === 400 && ABOUT_MEDIA.test(message) && showsMedia(s.call.request);

export function withoutAnyMedia(s: Thinking, free: Parameters<typeof settle>[1], at: number): Step {
  const memory = showingMediaFrom(s, (s.history.at(-1)?.n ?? 0) + 1);
  // Nothing may stand between a paused turn and its end, nor between a history and the request for its summary.
  const turns = midTurn(s) || s.call.kind === 'compact' ? [] : [mediaRefusedNote];
  const again: Continuation = { type: 'retry', due: at };
  return settle(s, { ...free, memory, turns }, again);
}
