/** What the live view shows, as lines. It is pure: the same view, size and time give the same lines. */
import { type Budget, dollars, type Session } from '../../client/index.ts';
import { stopped } from '../stop.ts';
import { ago, atSpaces, cut, oneLine, type Paint, table, width, wrapped } from '../text.ts';
import { type Approval, callOf, money, nextCommand, pinOf, situation, state } from '../words.ts';

export type View = {
  budget: Budget | null;
  /** When the operator had stopped all agents; null also where that holds none of these sessions. */
  stop: string | null;
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
  /** Pins of the calls that the terminal shows to the last letter: only these can be approved by a key. */
  seen: string[];
};

export type Place = { columns: number; rows: number; now: number; paint: Paint };

/** As many lines as the terminal has rows, none wider than it. The last one says which keys there are. */
export function frame(view: View, place: Place): string[] {
  const { columns, rows, paint } = place;
  const head = [...above(view, place), ...(view.only ? one(view, place) : many(view, place)), ''].slice(0, rows - 1);
  const room = Math.max(0, rows - 1 - head.length);
  const draft = oneLine(view.draft);
  const tail = [...view.tail, ...(draft ? [paint('dim', `… ${ending(draft, columns - 2)}`)] : [])];
  const body = [...head, ...(room > 0 ? tail.slice(-room) : [])];
  while (body.length < rows - 1) body.push('');
  return [...body, foot(view, place)].map((line) => cut(line, columns));
}

const above = ({ budget }: View, place: Place): string[] => [...(budget ? money(budget, place) : ['…', '', '']), ''];

/** Pins of the calls that `frame` shows whole. */
export function shownWhole(view: View, place: Place): string[] {
  const [session] = view.only ? view.sessions : [];
  if (!session) return [];
  let end = above(view, place).length + about(session, view.stop, place).length;
  return (session.waiting?.approvals ?? []).flatMap((call) => {
    end += callLines(call, place).length;
    return call.input && end < place.rows ? [pinOf(call)] : [];
  });
}

const callLines = (call: Approval, { columns, paint }: Place): string[] =>
  wrapped(callOf(call), Math.max(10, columns - 2)).map((line, i) => `${i === 0 ? paint('magenta', '?') : ' '} ${line}`);

/** In whole lines, since nobody answers a question of which they see the beginning; at most a third of the terminal. */
function told(text: string, { columns, rows }: Place): string[] {
  const lines = atSpaces(text, columns);
  const most = Math.max(1, Math.floor(rows / 3));
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), lines.slice(most - 1).join(' ')];
}

function about(session: Session, stop: string | null, place: Place): string[] {
  const { now, paint } = place;
  const cap = session.max_cost_microdollars;
  return [
    `${paint('bold', oneLine(session.goal))}`,
    paint(
      'dim',
      `${session.id} · ${session.agent} · ${session.model} · ${dollars(session.cost_microdollars)}${cap === null ? '' : ` of ${dollars(cap)}`}`,
    ),
    state(session, now, paint),
    ...told(situation(session, now, stop), place),
  ];
}

function one({ sessions: [session], stop }: View, place: Place): string[] {
  if (!session) return ['…'];
  const { paint } = place;
  const next = nextCommand(session);
  return [
    ...about(session, stop, place),
    ...(session.waiting?.approvals ?? []).flatMap((call) => callLines(call, place)),
    ...(session.waiting?.choices ?? []).map((choice) => `  - ${oneLine(choice)}`),
    ...(session.status === 'sleeping' && next ? [paint('dim', `→ ${next}`)] : []),
  ];
}

function many({ sessions, stop }: View, place: Place): string[] {
  const { columns, rows, now, paint } = place;
  if (sessions.length === 0) return ['No session. Start one: circadian run "…"'];
  const why = stop === null ? [] : told(stopped(stop, 'none goes on'), place);
  const lines = table(
    sessions
      .slice(0, Math.max(1, rows - 6 - why.length))
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
  return [...why, ...lines];
}

function foot(view: View, place: Place): string {
  const {
    entry,
    trouble,
    note,
    only,
    sessions: [session],
  } = view;
  const { paint } = place;
  if (entry) return `${paint('magenta', entry.label)} ${ending(entry.text, place.columns - width(entry.label) - 2)}▏`;
  const keys =
    only && session ? [...keysOf(session, shownWhole(view, place)), 'q leaves, it goes on'] : ['q leaves, they go on'];
  return paint('dim', [trouble ?? note, ...keys].filter((part) => part !== null).join(' · '));
}

function keysOf({ id, status, waiting }: Session, seen: string[]): string[] {
  if (status === 'waiting_for_input' && waiting?.kind === 'approval')
    return [
      waiting.approvals.length > seen.length ? `too long for here: circadian show ${id}` : 'y approves',
      'n denies',
    ];
  if (status === 'waiting_for_input') return ['a answers'];
  if (status === 'working') return ['p pauses', 'a tells it something'];
  if (status === 'paused') return ['p resumes'];
  if (status === 'budget_exceeded') return ['w wakes'];
  return status === 'sleeping' ? ['w wakes', 'p pauses', 'a tells it something'] : [];
}

/** The end of a text, for as many columns as there are. */
function ending(text: string, columns: number): string {
  let end = text.slice(-Math.max(1, columns));
  while (end.length > 1 && width(end) > columns) end = end.slice(1);
  return end;
}

/**
 * What a terminal is sent so that it shows `next` where it shows `last`: only lines that differ, as one picture on terminals that know how
 * (https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036). A line is emptied before it is written: after a full one the cursor stands
 * on its last letter, which would go. Empty where nothing differs.
 */
export function changes(last: readonly string[], next: readonly string[]): string {
  const lines = next.flatMap((line, row) => (last[row] === line ? [] : [`\u001b[${row + 1};1H\u001b[K${line}`]));
  return lines.length === 0 ? '' : `\u001b[?2026h${lines.join('')}\u001b[?2026l`;
}
