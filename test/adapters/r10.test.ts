/**
 * R10: whatever happens between open, commit and mirror, and whenever the marker is lost, a due session is asked for within two minutes
 * of real time; and an idle deployment leaves Postgres asleep.
 */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RECOVERY } from '../../lib/adapters/upstash/keys.ts';
import { upstashLive } from '../../lib/adapters/upstash/live.ts';
import { startRedis } from '../../lib/local/redis.ts';
import { startUpstash } from '../../lib/local/upstash.ts';
import type { Live } from '../../lib/ports/index.ts';
import { memoryLive } from '../../lib/testing/memory/hints.ts';
import { createModel, HOUR, MINUTE, SECOND } from './r10-model.ts';

const which = fc.nat({ max: 5 });

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('begin' as const),
      which,
      who: fc.constantFrom('owner' as const, 'owner' as const, 'person' as const),
      opens: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('claim' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('commit' as const),
      which,
      dueIn: fc.constantFrom(0, 20 * SECOND, 10 * MINUTE, 2 * HOUR, Infinity),
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('mirror' as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('crash' as const), which }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('answer' as const), which, lost: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose' as const), part: fc.nat({ max: 31 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('jump' as const), ms: fc.constantFrom(MINUTE, HOUR, 30 * 24 * HOUR) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('pass' as const),
      ms: fc.constantFrom(5 * SECOND, 55 * SECOND, 3 * MINUTE, 18 * MINUTE),
      prompt: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('R10: no due session goes unasked for more than two minutes, and nothing due means no asking', () => {
  const check = async (
    start: () => Promise<{ live: Live; lose: (part: number) => Promise<void> }>,
    numRuns: number,
  ) => {
    let slept = 0;
    const histories = fc.array(step, { minLength: 10, maxLength: 60, size: 'max' });
    const holds = async (history: Step[]) => {
      const { live, lose } = await start();
      const model = createModel(live, 3);
      for (const step of history) await take(model, lose, step);
      await model.pass(3 * MINUTE, true);
      slept += model.asked.asleep;
      await model.expectSleep();
    };
    await fc.assert(fc.asyncProperty(histories, holds), { numRuns });
    expect(slept).toBeGreaterThan(numRuns / 10);
  };

  it('over Upstash', async () => {
    const redis = await startRedis();
    const upstash = await startUpstash({ redisUrl: redis.url });
    const store = new Redis(redis.url);
    onTestFinished(async () => {
      store.disconnect();
      await upstash.close();
      await redis.close();
    });
    // All of it, or one part of the marker.
    const lose = async (part: number) => void (await (RECOVERY[part] ? store.del(RECOVERY[part]) : store.flushdb()));
    const start = async () => {
      await store.flushdb();
      return { live: upstashLive(upstash), lose };
    };
    await check(start, 25);
  });

  it('in memory, which keeps the same contract, many times over', async () => {
    const start = async () => {
      const live = memoryLive(() => 0);
      return { live, lose: async () => live.lose() };
    };
    await check(start, 3_000);
  });
});

async function take(
  model: ReturnType<typeof createModel>,
  lose: (part: number) => Promise<void>,
  step: Step,
): Promise<void> {
  if (step.type === 'begin') return model.begin(step.which, step.who, step.opens);
  if (step.type === 'claim') return model.claim(step.which);
  if (step.type === 'commit') return model.commit(step.which, step.dueIn);
  if (step.type === 'mirror') return model.mirror(step.which);
  if (step.type === 'crash') return model.crash(step.which);
  if (step.type === 'answer') return model.answer(step.which, step.lost);
  if (step.type === 'jump') return model.jump(step.ms);
  if (step.type === 'pass') return model.pass(step.ms, step.prompt);
  await lose(step.part);
}
