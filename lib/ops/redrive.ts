/**
 * Redrive: what an operator runs after an outage was mended. Without it everything goes on by itself, too. But a session that was hinted in
 * vain is hinted again only after as long as it has waited, up to 16 minutes. Dead letters go back to the queue, and each session that is due
 * is hinted now. A session that is not due is not moved. If it sleeps, waits or was paused, its state says who moves it. A session that has
 * ended stays ended. A repeat is harmless, since hints are.
 */
import type { DeadLetters, Queue, Redriver, WaitingSession } from '../ports/index.ts';

export type RedriveDeps = { redriver: Redriver; letters: DeadLetters; queue: Queue };
/** `sessions` null: all that is due. */
export type RedriveOptions = { sessions: string[] | null; pageSize?: number };
/** `well` false: everything is stopped, or a session that was named is not there. */
export type Report = { well: boolean; lines: string[] };

const PAGE_SIZE = 1_000;
/** More are counted only. */
const NAMED = 20;

type Due = { id: string; userId: string; overdueMs: number };

/** Throws when Postgres or the queue is away; what was hinted until then is on its way. */
export async function redrive(needs: RedriveDeps, { sessions, pageSize = PAGE_SIZE }: RedriveOptions): Promise<Report> {
  const moved = sessions === null ? await needs.letters.moveBack() : null;
  const due: Due[] = [];
  let page = await needs.redriver.due(sessions, null, pageSize);
  const { stopped, others } = page;
  while (page.due.length > 0) {
    await needs.queue.sendAll(page.due.map(({ id, userId }) => ({ sessionId: id, userId })));
    due.push(...page.due);
    page = await needs.redriver.due(sessions, page.next, pageSize);
  }
  const found = new Set([...due, ...others].map(({ id }) => id));
  const missing = (sessions ?? []).filter((id) => !found.has(id));
  const lines = [
    ...(moved === null
      ? []
      : [moved === 0 ? 'No dead letters wait.' : `${count(moved, 'dead letter')} moved back to the queue.`]),
    ...(stopped === null
      ? dueLines(due, sessions === null)
      : [`Nothing was hinted, since everything is stopped: ${stopped}. ${LET_GO}`]),
    ...(stopped === null ? others.filter(({ id }) => !due.some((one) => one.id === id)).map(standingLine) : []),
    ...missing.map((id) => `${id}: there is no such session.`),
  ];
  return { well: stopped === null && missing.length === 0, lines };
}

const LET_GO = 'To let all go on: circadian admin go';

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function dueLines(due: Due[], all: boolean): string[] {
  if (due.length === 0) return all ? ['Nothing is due that is not being worked on: there is nothing to do.'] : [];
  const longest = Math.max(...due.map(({ overdueMs }) => overdueMs));
  const named = [...due].sort((a, b) => b.overdueMs - a.overdueMs).slice(0, NAMED);
  return [
    `${count(due.length, 'session')} hinted; the longest had not moved for ${duration(longest)}.`,
    ...named.map(({ id, overdueMs }) => `${id}: had not moved for ${duration(overdueMs)}.`),
    ...(due.length > NAMED ? [`… and ${due.length - NAMED} more.`] : []),
  ];
}

function standingLine({ id, state, desired, outcome, error, due, now, owned }: WaitingSession): string {
  if (state === 'ended') {
    const cause = error ? `: ${error}` : '';
    return `${id}: has ended (${outcome})${cause}${/[.!?]$/.test(cause) ? '' : '.'} What has ended stays ended; its messages and files are kept.`;
  }
  if (owned) return `${id}: is being worked on.`;
  if (desired === 'pause' || state === 'paused')
    return `${id}: is paused${error ? ` (${error})` : ''}; its user resumes it.`;
  if (state === 'waiting') return `${id}: waits for its user.`;
  return `${id}: sleeps ${Number.isFinite(due) ? `for ${duration(due - now)} more` : 'until its user wakes it'}.`;
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return count(Math.max(0, Math.round(ms / 1_000)), 'second');
  if (minutes < 120) return count(minutes, 'minute');
  return `${count(Math.floor(minutes / 60), 'hour')} ${minutes % 60} min`;
}
