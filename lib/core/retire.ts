/** The end of a session's model: told before it comes, and what becomes of the session when it has come. */
import { retiredOn, retirement, retiringSoon, successorOn } from '../budget/models.ts';
import { priceOf } from '../budget/pricing.ts';
import type { LogEntry } from './events.ts';
import type { Memory } from './memory.ts';
import { modelOf } from './model-ladder.ts';
import { dollars } from './runtime-messages.ts';
import type { SessionData, SessionError, StoredState } from './session.ts';

/** Code of the pause that a retired model leads to. */
const RETIRED = 'retired_model';

/** Why no call can be made: the provider has retired the session's model, and its ladder has none that is left. Null: one can. */
export function retiredError(s: SessionData): SessionError | null {
  const model = modelOf(s);
  const end = retirement(model);
  if (end === null || !retiredOn(model, s.day.date)) return null;
  return { code: RETIRED, message: `${happened(model, end.at)} ${wayOn(successorOn(model, s.day.date))}` };
}

const happened = (model: string, date: string): string =>
  `The provider has served no call of ${model} since ${date}. Nothing is lost and nothing was spent.`;

function wayOn(heir: string | null): string {
  if (heir === null)
    return 'No successor is known here: ask the operator to name one in PRICES, and resume the session.';
  const { input, output } = priceOf(heir).rates;
  return `Resume the session, and it goes on with ${heir}, which costs ${dollars(input)} per million tokens of input and ${dollars(output)} of output.`;
}

/** What resuming changes: a session that its model's end had paused goes on with the successor, as the user was told. */
export function takenOver(s: SessionData & StoredState): Partial<Memory> {
  if (s.state !== 'paused' || s.error?.code !== RETIRED || retiredError(s) === null) return {};
  const heir = successorOn(modelOf(s), s.day.date);
  return heir === null ? {} : { successor: heir };
}

/** With the first reply of a model within 60 days of its end the journal says so, once. */
export function retiring(s: SessionData, model: string): { memory: Partial<Memory>; journal: LogEntry[] } {
  const end = retiringSoon(model, s.day.date);
  if (end === null || s.memory.retiring === model) return { memory: {}, journal: [] };
  const data = { model, retires_at: `${end.at}T00:00:00.000Z`, successor: end.successor };
  return { memory: { retiring: model }, journal: [{ type: 'agent.model_retiring', data }] };
}
