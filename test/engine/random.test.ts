/**
 * Any agent, any users, any failures of the model, deaths of workers anywhere: after every invocation the guarantees that money and
 * history rest on hold, and once nothing fails any more, every session comes to rest.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import type { SessionCommand, Thought, World } from '../../lib/ports/index.ts';
import { faultsOf } from '../kit/history.ts';
import { mustBeServed, newSession, type TestWorld, testWorld, withUser } from '../kit/world.ts';

type Move =
  | { type: 'reply'; calls: string[]; stop?: string }
  | { type: 'fail'; how: 'rate' | 'overload' | 'silent' | 'cut' | 'bad' }
  | { type: 'wish'; wish: SessionCommand['type']; session: number }
  | { type: 'topUp'; amount: number }
  | { type: 'plan'; amount: number }
  | { type: 'time'; minutes: number }
  | { type: 'die'; call: number; after: boolean };

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('reply' as const),
      calls: fc.array(fc.constantFrom('look', 'put', 'pay', 'nonsense', 'narrate', 'sleep', 'ask_user', 'finish'), {
        maxLength: 3,
      }),
      stop: fc.option(fc.constantFrom('max_tokens', 'pause_turn', 'model_context_window_exceeded'), {
        nil: undefined,
        freq: 6,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('fail' as const),
      how: fc.constantFrom('rate' as const, 'overload' as const, 'silent' as const, 'cut' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('wish' as const),
      wish: fc.constantFrom(
        'message' as const,
        'pause' as const,
        'resume' as const,
        'cancel' as const,
        'wake' as const,
      ),
      session: fc.nat(1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('topUp' as const), amount: fc.integer({ min: 1, max: 300_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('plan' as const), amount: fc.integer({ min: 1, max: 3_000_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('time' as const), minutes: fc.integer({ min: 1, max: 2_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('die' as const),
      call: fc.integer({ min: 1, max: 9 }),
      after: fc.boolean(),
    }),
  },
);

const failures: Record<string, Thought> = {
  rate: {
    type: 'failed',
    failure: { proof: 'not_served', status: 429, code: 'rate_limit_error', message: 'slow', retryAfterMs: 1_000 },
  },
  overload: {
    type: 'failed',
    failure: { proof: 'not_served', status: 529, code: 'overloaded_error', message: 'busy', retryAfterMs: null },
  },
  silent: { type: 'failed', failure: { proof: 'unknown', status: null, message: 'silence' } },
  cut: {
    type: 'failed',
    failure: {
      proof: 'cut',
      usage: { input_tokens: 1_000, output_tokens: 1 },
      model: 'claude-sonnet-5-5',
      message: 'cut',
      stopped: false,
    },
  },
};

const inputs: Record<string, (id: string) => Record<string, unknown>> = {
  narrate: () => ({ phase_name: 'p', text: 't' }),
  sleep: () => ({ minutes: 10, note: 'n' }),
  ask_user: () => ({ question: 'q?' }),
  finish: () => ({ result: 'r' }),
};

class Death extends Error {}

const scenario = () => {
  let replies = 0;
  const healed = { now: false };
  const model: Move[] = [];
  const t = testWorld(
    () => {
      const now = model.shift();
      if (now?.type === 'fail') return failures[now.how]!;
      replies += 1;
      if (now?.type !== 'reply') return healed.now ? [{ type: 'text', text: 'Done.' }] : busy(`r${replies}`);
      const content: Block[] = now.calls.map((name, i) => {
        const id = `r${replies}_${i}`;
        return { type: 'tool_use', id, name, input: inputs[name]?.(id) ?? { key: id } };
      });
      if (now.stop)
        return {
          type: 'replied',
          reply: {
            id: 'm',
            model: 'claude-sonnet-5-5',
            content: [...(content.length ? content : [{ type: 'text', text: 'x' }]), ...pausing(now.stop, replies)],
            stopReason: now.stop,
            usage: { input_tokens: 9_000, output_tokens: 900 },
          },
        };
      return content.length ? content : [{ type: 'text', text: 'Hm.' }];
    },
    { policy: { maxOutputTokens: 3_000, leastOutputTokens: 500 } },
  );
  return { t, model, healed };
};

/** A turn pauses for a tool of the provider's own, and for nothing else. */
const pausing = (stop: string, n: number): Block[] =>
  stop === 'pause_turn'
    ? [{ type: 'server_tool_use', id: `srvtoolu_${n}`, name: 'web_search', input: {} } as Block]
    : [];

/** What the agent does while nobody tells it what: something of each effect class. */
const busy = (id: string): Block[] =>
  ['look', 'pay', 'put'].map((name) => ({
    type: 'tool_use',
    id: `${id}_${name}`,
    name,
    input: { key: `${id}_${name}` },
  }));

