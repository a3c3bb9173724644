/**
 * A stage: a database, the product's own ports on it, and witnesses who write down what the outside world saw, as in a run under faults.
 * A scenario plays on it, and what it leaves behind is evidence like any other.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { connect } from '../../../lib/adapters/postgres/connect.ts';
import { postgres } from '../../../lib/adapters/postgres/index.ts';
import { newId } from '../../../lib/ids.ts';
import { rawTypes } from '../../../lib/local/neon.ts';
import { startPostgres } from '../../../lib/local/postgres.ts';
import { migrateUp } from '../../../lib/ops/migrate.ts';
import type { NewSession, User } from '../../../lib/ports/index.ts';
import { installRecorder } from '../checks/recorder.ts';
import type { BillLine, ClaimLine, EffectLine, Evidence, RefusalLine, Settings } from '../evidence.ts';
import { type Side, side } from './side.ts';

export type Stage = ReturnType<typeof postgres> & {
  evidence: Evidence;
  /** Every value as Postgres' text. */
  pool: pg.Pool;
  /** For `connect`. */
  url: string;
  query(text: string, values?: unknown[]): Promise<Record<string, string>[]>;
  /** Another connection, until `leave`. */
  side(): Promise<Side>;
  /** All sides are closed. */
  leave(): Promise<void>;
  /** A user with a day of $1 on the tenth of November 2026, ceiling $1.10. */
  user(over?: Partial<User>): Promise<string>;
  session(userId: string, over?: Partial<NewSession>): Promise<string>;
  /** The clock of the database, also backwards. */
  setNow(iso: string): Promise<void>;
  /** As if its owner had died a lease ago. */
  expireLease(sessionId: string): Promise<void>;
  witness(line: { bill: BillLine } | { claim: ClaimLine } | { effect: EffectLine } | { refusal: RefusalLine }): void;
  log(text: string): void;
  /** Iterations that were begun on it. */
  counted: { iterations: number };
  /** Done when the stage closes. */
  onClose(end: () => Promise<void>): void;
  close(): Promise<void>;
};

export const START = '2026-11-10T08:00:00Z';
export const MIDNIGHT = '2026-11-11T00:00:00Z';

/** `databaseUrl`: a database of the lab. Null: an embedded one, which has a single connection and so no sides. */
export async function setStage(databaseUrl: string | null): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-stage-'));
  const evidence = emptyEvidence(folder, databaseUrl ?? '');
  const { settings } = evidence;
  const local = await startPostgres({ dataDir: 'memory', databaseUrl: databaseUrl ?? undefined });
  const pool = databaseUrl
    ? new pg.Pool({ connectionString: databaseUrl, types: rawTypes } as pg.PoolConfig)
    : local.pool;
  if (!databaseUrl) {
    await migrateUp(connect(local.url).sql);
    await installRecorder((text) => pool.query(text));
  }
  const ports = postgres(local.url);
  const sides: Side[] = [];
  const ends: (() => Promise<void>)[] = [];
  const query = async (text: string, values?: unknown[]) => (await pool.query(text, values)).rows;
  const setNow = async (iso: string) =>
    void (await query('update app_clock set shift = $1::timestamptz - clock_timestamp()', [iso]));
  await setNow(START);

  return {
    ...ports,
    ...{ evidence, pool, url: local.url, query, setNow, counted: { iterations: 0 } },
    async side() {
      const one = await side(pool);
      sides.push(one);
      return one;
    },
    async user(over = {}) {
      const id = newId('usr');
      const terms = {
        tier: 'economy',
        budget: 21_000_000n,
        renewalDate: '2026-12-01',
        wakePolicy: 'auto',
        ...over,
      } as const;
      await ports.accounts.putUser(id, terms);
      settings.users.push({ id, budget: terms.budget, changed: false });
      return id;
    },
    async session(userId, over = {}) {
      const created = { ...newSession(), ...over };
      await ports.userSessions.create(userId, created, null);
      settings.sessions.push({ id: created.id, user: userId, maxIterations: created.maxIterations });
      return created.id;
    },
    expireLease: async (id) =>
      void (await query(`update agent_sessions set lease_until = '-infinity' where id = $1`, [id])),
    witness(line) {
      const [kind, written] = Object.entries(line)[0]!;
      const path = {
        bill: evidence.billPath,
        claim: evidence.claimsPath,
        effect: evidence.effectsPath,
        refusal: evidence.refusalsPath,
      }[kind]!;
      appendFileSync(path, `${JSON.stringify(written)}\n`);
    },
    log: (text) => appendFileSync(join(evidence.logDir, 'workers.log'), `${text}\n`),
    async leave() {
      for (const one of sides.splice(0)) await one.end();
    },
    onClose: (end) => void ends.push(end),
    async close() {
      for (const end of ends) await end();
      for (const one of sides) await one.end();
      if (databaseUrl) await pool.end();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const newSession = () => ({
  ...{ id: newId('ses'), goal: 'Probe.', agent: 'prober', model: 'claude-haiku-5-5', tier: 'economy', system: null },
  ...{ onEndTurn: 'complete' as const, maxIterations: 100, maxCost: null, ladder: [], share: null, metadata: {} },
  ...{ effort: null, maxOutputTokens: null, tools: null, web: null },
});

/** `redisUrl` empty: nothing is mirrored, and the live view is not looked at. */
function emptyEvidence(folder: string, databaseUrl: string): Evidence {
  const file = (name: string): string => {
    writeFileSync(join(folder, name), '');
    return join(folder, name);
  };
  const settings: Settings = {
    ...{ seed: 0, leaseMs: 45_000, heartbeatMs: 15_000, backoffMs: 30_000, longestPauseMs: 960_000 },
    ...{ sessions: [], users: [], payments: [], said: [], secrets: ['canary-key-5f1c'] },
  };
  mkdirSync(join(folder, 'logs'));
  return {
    ...{ databaseUrl, redisUrl: '', faults: [], settings, logDir: join(folder, 'logs') },
    ...{ billPath: file('bill.jsonl'), refusalsPath: file('refusals.jsonl') },
    ...{ effectsPath: file('effects.jsonl'), claimsPath: file('claims.jsonl'), hintsPath: file('hints.jsonl') },
  };
}
