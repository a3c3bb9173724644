/**
 * The ladder: a session that opted into it goes down to cheaper models as the day's money runs short, instead of sleeping early. It is back on
 * its own model the next morning, or with more money. A rung is never remembered beyond its day and that day's ceiling. So going up again
 * needs no step that could be forgotten.
 */
import { retiredOn } from '../budget/models.ts';
import { isKnownModel, modelLimits } from '../budget/pricing.ts';
import type { SessionData } from './session.ts';
import { used } from './step.ts';

/** The last rung begins so many per cent of the allowance before the wind-down at 90 %, each one above as much earlier. */
const STEP = 15;
const WIND_DOWN = 90;
/** Part of a model's window that the context may fill for the model to take it over. */
const FITS = 0.8;

/** The model of the next call. */
export const modelOf = (s: SessionData): string => models(s)[rungOf(s)] ?? s.facts.model;

/** The session's own model, or the one that took its place when the provider retired it. */
export const ownModel = ({ facts, memory }: SessionData): string => memory.successor ?? facts.model;

const models = (s: SessionData): string[] => [ownModel(s), ...s.facts.ladder];

function rungOf(s: SessionData): number {
  const { rung } = s.memory;
  const sent = rung?.day === s.day.date && rung.short === String(s.day.ceiling) ? rung.index : 0;
  const wanted = Math.max(bySpending(s), sent);
  const rungs = [...models(s).keys()].filter((i) => takes(s, i));
  return rungs.findLast((i) => i <= wanted) ?? rungs[0] ?? 0;
}

function bySpending(s: SessionData): number {
  const begun = s.facts.ladder.filter((_, i) => used(s) >= firstRungAt(s) + STEP * i);
  return begun.length;
}

/** Per cent of the allowance at which the session's first rung begins; without a ladder, its wind-down. */
export const firstRungAt = ({ facts }: SessionData): number => WIND_DOWN - STEP * facts.ladder.length;

/** A model that is retired, whose window is too small for the context, or that has lost its price, is passed over. */
function takes(s: SessionData, index: number): boolean {
  const model = models(s)[index]!;
  if (retiredOn(model, s.day.date)) return false;
  return (
    index === 0 || (isKnownModel(model) && (s.memory.counted?.tokens ?? 0) < modelLimits(model).contextWindow * FITS)
  );
}

/** The session one rung further down for the rest of the day; null: there is none below that could go on. */
export function stepDown(s: SessionData): SessionData | null {
  const index = [...models(s).keys()].find((i) => i > rungOf(s) && takes(s, i));
  const rung = { day: s.day.date, index: index ?? 0, short: String(s.day.ceiling) };
  return index === undefined ? null : { ...s, memory: { ...s.memory, rung } };
}
