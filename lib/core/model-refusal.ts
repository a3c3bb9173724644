/**
 * A reply that the model refused to give. It is paid for as the provider bills it, but not stored: what was asked stands in the history
 * without it, so that another model, or the user, can go on from there.
 */
import type { Bill } from './bill.ts';
import { textOf } from './context.ts';
import type { LogEntry } from './events.ts';
import { stepDown } from './model-ladder.ts';
import { preview } from './runtime-messages.ts';
import type { Continuation, Reply } from './session.ts';
import { settle, type Thinking } from './settle-call.ts';
import type { Step } from './step.ts';

/** The next rung takes the call over, once; where there is none, or it refuses too, the user is asked. */
export function declined(s: Thinking, reply: Reply, bill: Bill, at: number): Step {
  const model = s.call.request.model;
  const journal = [...bill.journal, refusedEntry(model, reply)];
  // Some refusals before the first word are free and some are not: the charge stays until evidence tells.
  const doubt = reply.usage.output_tokens === 0 && { class: 'unknown' as const };
  const next = s.memory.refusedBy === null ? stepDown(s) : null;
  const memory = { ...(next ?? s).memory, failures: 0, doubts: 0, refusedBy: model };
  return settle(
    s,
    { ...bill, ...doubt, memory, journal },
    next ? { type: 'retry', due: at } : askThePerson(model, reply),
  );
}

const refusedEntry = (model: string, reply: Reply): LogEntry => ({
  type: 'agent.refused',
  data: { model, category: reply.refusal?.category ?? null, text: preview(textOf(reply.content)) },
});

function askThePerson(model: string, { refusal }: Reply): Continuation {
  const why = [refusal?.category && `category ${refusal.category}`, refusal?.explanation].filter(Boolean).join(': ');
  const message =
    `The model ${model} refused to go on${why ? ` (${preview(why)})` : ''}. What it billed for that is charged, and nothing is lost. ` +
    'Tell the agent in a message how to go on, or resume the session to ask again.';
  const to = { state: 'paused', error: { code: 'refused', message } } as const;
  return { type: 'suspend', to, due: Number.POSITIVE_INFINITY };
}