const IDS = ['ses_1', 'ses_2'];

/** Dies at its `at`-th call of a sessions method, after it took effect or before. */
const mortal = (world: World, at: number, after: boolean): World => {
  let calls = 0;
  const sessions = new Proxy(world.sessions, {
    get:
      (target, key) =>
      async (...args: unknown[]) => {
        calls += 1;
        if (calls === at && !after) throw new Death();
        const result = await (target[key as keyof typeof target] as (...a: unknown[]) => unknown)(...args);
        if (calls === at) throw new Death();
        return result;
      },
  });
  return { ...world, sessions };
};

const deliver = async (t: TestWorld, world: World): Promise<void> => {
  t.passLease();
  const { due } = await t.sweeper.sweep(10);
  for (const { id, userId } of due) {
    await drive(world, { sessionId: id, userId }, { remaining: () => 300_000 }).catch((error) => {
      if (!(error instanceof Death)) throw error;
    });
    await check(t);
  }
};

const check = async (t: TestWorld): Promise<void> => {
  mustBeServed(t);
  const billed = t.bill.reduce((a, b) => a + b, 0n);
  let covered = 0n;
  for (const [date, day] of t.store.days.get('u1') ?? []) {
    const sum = (rows: Iterable<{ day: string; amount?: bigint; cost?: bigint; class: string }>, open: boolean) =>
      [...rows]
        .filter((r) => r.day === date && (!open || r.class === 'held'))
        .reduce((total, r) => total + (open ? r.amount! : r.cost!), 0n);
    expect(day.spent).toBe(sum(t.store.ledger.values(), false));
    expect(day.held).toBe(sum(t.store.holds.values(), true));
    covered += day.spent + day.held;
  }
  expect(billed).toBeLessThanOrEqual(covered);
  for (const id of IDS) {
    const row = t.store.sessions.get(id)!;
    const open = row.state.state !== 'ended' && row.calls.some((c) => !c.done);
    expect(faultsOf(row.rows, open, { pauses: true })).toEqual([]);
    expect(
      row.state.state === 'ended' || Number.isFinite(row.due) || ['paused', 'waiting'].includes(row.state.state),
    ).toBe(true);
    expect(
      row.journal.filter((e) => ['agent.completed', 'agent.failed', 'agent.cancelled'].includes(e.type)).length,
    ).toBe(row.state.state === 'ended' ? 1 : 0);
  }
  for (const [key, times] of t.effects) if (t.paid.has(key)) expect(times).toBeLessThanOrEqual(1);
};

const apply = async (t: TestWorld, m: Move, n: number): Promise<void> => {
  if (m.type === 'wish') {
    const wish = (m.wish === 'message' ? { type: m.wish, content: `m${n}` } : { type: m.wish }) as SessionCommand;
    await t.userSessions.command('u1', IDS[m.session]!, wish, `op${n}`);
  } else if (m.type === 'topUp')
    await t.accounts.topUp('u1', BigInt(m.amount), n % 2 ? 'today' : 'cycle', { key: `k${n}`, fingerprint: 'f' });
  else if (m.type === 'plan') await t.accounts.putUser('u1', { budget: BigInt(m.amount) });
  else if (m.type === 'time') t.setNow(t.now() + m.minutes * 60_000);
};

describe('whatever happens', () => {
  it('money is covered, history valid, effects single, and every session comes to rest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 40 }), async (moves) => {
        const { t, model, healed } = scenario();
        await withUser(t, 100_000n);
        for (const id of IDS) await t.userSessions.create('u1', newSession({ id }), null);
        for (const [n, m] of moves.entries()) {
          if (m.type === 'reply' || m.type === 'fail') model.push(m);
          else await apply(t, m, n);
          await deliver(t, m.type === 'die' ? mortal(t.world, m.call, m.after) : t.world);
        }
        healed.now = true;
        model.length = 0;
        await t.accounts.putUser('u1', { budget: 100_000_000n });
        for (let n = 0; n < 60; n++) {
          await deliver(t, t.world);
          t.setNow(t.now() + 6 * 3_600_000);
        }
        for (const id of IDS) {
          const view = (await t.userSessions.get('u1', id))!;
          const said = JSON.stringify(t.store.sessions.get(id)!.rows).match(/"m\d+"/g) ?? [];
          expect(new Set(said).size).toBe(said.length);
          const { inbox, inboxTaken } = t.store.sessions.get(id)!;
          if (view.status === 'completed') expect(said).toHaveLength(inbox.length);
          expect(inboxTaken).toBeLessThanOrEqual(inbox.length);
          expect(['completed', 'failed', 'cancelled', 'paused', 'waiting_for_input']).toContain(view.status);
        }
      }),
      { numRuns: 600 },
    );
  });
});
