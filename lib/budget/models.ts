/** The life of a model and the effort that it takes, by the price table in force. Pure. UTC dates are `YYYY-MM-DD`, so that they compare as text. */
import { EFFORTS, type Effort, isKnownModel, weightsOf } from './prices.ts';

/** `at`: the UTC date from which on the provider refuses it. `successor`: the model to go on with; null: none is known. */
export type Retirement = { at: string; successor: string | null };

/** Days before a model's end from which on its sessions say so: the provider tells it at least as long before (deprecation page). */
const NOTICE_DAYS = 60;
const DAY_MS = 86_400_000;

/** The model's end, past or to come; null: none is announced, or the model is not known. */
export function retirement(model: string): Retirement | null {
  if (!isKnownModel(model)) return null;
  const { retiredAt, successor } = weightsOf(model);
  return retiredAt === null ? null : { at: retiredAt, successor };
}

/** Does the provider refuse the model on this date? */
export function retiredOn(model: string, date: string): boolean {
  const end = retirement(model);
  return end !== null && end.at <= date;
}

/** The end that is near enough on this date to be told; null: none, or it is past. */
export function retiringSoon(model: string, date: string): Retirement | null {
  const end = retirement(model);
  if (end === null || end.at <= date) return null;
  return Date.parse(end.at) - Date.parse(date) <= NOTICE_DAYS * DAY_MS ? end : null;
}

/** The first of the models that follow this one which is served on this date; null: none is known. */
export function successorOn(model: string, date: string): string | null {
  const passed = new Set<string>();
  for (
    let name: string | null = model;
    name !== null && !passed.has(name);
    name = retirement(name)?.successor ?? null
  ) {
    if (isKnownModel(name) && !retiredOn(name, date)) return name;
    passed.add(name);
  }
  return null;
}

/** Whether the model takes adaptive thinking, the levels of effort it takes, and its usual one. Throws `UnknownModelError`. */
export function thinkingOf(model: string): { adaptive: boolean; efforts: readonly Effort[]; usual: Effort } {
  const { adaptive, efforts, usualEffort } = weightsOf(model);
  return { adaptive, efforts, usual: usualEffort };
}

/** The highest level that the model takes and that is not above this one, or else its lowest; null: it takes none. */
export function effortFor(model: string, wanted: Effort): Effort | null {
  const { efforts } = weightsOf(model);
  const most = EFFORTS.indexOf(wanted);
  return efforts.findLast((level) => EFFORTS.indexOf(level) <= most) ?? efforts[0] ?? null;
}
