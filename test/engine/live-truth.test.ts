/**
 * A snapshot is what Postgres would say at that very moment: with workers, users and readers interleaved at every call of every port. Only
 * where one of them died before it could tell of its change may a snapshot be behind, and then for a minute at most. On the memory world;
 * the Lua behind the same contract is in test/adapters/.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import { app } from '../../lib/http/app.ts';
import { mintKey } from '../../lib/http/auth/api-keys.ts';
import { type Deps, ready } from '../../lib/http/deps.ts';
import { budgetOf, statusOf } from '../../lib/http/snapshots.ts';
import type { World } from '../../lib/ports/index.ts';
import { newSession, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const USER = 'u1';
const SESSIONS = ['ses_1', 'ses_2'];

const script = (turns: unknown[], i: number): Block[] => {
  if (i % 3 === 0)
    return [{ type: 'tool_use', id: `n${i}`, name: 'narrate', input: { phase_name: 'P', text: `${i}` } }];
  if (i % 3 === 1) return [{ type: 'tool_use', id: `s${i}`, name: 'sleep', input: { note: 'Later.', minutes: 10 } }];
  return [{ type: 'text', text: `Done after ${turns.length}.` }];
};

class Died extends Error {}
const PORTS = ['sessions', 'accounts', 'userSessions', 'live', 'queue', 'timer', 'model'] as const;

/** The world as one process has it: every call waits for its turn, and from the `dies`-th on none is made any more. */
const through = (t: TestWorld, s: fc.Scheduler, dies: number): TestWorld & { world: World } => {
  let calls = 0;
  const wrap = <T extends object>(port: T, name: string): T =>
    new Proxy(port, {
      get(target, key) {
        const method = Reflect.get(target, key);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          if (++calls >= dies) throw new Died();
          await s.schedule(Promise.resolve(), `${name}.${String(key)}`);
          const answer = await method.apply(target, args);
          await s.schedule(Promise.resolve(), `${name}.${String(key)} answered`);
          return answer;
        };
      },
    });
  const wrapped = Object.fromEntries(
    PORTS.map((name) => [name, wrap((t.world as never)[name] ?? t[name as never], name)]),
  );
  return { ...t, ...wrapped, world: { ...t.world, ...wrapped } };
};

const reads = fc.record({ type: fc.constant('read' as const), which: fc.nat({ max: 1 }) });
const actor = fc.oneof(
  fc.record({
    type: fc.constant('work' as const),
    which: fc.nat({ max: 1 }),
    dies: fc.constantFrom(99, 99, 99, 3, 4, 5, 6, 7),
  }),
  fc.record({ type: fc.constant('top-up' as const), dies: fc.constantFrom(99, 99, 2, 3) }),
  fc.record({
    type: fc.constant('command' as const),
    which: fc.nat({ max: 1 }),
    verb: fc.constantFrom('pause', 'resume', 'wake', 'cancel'),
    dies: fc.constantFrom(99, 99, 2, 3),
  }),
  ...[reads, reads, reads],
);
type Actor = typeof actor extends fc.Arbitrary<infer T> ? T : never;

const round = fc.record({
  actors: fc.array(actor, { minLength: 1, maxLength: 4 }),
  next: fc.constantFrom('go on', 'go on', 'ten minutes', 'an hour', 'a day', 'lose'),
});

const setUp = async () => {
  const t = testWorld(script as never);
  await withUser(t, 500_000n);
  for (const id of SESSIONS) await t.userSessions.create(USER, newSession({ id }), null);
  const { key, ...row } = mintKey();
  await t.accounts.addKey(USER, { ...row, name: null });
  return { t, key };
};

const httpOf = (t: TestWorld): Deps => ({
  ...t,
  adminKeyHash: '0'.repeat(64),
  agents: [{ name: 'assistant', description: 'Helps.', tools: [] }],
  defaultsOf: () => ({ model: 'claude-sonnet-5-5', effort: null, maxOutputTokens: 8_000 }),
  isKnownModel: () => true,
  knownModels: [],
  tierModels: { standard: 'claude-sonnet-5-5' },
  ...{ tierBudgets: {}, tierSessions: {} },
  log: () => {},
  time: { now: () => t.store.real, elapsed: () => 0, sleep: () => Promise.resolve() },
});

/** A snapshot is kept of sleepers alone. */
const asleep = async (t: TestWorld): Promise<void> => {
  for (const id of SESSIONS)
    for (let i = 0; i < 3; i++) {
      const view = await t.userSessions.get(USER, id);
      if (view?.status === 'working')
        await drive(t.world, { sessionId: id, userId: USER }, { remaining: () => 300_000 });
    }
};

