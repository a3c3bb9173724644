/** The marks of the states: shape, colour and word, never colour alone. Paths, since signs of fonts look different on each system. */
import type { ComponentChildren } from 'preact';
import { html } from './html.ts';
import { askedFor, momentOf, type State, sentenceOf, WORDS } from './states.ts';
import { span } from './text.ts';
import { Time } from './times.ts';
import type { Session } from './types.ts';

const CIRCLE = 'M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3';
const MOON = 'M9.8 2.6a5.6 5.6 0 1 0 3.7 7.9A4.9 4.9 0 0 1 9.8 2.6';

/** 16 × 16. `line`: drawn with a stroke. */
const MARKS: Record<State, { d: string; line?: true }> = {
  thinking: { d: CIRCLE },
  acting: { d: 'M5 3.2v9.6L13 8z' },
  queued: { d: CIRCLE, line: true },
  slow: { d: 'M4 2.5h8M4 13.5h8M5 2.5c0 3 3 3.7 3 5.5s-3 2.5-3 5.5M11 2.5c0 3-3 3.7-3 5.5s3 2.5 3 5.5', line: true },
  late: { d: 'M8 2.5 14 13H2zM8 6.5v3M8 11v.6', line: true },
  asleep: { d: MOON },
  busy: { d: MOON, line: true },
  waiting: { d: 'M5.8 6.1a2.3 2.3 0 1 1 3.4 2C8.4 8.6 8 9 8 10M8 12.2v.6', line: true },
  paused: { d: 'M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z' },
  over: { d: 'M5.5 2.5h5l3 3v5l-3 3h-5l-3-3v-5z' },
  done: { d: 'm3.5 8.5 3 3 6-7', line: true },
  failed: { d: 'm4 4 8 8M12 4l-8 8', line: true },
  cancelled: { d: 'M4 8h8', line: true },
};

export type MarkOf = typeof Mark;

export function Mark({ state }: { state: State }) {
  const { d, line } = MARKS[state];
  return html`<svg class=${`mark ${state}${line ? ' line' : ''}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d=${d} />
  </svg>`;
}

export function Chip({ state, children }: { state: State; children?: ComponentChildren }) {
  return html`<span class=${`chip ${state}`}>
    <${Mark} state=${state} /><b>${WORDS[state]}</b>${children && html`<span class="say">${children}</span>`}
  </span>`;
}

/** Why it is so; the instant in it is one for machines, too. */
export function Sentence({ session, now }: { session: Session; now: number }) {
  const text = sentenceOf(session, now);
  const moment = momentOf(session, now);
  const at = moment ? text.indexOf(moment.words) : -1;
  if (!moment || at < 0) return html`${text}`;
  return html`${text.slice(0, at)}<${Time} at=${moment.at} as=${() => moment.words} />${text.slice(at + moment.words.length)}`;
}

/** The same, where what an agent asks stands beside it: since when it waits. */
export const Reason = ({ session, now }: { session: Session; now: number }) =>
  session.waiting
    ? html`for ${span(now - Date.parse(session.waiting.since))}`
    : html`<${Sentence} session=${session} now=${now} />`;

/** The same in a list, where the question stands in it. */
export function Line({ session, now }: { session: Session; now: number }) {
  const since = askedFor(session, now);
  const sentence = html`<${Sentence} session=${session} now=${now} />`;
  return since ? html`${since}: <bdi>${sentence}</bdi>` : sentence;
}

export const Sun = () => html`<svg class="mark sun" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
  <circle cx="8" cy="8" r="3.2" />
  <path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.4 1.4M11.6 11.6 13 13M13 3l-1.4 1.4M4.4 11.6 3 13" />
</svg>`;

export const Brand = () => html`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
  <circle cx="12" cy="12" r="9.5" /><path d="M12 2.5a9.5 9.5 0 0 1 0 19z" />
</svg>`;
