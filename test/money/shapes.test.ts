/**
 * The shapes in which other systems lost money, by their own issue trackers, one test each. What they spent there is in the name.
 */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { affordableOutput, costMicrodollars, worstCaseMicrodollars } from '../../lib/budget/index.ts';
import { newId } from '../../lib/ids.ts';
import { FenceLost } from '../../lib/ports/index.ts';
import { aSave, aSettlement, DAY_MS, MIDNIGHT, once, START, type Steps } from '../contract/harness.ts';
import { unreliable } from '../postgres/unreliable.ts';
import { faults, onPostgres, portsOn } from './kit.ts';

const HAIKU = 'claude-haiku-5-5';
/** 300,000 tokens of prompt: Haiku's dearer tier, which reprices the whole call. */
const LONG = { model: HAIKU, inputTokens: 300_000 };
const LEAST = worstCaseMicrodollars({ ...LONG, maxTokens: 1_024 });
const WANTED = worstCaseMicrodollars({ ...LONG, maxTokens: 8_000 });
const BILLED = costMicrodollars({ model: HAIKU, usage: { input_tokens: 300_000, output_tokens: 0 } });
const ask = (n: number, least = LEAST, wanted = WANTED) => ({
  n,
  least,
  wanted,
  model: 'claude-haiku-5-5',
  handOff: true,
  journal: [],
});

/** A day whose ceiling is 450,000 µ$. */
const CAP = 450_000n;
const CAPPED = { budget: 409_091n * 21n };

onPostgres('concurrent spending', (t, db) => {
  const owners = async (user: string, count: number) => {
    const ids = await Promise.all(Array.from({ length: count }, () => t().session({}, user)));
    return Promise.all(ids.map(async (id) => ({ id, fence: (await t().claim(id)).fence })));
  };

  it('peers 1: five concurrent calls of 300,000 tokens on a cap of $0.45 spent $0.60 (litellm #34732, #40002)', async () => {
    expect(BILLED).toBe(150_000n);
    const user = await t().user(CAPPED);
    const five = await owners(user, 5);
    const asked = await Promise.all(
      five.map(async ({ id, fence }) => ({ id, fence, ...(await t().sessions.reserve(id, fence, ask(1))) })),
    );
    const admitted = asked.filter((answer) => 'granted' in answer);
    expect(admitted).toHaveLength(2);
    for (const { id, fence } of admitted) await t().sessions.settle(id, fence, aSettlement({ cost: BILLED }));
    const { day } = await t().accounts.budget(user);
    expect(day).toMatchObject({ ceiling: CAP, spent: 300_000n, held: 0n });
    expect(await faults(db().rows)).toEqual([]);
  });

  it("peers 1: the same five under one session's own cap", async () => {
    const user = await t().user();
    const id = await t().session({ maxCost: CAP }, user);
    const { fence } = await t().claim(id);
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => t().sessions.reserve(id, fence, ask(n))));
    const granted = answers.flatMap((answer) => ('granted' in answer ? [answer.granted] : []));
    expect(granted.reduce((a, b) => a + b, 0n)).toBeLessThanOrEqual(CAP);
    expect(granted).toHaveLength(2);
    expect(answers.filter((answer) => 'refused' in answer && answer.refused === 'cap')).toHaveLength(3);
  });

  it('peers 1: eight first calls of a new user went past the default budget (litellm #40095)', async () => {
    const user = await t().user(CAPPED);
    const eight = await owners(user, 8);
    await db().rows('delete from budget_days where user_id = $1', user);
    const answers = await Promise.all(
      eight.map(({ id, fence }) => t().sessions.reserve(id, fence, ask(1, 100_000n, 100_000n))),
    );
    expect(answers.filter((answer) => 'granted' in answer)).toHaveLength(4);
    const { day } = await t().accounts.budget(user);
    expect(day).toMatchObject({ ceiling: CAP, held: 400_000n });
  });

  it('peers 1: a clamp does not stop a call at $0 spent (litellm #38647), it shrinks it', async () => {
    const user = await t().user(CAPPED);
    const [one] = await owners(user, 1);
    const wanted = worstCaseMicrodollars({ ...LONG, maxTokens: 128_000 });
    const answer = await t().sessions.reserve(one!.id, one!.fence, ask(1, LEAST, wanted));
    expect(answer).toMatchObject({ granted: CAP });
    expect(affordableOutput({ ...LONG, amount: CAP })).toBe(105_000);
  });
});

onPostgres('reservations', (t, db) => {
  it('peers 2: holds of failed calls leaked into a phantom "over budget" (litellm #27639)', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    const zombies: number[] = [];
    for (let i = 0; i < 10; i++) {
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 100_000n);
      zombies.push(fence);
      await t().expireLease(id);
    }
    await t().claim(id);
    expect((await t().accounts.budget(user)).day).toMatchObject({ spent: 1_000_000n, held: 0n });
    const late = (fence: number) => t().sessions.settle(id, fence, aSettlement({ cost: 7n }));
    for (const fence of zombies) await expect(late(fence)).rejects.toThrow(FenceLost);
    expect((await t().accounts.budget(user)).day).toMatchObject({ spent: 70n, held: 0n });
    expect(await faults(db().rows)).toEqual([]);
  });

  it('peers 2: retried settles whose replies were lost counted twice, 28 % over the limit', async () => {
    const lost = new Map<string, number>();
    const network = await unreliable(db().url, (query) => {
      const name = /select (settle|reserve)\w*\(/.exec(query)?.[1];
      if (!name) return null;
      const asked = (lost.get(name) ?? 0) + 1;
      lost.set(name, asked);
      // Of every three replies two are lost, so every call is heard at its third try.
      return asked % 3 ? 'lost' : null;
    });
    onTestFinished(() => network.close());
    const { sessions } = portsOn(network.url);
    const user = await t().user();
    const id = await t().session({}, user);
    let sum = 0n;
    for (let i = 1; i <= 8; i++) {
      const { fence } = await t().claim(id);
      const answer = await sessions.reserve(id, fence, ask(1, 20_000n, 20_000n));
      expect(answer).toMatchObject({ granted: 20_000n });
      await sessions.settle(id, fence, aSettlement({ cost: BigInt(i) }));
      sum += BigInt(i);
      await t().sessions.save(id, fence, aSave(), []);
    }
    expect(Object.fromEntries(lost)).toEqual({ reserve: 24, settle: 24 });
    expect((await t().accounts.budget(user)).day).toMatchObject({ spent: sum, held: 0n });
    expect(await faults(db().rows)).toEqual([]);
  });
});

