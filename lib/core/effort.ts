/**
 * Effort: how much the model puts into a reply, thinking included. Each call states it: the effort of the session, its agent or its tier. It
 * goes down before the model does as the day's money runs short. It is back the next day, or with more money.
 *
 * The level is written into the prompt. With another level the provider reads the messages anew instead of from its cache. Thinking blocks
 * stay valid, since only system, tools and messages bind them. Source: prompt caching page, "What invalidates the cache", 2026. A change waits
 * where that would cost more than it saves: until the cache is cold, by a sleep, a summary or another model.
 */
import { effortFor, thinkingOf } from '../budget/models.ts';
import { EFFORTS, type Effort } from '../budget/prices.ts';
import { isKnownModel, priceOf } from '../budget/pricing.ts';
import type { LogEntry } from './events.ts';
import { firstRungAt, modelOf } from './model-ladder.ts';
import type { AgentSpec, Call, ModelRequest, SessionConfig, SessionData } from './session.ts';
import { pct, used } from './step.ts';

export { EFFORTS, type Effort };

/** The levels down to the lowest are spread over so many per cent of the allowance, just above where the model itself goes down. */
const BAND = 30;
/** The part of a day's allowance that reading the context anew for a change may cost: what some hours at the lower level save. */
const CHANGE_SHARE = { of: 1n, in: 33n };

/** The agent as the deployment has it now: what it says here is no part of the head, so that no session waits for it. */
const deployed = ({ agent, latest }: SessionConfig): AgentSpec => latest ?? agent;

/** What a model gets of what was asked for by its session, its agent and its tier, in this order; null: it takes none. */
export const effortAsked = (model: string, ...asked: (Effort | null | undefined)[]): Effort | null =>
  effortFor(model, asked.find((level) => level != null) ?? thinkingOf(model).usual);

/** What the session is to have while money lasts; null: its model takes none. */
const chosen = ({ facts, policy }: SessionData, model: string): Effort | null =>
  effortAsked(model, facts.effort, deployed(facts).effort, policy.tierEffort[facts.tier]);

/** By how many levels the spending of the day has lowered it. */
function lowered(s: SessionData, from: Effort): Effort {
  const levels = EFFORTS.indexOf(from);
  const begun = Array.from({ length: levels }, (_, i) => firstRungAt(s) - (BAND * (levels - i)) / (levels + 1));
  return EFFORTS[levels - begun.filter((threshold) => used(s) >= threshold).length] ?? from;
}

/** What the provider's cache still holds of the context, as far as is known: tokens; 0: nothing. */
const warm = ({ memory }: SessionData, model: string): bigint =>
  memory.rested === null && memory.model === model && memory.counted?.model === model
    ? BigInt(memory.counted.tokens)
    : 0n;

const PICO_PER_MICRO = 1_000_000n;

/** Would another level cost the session more, for reading its context anew, than a change may? */
function unaffordable(s: SessionData, model: string): boolean {
  const tokens = warm(s, model);
  const { rates, long } = priceOf(model);
  const { cacheWrite5m, cacheRead } = long && tokens > BigInt(long.above) ? long.rates : rates;
  const lost = (tokens * (cacheWrite5m - cacheRead)) / PICO_PER_MICRO;
  return lost * CHANGE_SHARE.in > s.day.allowance * CHANGE_SHARE.of;
}

/** Of the next call; null: its model takes none. A summary needs little, and must not lose a warm cache for it: reading is its price. */
export function effortOf(s: SessionData, kind: Call['kind']): Effort | null {
  const model = modelOf(s);
  const most = isKnownModel(model) ? chosen(s, model) : null;
  if (most === null) return null;
  const wanted = kind === 'compact' ? 'low' : lowered(s, most);
  const last = s.memory.model === model ? s.memory.effort : null;
  const kept = kind === 'compact' ? warm(s, model) > 0n : unaffordable(s, model);
  return effortFor(model, last !== null && kept ? last : wanted);
}

/** What a request to the model says of thinking: text of its thoughts, so that users see them, and the effort. */
export const thinkingPart = (
  model: string,
  effort: Effort | null,
): Pick<ModelRequest, 'thinking' | 'output_config'> => ({
  ...(thinkingOf(model).adaptive && { thinking: { type: 'adaptive', display: 'summarized' } }),
  ...(effort !== null && { output_config: { effort } }),
});

/** The most tokens of a reply that are asked for. */
export const mostOutputOf = ({ facts, policy }: SessionData): number =>
  facts.maxOutputTokens ?? deployed(facts).maxOutputTokens ?? policy.maxOutputTokens;

/** Told with the first call at another level, and not before it has its money. */
export function effortEntry(s: SessionData, { kind, request }: Call): LogEntry[] {
  const [from, to] = [s.memory.effort, request.output_config?.effort ?? null];
  if (kind === 'compact' || from === null || to === null || from === to) return [];
  return [{ type: 'agent.effort_changed', data: { from, to, budget_pct: pct(s) } }];
}
