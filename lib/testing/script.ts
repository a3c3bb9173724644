/** The script by which the model answers, and what does not fit it, in sentences. */

import { compactionPrompt } from '../core/runtime-messages.ts';
import type { MessagesRequest } from '../local/messages-api/shape.ts';
import { type Answer, failing, type Player, reply } from '../local/model/answer.ts';
import type { Refusal } from '../local/model/provider.ts';
import type { Step } from '../local/model/scripted.ts';

export type ModelScript = {
  player: Player;
  /** All that the model was asked, in order, summaries too. */
  requests: MessagesRequest[];
  /** Whose requests come next. */
  answerTo(sessionId: string): void;
  add(steps: Step[]): void;
  play(player: Player | null): void;
  /** Throws for the first request that the script had no answer for, and what a function of it threw. */
  assertExpected(refusals: Refusal[]): void;
  /** Throws where steps are left. */
  assertUsed(): void;
};

const MOST_WORDS = 200;
const SUMMARY = 'What was to be done, what was done and what comes next, in short.';
const ASKS_FOR_SUMMARY = JSON.stringify(compactionPrompt.content).slice(10, 110);

const isOfSummary = ({ messages }: MessagesRequest): boolean =>
  JSON.stringify(messages.at(-1)?.content ?? '').includes(ASKS_FOR_SUMMARY);

export function modelScript(): ModelScript {
  const requests: MessagesRequest[] = [];
  const steps: Step[] = [];
  /** Replies by session: a summary takes the messages before it out of the requests, so these cannot tell. */
  const replies = new Map<string, number>();
  let sessionId = '';
  let added = 0;
  let otherwise: Player | null = null;
  let unexpected: string | null = null;
  /** What a function of the test threw, which the SDK would take for a fault of the provider. */
  let thrown: { error: unknown } | null = null;

  const repliesSoFar = (): number => replies.get(sessionId) ?? 0;

  async function answered(request: MessagesRequest): Promise<Answer> {
    const step = steps.shift();
    if (step === undefined && otherwise) return otherwise(request, repliesSoFar());
    if (step === undefined) {
      unexpected ??= unexpectedOf(request, { added, number: requests.length });
      return failing({ kind: 'status', status: 400, type: 'invalid_request_error', message: unexpected });
    }
    if (typeof step === 'string') return reply(step);
    return typeof step === 'function' ? step(request) : step;
  }

  /** A step thinks where it says so. A summary is asked for by the runtime, whenever a conversation has become long, and is no step of anybody's script. */
  async function player(request: MessagesRequest): Promise<Answer> {
    requests.push(request);
    if (isOfSummary(request)) return { ...reply(SUMMARY), thought: null };
    try {
      const answer = await answered(request);
      if (!answer.fault) replies.set(sessionId, repliesSoFar() + 1);
      return { thought: null, ...answer };
    } catch (error) {
      thrown ??= { error };
      throw error;
    }
  }

  return {
    player,
    requests,
    answerTo(id) {
      sessionId = id;
    },
    add(more) {
      steps.push(...more);
      added += more.length;
    },
    play(next) {
      otherwise = next;
    },
    assertExpected([refusal]) {
      const [told, first] = [unexpected, thrown];
      unexpected = null;
      thrown = null;
      if (first) throw first.error;
      if (told !== null) throw new Error(told);
      if (refusal) throw new Error(`The Messages API would have refused a request: ${refusal.message}`);
    },
    assertUsed() {
      if (steps.length === 0) return;
      const left = steps.length === 1 ? '1 step' : `${steps.length} steps`;
      throw new Error(
        `The model was not asked for ${left} of the script's ${added}. The next would have been ${nameOf(steps[0]!)}. Take out what is too much, or run the sessions further.`,
      );
    },
  };
}

function unexpectedOf(request: MessagesRequest, { added, number }: { added: number; number: number }): string {
  const last = JSON.stringify(request.messages.at(-1)?.content ?? '').slice(0, MOST_WORDS);
  return `The model was asked for a reply that the script does not have: it has ${added === 1 ? '1 step' : `${added} steps`}, and this was request ${number}, to ${request.model}. Its last message began: ${last}. Add a step with \`model.script(…)\`, or answer all that follows with \`model.play(…)\`.`;
}

function nameOf(step: Step): string {
  if (typeof step === 'function') return 'a function';
  const { content } = typeof step === 'string' ? reply(step) : step;
  return JSON.stringify(content).slice(0, MOST_WORDS);
}
