/** What users do meanwhile, every fifth time twice at once: speak, put files, pause, resume, cancel, pay, change their plan. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../../lib/adapters/postgres/connect.ts';
import { WORKSPACE_LIMITS } from '../../../lib/core/workspace.ts';
import type { TestDatabase } from '../../postgres/database.ts';
import type { Random } from './loop.ts';

export const DAY_MS = 86_400_000;
const PATIENCE_MS = 20_000;
export type Payment = { user: string; key: string; amount: number };
export type Written = { session: string; path: string };
export type Cast = { users: string[]; sessions: { id: string; user: string }[]; start: number };

export const renewal = (start: number, days: number) => new Date(start + days * DAY_MS).toISOString().slice(0, 10);

export function persons({ call }: Database, random: Random, { users, sessions, start }: Cast) {
  const payments: Payment[] = [];
  const written: Written[] = [];
  const pick = (n: number) => Math.floor(random() * n);

  async function ask(name: string, ...args: (string | number)[]): Promise<unknown> {
    const once = () => call(name, ...args);
    const [answer] = await Promise.all(random() < 0.2 ? [once(), once()] : [once()]);
    return answer;
  }

  /** Each file has a name of its own, and its name for content. */
  async function put({ id, user } = sessions[pick(sessions.length)]!): Promise<void> {
    const [operation, path] = [randomUUID(), `/${randomUUID()}`];
    const content = Buffer.from(path).toString('base64');
    const answer = await ask(
      'write_file',
      user,
      id,
      operation,
      JSON.stringify({ path, content, most: WORKSPACE_LIMITS }),
    );
    if (!('refused' in (answer as object))) written.push({ session: id, path });
  }

  async function wish(type: string, { id, user } = sessions[pick(sessions.length)]!): Promise<void> {
    const operation = randomUUID();
    await ask('request_action', user, id, operation, JSON.stringify({ type, content: operation }));
  }

  async function topUp(user: string, amount: number): Promise<void> {
    const key = randomUUID();
    await ask('top_up', user, amount, pick(2) ? 'today' : 'cycle', key, 'print');
    payments.push({ user, key, amount });
  }

  async function act(): Promise<void> {
    const dice = random();
    if (dice < 0.35) return wish('message');
    if (dice < 0.5) return put();
    if (dice < 0.6) return wish('pause');
    if (dice < 0.7) return wish('resume');
    if (dice < 0.71) return wish('cancel');
    if (dice < 0.9) return topUp(users[pick(users.length)]!, 1_000 + pick(9_000));
    const changing = users[1 + 2 * pick(Math.floor(users.length / 2))]!;
    const change = { budget: String(2_500_000 + pick(1_000_000)), renewalDate: renewal(start, 8 + pick(8)) };
    await ask('put_user', changing, JSON.stringify(change));
  }

  /**
   * Answers whoever waits and pays for whoever sleeps, until all sessions have ended; false if for twenty seconds none gets on. Each at
   * most every three seconds: no session ends while it is spoken to all the time.
   */
  async function helpToEnd(db: TestDatabase, pause: () => Promise<void>): Promise<boolean> {
    const helped = new Map<string, number>();
    const mayHelp = (whom: string) => {
      const due = Date.now() - (helped.get(whom) ?? 0) > 3_000;
      if (due) helped.set(whom, Date.now());
      return due;
    };
    let before = '';
    for (let until = Date.now() + PATIENCE_MS; Date.now() < until; await pause()) {
      const rows = await db.rows(
        `select id, user_id, state, desired, iteration from agent_sessions where state <> 'ended'`,
      );
      if (rows.length === 0) return true;
      const now = rows
        .map(({ id, iteration }) => `${id} ${iteration}`)
        .sort()
        .join();
      if (now !== before) until = Date.now() + PATIENCE_MS;
      before = now;
      for (const { id, user_id, state, desired } of rows) {
        const session = { id: id!, user: user_id! };
        if (state === 'sleeping' && mayHelp(session.user)) await topUp(session.user, 200_000);
        if (desired === 'pause' && mayHelp(session.id)) await wish('resume', session);
        else if ((state === 'waiting' || state === 'paused') && mayHelp(session.id)) await wish('message', session);
      }
    }
    return false;
  }

  return { act, helpToEnd, payments, written };
}
