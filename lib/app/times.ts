/** Times on the page, and the switch between those of this place and UTC. */
import { useEffect, useState } from 'preact/hooks';
import { now as productNow } from './api.ts';
import { html } from './html.ts';
import { exact, partsOf, timed, when, whenResets } from './text.ts';
import { isUtc, showTimesIn, watchZone } from './zone.ts';

const KEPT = 'circadian.times';
const zoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

function show(utc: boolean): void {
  try {
    showTimesIn(utc ? 'UTC' : zoneHere());
  } catch {
    showTimesIn('UTC');
  }
}

/** Times of this place, unless UTC was chosen on this device. */
export const takeZone = (): void => show(localStorage.getItem(KEPT) === 'utc');

/** Draws again when times are shown in another zone. */
export function useZone(): void {
  const [, draw] = useState(0);
  useEffect(() => watchZone(() => draw((n) => n + 1)), []);
}

/** Not where it would change nothing. */
export function ZoneSwitch() {
  useZone();
  if (zoneHere() === 'UTC') return null;
  const utc = isUtc();
  const toggle = () => {
    localStorage.setItem(KEPT, utc ? 'here' : 'utc');
    show(!utc);
  };
  return html`<button type="button" class="plain" aria-pressed=${utc} title=${utc ? 'Times are UTC' : `Times are those of ${zoneHere()}`} onClick=${toggle}>UTC</button>`;
}

type Props = { at: string | number; as?: (at: string | number) => string };

/** `as`: its words; else the time of day. UTC in full is a touch of the pointer away. */
export function Time({ at, as = timed }: Props) {
  useZone();
  return html`<time datetime=${new Date(at).toISOString()} title=${exact(at)}>${as(at)}</time>`;
}

/** With its day where that is not today. `now`: of the product. */
export const When = ({ at, now }: { at: string | number; now: number }) =>
  html`<${Time} at=${at} as=${(of: string | number) => when(of, now)} />`;

/** A sentence of the API, its instants in words. Nothing in it tells which of them end a day of money, so each is named in UTC and in times of this place. */
export const Told = ({ text }: { text: string }) =>
  html`${partsOf(text).map((part) => (typeof part === 'string' ? part : html`<${Time} at=${part.at} as=${inBoth} />`))}`;
const inBoth = (at: string | number): string => whenResets(at, productNow());