onPostgres('no budget', (t) => {
  it('peers 4: no budget was no limit: 1,293 wakes, $248 in twelve days (paperclip #4027, openclaw #98556)', async () => {
    const user = newId('usr');
    await t().accounts.putUser(user, {});
    const id = await t().session({}, user);
    const { fence } = await t().claim(id);
    for (const day of [0, 1, 30]) {
      await t().setNow(START + day * DAY_MS);
      expect(await t().sessions.reserve(id, fence, ask(1, 1n, 1n))).toMatchObject({ refused: 'day' });
    }
  });

  it('peers 4: an unknown user gets nothing', async () => {
    await expect(t().session({}, newId('usr'))).rejects.toThrow();
    await expect(t().accounts.topUp(newId('usr'), 1n, 'today', once())).rejects.toThrow(/no user/);
  });
});

onPostgres('days', (t) => {
  const spendAll = async (t: Steps, user: string, least: bigint) => {
    const id = await t.session({}, user);
    const { fence } = await t.claim(id);
    const answer = await t.sessions.reserve(id, fence, ask(1, least, 10n ** 12n));
    return 'granted' in answer ? answer : 0n;
  };

  it('peers 8: a reset nine hours late let a 24 h budget cover 32 h (litellm #34896)', async () => {
    const user = await t().user();
    await t().setNow(MIDNIGHT - 60_000);
    expect(await spendAll(t(), user, 1n)).toEqual({ granted: 1_100_000n, day: '2026-11-10' });
    expect(await spendAll(t(), user, 1n)).toBe(0n);
    // No cron runs, and nobody comes before nine: there is nothing to reset.
    await t().setNow(MIDNIGHT + 9 * 3_600_000);
    const tomorrow = await t().accounts.budget(user);
    expect(tomorrow.day).toMatchObject({ date: '2026-11-11', spent: 0n, resetsAt: MIDNIGHT + DAY_MS });
    expect(await spendAll(t(), user, 1n)).toEqual({ granted: tomorrow.day.ceiling, day: '2026-11-11' });
    await t().setNow(MIDNIGHT + DAY_MS - 60_000);
    expect(await spendAll(t(), user, 1n)).toBe(0n);
  });

  it('peers 8: midnight itself is the new day, the minute before it the old one', async () => {
    const user = await t().user();
    await t().setNow(MIDNIGHT - 60_000);
    expect((await t().accounts.budget(user)).day.resetsAt).toBe(MIDNIGHT);
    await t().setNow(MIDNIGHT);
    expect(await spendAll(t(), user, 1n)).toMatchObject({ day: '2026-11-11' });
  });

  it('peers 9: what is left over expired (litellm #32603); here it flows into the days that are left, and nothing is lost', async () => {
    const user = await t().user();
    const allowance = async (day: number) => {
      await t().setNow(START + day * DAY_MS);
      return (await t().accounts.budget(user)).day.allowance;
    };
    expect(await allowance(0)).toBe(1_000_000n);
    expect(await allowance(11)).toBe(2_100_000n);
    expect(await allowance(20)).toBe(21_000_000n);
    const { day } = await t().accounts.budget(user);
    expect(day.ceiling).toBe(21_000_000n);
  });

  it('peers 9: a day that ran to its ceiling is paid back by the days after it', async () => {
    const user = await t().user();
    await spendAll(t(), user, 1n);
    await t().setNow(MIDNIGHT);
    expect((await t().accounts.budget(user)).day.allowance).toBe((21_000_000n - 1_100_000n) / 20n);
  });

  it('peers 5: a restart does not set what was spent to zero (OpenHands #8858, relay #724)', async () => {
    const user = await t().user();
    const id = await t().session({ maxCost: 5_000n }, user);
    await t().iterate(id, { cost: 4_000n });
    const { fence, cost } = await t().claim(id, randomUUID());
    expect(cost).toBe(4_000n);
    expect(await t().sessions.reserve(id, fence, ask(1, 1_001n, 9_000n))).toMatchObject({ refused: 'cap' });
  });
});

describe('prices', () => {
  it('peers 13: the hold covers a cold wake-up that writes the whole context anew (claude-code #94177)', () => {
    for (const cacheTtl of ['5m', '1h'] as const) {
      const hold = worstCaseMicrodollars({
        model: 'claude-opus-5-5',
        inputTokens: 400_000,
        maxTokens: 8_000,
        cacheTtl,
      });
      const written = { [cacheTtl === '1h' ? 'ephemeral_1h_input_tokens' : 'ephemeral_5m_input_tokens']: 400_000 };
      const usage = {
        input_tokens: 0,
        cache_creation_input_tokens: 400_000,
        cache_creation: written,
        output_tokens: 8_000,
      };
      expect(costMicrodollars({ model: 'claude-opus-5-5', usage })).toBe(hold);
    }
  });
});
