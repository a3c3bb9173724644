/** What the live view shows, as lines. It is pure: the same view, size and time give the same lines. */
import { type Budget, dollars, type Session } from '../../client/index.ts';
import { ago, cut, oneLine, type Paint, table } from '../text.ts';
import { money, nextCommand, situation, state } from '../words.ts';

export type View = {
  budget: Budget | null;
  /** One that is looked at, or several in a table. */
  sessions: Session[];
  only: boolean;
  /** Events, oldest first, in one line each. */
  tail: string[];
  /** The reply that is being written; empty: none. */
  draft: string;
  /** Why what is shown may be old. */
  trouble: string | null;
  /** What is being typed, and for what. */
  entry: { label: string; text: string } | null;
  /** What the last key did. */
  note: string | null;
};

export type Place = { columns: number; rows: number; now: number; paint: Paint };

/** As many lines as the terminal has rows, none wider than it. The last one says which keys there are. */
export function frame(view: View, place: Place): string[] {
  const { columns, rows, paint } = place;
  const head = [
    ...(view.budget ? money(view.budget, place) : ['…', '', '']),
    '',
    ...(view.only ? one(view.sessions[0], place) : many(view.sessions, place)),
    '',
  ].slice(0, rows - 1);
  const room = Math.max(0, rows - 1 - head.length);
  const draft = oneLine(view.draft);
  const tail = [...view.tail, ...(draft ? [paint('dim', `… ${ending(draft, columns - 2)}`)] : [])];
  const body = [...head, ...(room > 0 ? tail.slice(-room) : [])];
  while (body.length < rows - 1) body.push('');
  return [...body, foot(view, paint)].map((line) => cut(line, columns));
}

function one(session: Session | undefined, { now, paint }: Place): string[] {
  if (!session) return ['…'];
  const cap = session.max_cost_microdollars;
  const next = nextCommand(session);
  return [
    `${paint('bold', oneLine(session.goal))}`,
    paint(
      'dim',
      `${session.id} · ${session.agent} · ${session.model} · ${dollars(session.cost_microdollars)}${cap === null ? '' : ` of ${dollars(cap)}`}`,
    ),
    state(session, now, paint),
    situation(session, now),
    ...(session.waiting?.approvals ?? []).map(
      ({ tool, input, input_preview }) =>
        `${paint('magenta', '?')} ${oneLine(tool)} ${oneLine(input ? JSON.stringify(input) : (input_preview ?? ''))}`,
    ),
    ...(session.waiting?.choices ?? []).map((choice) => `  - ${oneLine(choice)}`),
    ...(session.status === 'sleeping' && next ? [paint('dim', `→ ${next}`)] : []),
  ];
}

function many(sessions: Session[], { columns, rows, now, paint }: Place): string[] {
  if (sessions.length === 0) return ['No session. Start one: circadian run "…"'];
  return table(
    sessions
      .slice(0, Math.max(1, rows - 6))
      .map((session) => [
        state(session, now, paint),
        oneLine(session.goal),
        `it. ${session.iteration_number}`,
        dollars(session.cost_microdollars),
        ago(session.updated_at, now),
        paint('dim', session.id.slice(-8)),
      ]),
    columns,
    1,
  );
}

function foot({ entry, trouble, note, only, sessions: [session] }: View, paint: Paint): string {
  if (entry) return `${paint('magenta', entry.label)} ${entry.text}▏`;
  const keys = only && session ? [...keysOf(session), 'q leaves, it goes on'] : ['q leaves, they go on'];
  return paint('dim', [trouble ?? note, ...keys].filter((part) => part !== null).join(' · '));
}

function keysOf({ status, waiting }: Session): string[] {
  if (status === 'waiting_for_input') return waiting?.kind === 'approval' ? ['y approves', 'n denies'] : ['a answers'];
  if (status === 'working') return ['p pauses', 'a tells it something'];
  if (status === 'paused') return ['p resumes'];
  return status === 'sleeping' ? ['w wakes', 'p pauses', 'a tells it something'] : [];
}

/** The end of a text, for as many columns as there are. */
const ending = (text: string, columns: number): string => text.slice(-Math.max(1, columns));

/**
 * What a terminal is sent so that it shows `next` where it shows `last`: only lines that differ, as one picture on terminals that know how
 * (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036). Empty where nothing differs.
 */
export function changes(last: readonly string[], next: readonly string[]): string {
  const lines = next.flatMap((line, row) => (last[row] === line ? [] : [`\u001b[${row + 1};1H${line}\u001b[K`]));
  return lines.length === 0 ? '' : `\u001b[?2026h${lines.join('')}\u001b[?2026l`;
}
