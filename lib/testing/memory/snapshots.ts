/** Answers of Postgres that are kept for a minute, and whose key was looked up. */
import { randomUUID } from 'node:crypto';
import type { BudgetView, LiveSession, Snapshots } from '../../ports/index.ts';

const KEEP_MS = 60_000;
const MARGIN_MS = 2_000;

type Kept<T> = { version: string; until: number; answer: T };

/** `real`: the callers' own clock. */
export function memorySnapshots(real: () => number) {
  const versions = new Map<string, string>();
  const budgets = new Map<string, Kept<BudgetView>>();
  const sessions = new Map<string, Kept<LiveSession>>();
  const keys = new Map<string, { owner: string; until: number } | 'revoked'>();

  const versionOf = (userId: string): string => {
    const version = versions.get(userId) ?? randomUUID();
    versions.set(userId, version);
    return version;
  };
  const shown = <T>(kept: Kept<T> | undefined, version: string): T | null =>
    kept && kept.version === version && kept.until > real() ? structuredClone(kept.answer) : null;

  const forget = (userId: string): void => void versions.set(userId, randomUUID());
  const snapshots: Snapshots = {
    async snapshot(userId, sessionId) {
      const version = versionOf(userId);
      const session = sessionId === null ? null : shown(sessions.get(`${userId} ${sessionId}`), version);
      return { version, budget: shown(budgets.get(userId), version), session };
    },
    async keep(userId, version, { budget, session, ageMs }) {
      const due = Math.min(budget.day.resetsAt, budget.nextDue ?? Number.POSITIVE_INFINITY) - MARGIN_MS;
      const ms = Math.min(KEEP_MS, due - budget.now) - ageMs;
      if (ms <= 0 || versionOf(userId) !== version) return;
      const kept = { version, until: real() + ms };
      budgets.set(userId, { ...kept, answer: structuredClone(budget) });
      if (!session) return;
      const { status, wakeAt, cost } = session;
      sessions.set(`${userId} ${session.id}`, { ...kept, answer: { status, wakeAt, cost, asOf: budget.now } });
    },
    version: async (userId) => versions.get(userId) ?? null,
    forget: async (userId) => forget(userId),
    async keyOwner({ id, hash }) {
      const kept = keys.get(`${id}:${hash}`);
      return kept && kept !== 'revoked' && kept.until > real() && keys.get(id) !== 'revoked' ? kept.owner : null;
    },
    async keepKey({ id, hash }, owner) {
      if (keys.get(id) !== 'revoked') keys.set(`${id}:${hash}`, { owner, until: real() + KEEP_MS });
    },
    async dropKey(id) {
      keys.set(id, 'revoked');
    },
  };
  const loseSnapshots = () => {
    for (const kept of [versions, budgets, sessions, keys]) kept.clear();
  };
  return { snapshots, forget, loseSnapshots };
}
