/**
 * One recording through the whole system, as its user lived it: a user with a daily allowance, a session, words said when they were
 * said, and the clock moved on whenever the session sleeps.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalSystem } from '../../lib/local/system.ts';
import { type BudgetJson, type Client, client, type MessageJson, type SessionJson } from './client.ts';
import { markOf, type Recording } from './recording.ts';

const DAYS = 30;
const DAY_MS = 86_400_000;
const ASK_MS = 100;
/** A session that neither moves nor rests for so long has a fault. */
const STUCK_MS = 120_000;

export type DaySpent = { date: string; allowance: number; ceiling: number; spent: number };
export type Ran = {
  sessionId: string;
  userId: string;
  iterations: number;
  /** Sleeps till the next day's allowance. */
  nights: number;
  /** Days on which something was spent. */
  days: DaySpent[];
  messages: MessageJson[];
  /** Why it ended before the recording did, or null. */
  stopped: string | null;
  milliseconds: number;
};

/** A user with this allowance today: the budget of thirty such days. Gives the key. */
const newUser = async (system: LocalSystem, userId: string, allowance: bigint): Promise<string> => {
  const admin = client(system.url, system.adminKey);
  const renewal = new Date(system.clock.now() + DAYS * DAY_MS).toISOString().slice(0, 10);
  await admin.send('PUT', `/v1/admin/users/${userId}`, {
    tier: 'standard',
    subscription_budget_microdollars: Number(allowance * BigInt(DAYS)),
    subscription_renewal_date: renewal,
  });
  const { key } = await admin.send<{ key: string }>('POST', `/v1/admin/users/${userId}/api-keys`, {});
  return key;
};

const newSession = (api: Client, { id, model, goal, calls }: Recording): Promise<SessionJson> =>
  api.send('POST', '/v1/sessions', {
    goal,
    model,
    system: markOf(id),
    on_end_turn: 'wait',
    max_iterations: calls.length + 10,
    metadata: { transcript: id },
  });

export const say = (api: Client, sessionId: string, content: string): Promise<unknown> =>
  api.send('POST', `/v1/sessions/${sessionId}/messages`, { content });

/** Waits until the session rests. */
const rested = async (api: Client, id: string): Promise<SessionJson> => {
  let seen = -1;
  let since = performance.now();
  for (;;) {
    const session = await api.get<SessionJson>(`/v1/sessions/${id}`);
    if (session.status !== 'working') return session;
    if (session.iteration_number !== seen) since = performance.now();
    seen = session.iteration_number;
    if (performance.now() - since > STUCK_MS) return session;
    await pause(ASK_MS);
  }
};

/** All pages of it. */
const historyOf = async (api: Client, id: string): Promise<MessageJson[]> => {
  const messages: MessageJson[] = [];
  for (let cursor: string | null = null, query = ''; ; query = `?cursor=${cursor}`) {
    const page: Page = await api.get(`/v1/sessions/${id}/messages${query}`);
    messages.push(...page.data);
    cursor = page.next_cursor;
    if (cursor === null) return messages;
  }
};
type Page = { data: MessageJson[]; next_cursor: string | null };

export type Playing = { api: Client; sessionId: string };

/** `onStart` is told of the session before its first model call can come. */
export const run = async (
  system: LocalSystem,
  recording: Recording,
  allowance: bigint,
  onStart: (playing: Promise<Playing>) => void,
): Promise<Ran> => {
  const began = performance.now();
  const userId = `replay-${recording.id}`.slice(0, 60);
  const api = client(system.url, await newUser(system, userId, allowance));
  const starting = newSession(api, recording);
  onStart(starting.then(({ id }) => ({ api, sessionId: id })));
  const { id } = await starting;

  const days = new Map<string, DaySpent>();
  const noteDay = async () => {
    const budget = await api.get<BudgetJson>('/v1/budget');
    const {
      date,
      daily_budget_microdollars: allowed,
      spent_microdollars: spent,
      hard_ceiling_microdollars: ceiling,
    } = budget;
    if (spent > 0) days.set(date, { date, allowance: allowed, ceiling, spent });
  };

  let nights = 0;
  let told = 0;
  let stopped: string | null = null;
  for (;;) {
    const session = await rested(api, id);
    await noteDay();
    const done = session.iteration_number;
    if (done >= recording.calls.length && session.status !== 'working') break;
    const last = recording.calls[done - 1];
    if (last && !last.interrupts && last.said !== null && told < done) {
      told = done;
      await say(api, id, last.said);
    } else if (session.wake_at !== null) {
      if (session.sleep_reason === 'allowance' || session.status === 'budget_exceeded') nights += 1;
      await system.moveClock(Date.parse(session.wake_at));
    } else {
      stopped = `${session.status} after ${done} of ${recording.calls.length}: ${session.question ?? session.error?.message ?? 'no reason given'}`;
      break;
    }
  }
  const messages = await historyOf(api, id);
  const { iteration_number: iterations } = await api
    .send<SessionJson>('POST', `/v1/sessions/${id}/cancel`)
    .catch(() => api.get<SessionJson>(`/v1/sessions/${id}`));
  return {
    sessionId: id,
    userId,
    iterations,
    nights,
    days: [...days.values()],
    messages,
    stopped,
    milliseconds: Math.round(performance.now() - began),
  };
};