const play = async ({ t, key }: Awaited<ReturnType<typeof setUp>>, one: Actor, s: fc.Scheduler): Promise<unknown> => {
  const mine = through(t, s, 'dies' in one ? one.dies : 99);
  const id = 'which' in one ? SESSIONS[one.which]! : '';
  if (one.type === 'work') return drive(mine.world, { sessionId: id, userId: USER }, { remaining: () => 300_000 });
  if (one.type === 'read') {
    const deps = ready(httpOf(mine));
    await budgetOf(deps, USER, true);
    return statusOf(deps, { userId: USER, id }, true);
  }
  const [path, body] =
    one.type === 'command'
      ? [`/v1/sessions/${id}/${one.verb}`, {}]
      : ['/v1/budget/top-ups', { amount_microdollars: 700_000 }];
  const headers = { authorization: `Bearer ${key}` };
  return app(httpOf(mine)).request(path, { method: 'POST', headers, body: JSON.stringify(body) });
};

/** What is shown, against what is. */
const shown = { budgets: 0, sessions: 0 };
const compare = async (t: TestWorld): Promise<void> => {
  for (const id of SESSIONS) {
    const { budget, session } = await t.live.snapshot(USER, id);
    if (budget) {
      shown.budgets += 1;
      expect({ ...budget, now: 0 }).toEqual({ ...(await t.accounts.budget(USER)), now: 0 });
    }
    if (session) {
      shown.sessions += 1;
      expect(session).toMatchObject(pick((await t.userSessions.get(USER, id))!));
    }
  }
};
const pick = ({ status, wakeAt, cost }: { status: string; wakeAt: number | null; cost: bigint }) => ({
  status,
  wakeAt,
  cost,
});

const pass = async (t: TestWorld, what: string): Promise<void> => {
  const minutes = { 'ten minutes': 10, 'an hour': 60, 'a day': 1_440 }[what] ?? 0;
  t.advance(minutes * 60_000 + 46_000);
  // Invocations ask the machine for the time.
  vi.setSystemTime(t.store.real);
  if (what === 'lose') t.live.lose();
  // The recovery cron.
  await t.live.nextDue(null, { at: t.store.real, now: t.now() });
};

describe('what the live view answers', () => {
  beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterAll(() => void vi.useRealTimers());

  it('is what Postgres would say, whatever is under way and whoever died', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), fc.scheduler(), async (rounds, s) => {
        const stage = await setUp();
        await pass(stage.t, 'go on');
        await asleep(stage.t);
        // Until when a change may be missing whose maker died before it could tell.
        let doubtUntil = 0;
        for (const { actors, next } of rounds) {
          const changes = actors.filter(({ type }) => type === 'top-up' || type === 'command');
          let over = false;
          const all = Promise.allSettled(actors.map((one) => play(stage, one, s)));
          void all.then(() => {
            over = true;
          });
          while (!over) {
            await new Promise((resolve) => setImmediate(resolve));
            // A change that is not acknowledged yet may be shown, or not.
            if (changes.length === 0 && stage.t.store.real >= doubtUntil) await compare(stage.t);
            if (s.count() > 0) await s.waitOne();
          }
          if (changes.some((one) => 'dies' in one && one.dies < 99)) doubtUntil = stage.t.store.real + 60_000;
          if (stage.t.store.real >= doubtUntil) await compare(stage.t);
          await pass(stage.t, next);
          if (stage.t.store.real >= doubtUntil) await compare(stage.t);
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 300) },
    );
    expect(shown.budgets).toBeGreaterThan(300);
    expect(shown.sessions).toBeGreaterThan(300);
  }, 120_000);

  describe('and knows when money of another day was moved', () => {
    const read = async (t: TestWorld) => {
      await budgetOf(ready(httpOf(t)), USER, true);
    };
    const work = (t: TestWorld, change: Partial<World> = {}) =>
      drive({ ...t.world, ...change }, { sessionId: 'ses_1', userId: USER }, { remaining: () => 300_000 });

    it('by one that died before midnight, and is charged for after it', async () => {
      const { t } = await setUp();
      await pass(t, 'go on');
      const model = { ...t.world.model, think: () => Promise.reject(new Died()) };
      await work(t, { model }).catch(() => {});
      await pass(t, 'a day');
      await read(t);
      await work(t);
      await compare(t);
      expect((await t.accounts.budget(USER)).spent).toBeGreaterThan((await t.accounts.budget(USER)).day.spent);
      await read(t);
      await compare(t);
    });

    it('by one that worked over midnight without a mark', async () => {
      const { t } = await setUp();
      await pass(t, 'go on');
      const think: World['model']['think'] = async (...args) => {
        await pass(t, 'a day');
        await read(t);
        return t.world.model.think(...args);
      };
      const live = { ...t.live, open: () => Promise.reject(new Error('away')) };
      await work(t, { model: { ...t.world.model, think }, live });
      await compare(t);
    });
  });
});
