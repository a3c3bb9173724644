/**
 * The life of a session through all that changes what stands before its thinking: what its model says and what happens around it, by the
 * number of the step. It goes on in whichever system the session is by then.
 */

import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { type Answer, call, ending, failing, reply } from '../../../lib/local/model/answer.ts';

/** Replies from the goal to the result, summaries and mishaps not counted. */
export const STEPS = 40;

/** What happens when the model is asked for this step. */
export const AT = { window: 11, deployment: 15, refusal: 19, down: 23, further: 26, up: 28, leaves: 32 } as const;
export type Happening = keyof typeof AT;

const TOO_LONG = failing({
  kind: 'status',
  status: 400,
  type: 'invalid_request_error',
  message: 'prompt is too long: 1000001 tokens > 1000000 maximum',
});

const CUT = 'Goal: forty steps. Done so far: a good part of them. In progress: the st';
const WHOLE =
  'Goal: forty steps, one after the other. Done: those in steps.txt. Next: the one after the last. Nothing else must be remembered.';

/** The runtime's own words (lib/core/runtime-messages.ts), in whichever message of the newest turn they stand. */
export const asksForSummary = ({ messages }: MessagesRequest): boolean =>
  JSON.stringify(messages.slice(-2)).includes('replaced by a summary that you write now');

export type Life = {
  player: (request: MessagesRequest) => Promise<Answer>;
  /** Every request that was served, in order. */
  requests: MessagesRequest[];
  /** How many requests had been served when the first summary was cut. */
  cutAt(): number;
  steps(): number;
};

/** `happens` is awaited before the answer goes out. */
export const life = (happens: (what: Happening) => Promise<void>): Life => {
  const requests: MessagesRequest[] = [];
  const happened = new Set<Happening>();
  let [steps, summaries, cutAt] = [0, 0, 0];

  const player = async (request: MessagesRequest): Promise<Answer> => {
    requests.push(request);
    if (asksForSummary(request)) {
      summaries += 1;
      if (summaries === 1) cutAt = requests.length;
      return summaries === 1 ? ending('max_tokens', CUT) : reply(WHOLE);
    }
    for (const [what, step] of Object.entries(AT) as [Happening, number][]) {
      if (steps + 1 !== step || happened.has(what)) continue;
      happened.add(what);
      await happens(what);
      if (what === 'window') return TOO_LONG;
      // With a word of it out: a refusal before any is free, by the provider's documents, and another matter.
      if (what === 'refusal') return ending('refusal', 'I cannot');
    }
    steps += 1;
    if (steps === AT.leaves) return reply(call('ask_user', { question: 'Where do I go on?' }));
    if (steps === STEPS) return reply(call('finish', { result: `${STEPS} steps.` }));
    return reply(
      `Step ${steps}.`,
      call('bash', { command: `echo ${steps} >> steps.txt; seq 1 500 | awk '{print $1 * ${steps}}'` }),
    );
  };
  return { player, requests, cutAt: () => cutAt, steps: () => steps };
};
