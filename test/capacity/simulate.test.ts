import { describe, expect, it } from 'vitest';
import { numberLists } from './lists.ts';
import { fairQueue, firstComeQueue } from './queue.ts';
import { around, generator, geometric } from './random.ts';
import { bottleneck, costs, loads, percentile } from './report.ts';
import { simulate } from './run.ts';
import { DEFAULTS, type Scenario } from './scenario.ts';
import { sessionStates } from './sessions.ts';

/** A thousandth of the world: seconds become milliseconds to run. */
const SMALL: Scenario = {
  ...DEFAULTS,
  ...{ sleepers: 1_000, working: 10, users: 50, requestsPerMinute: 600, atOnce: 100, horizonSeconds: 7_200 },
  ...{ inputTokensPerMinute: 60_000_000, outputTokensPerMinute: 24_000_000 },
};

describe('a simulated midnight', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(simulate(SMALL)).toEqual(simulate(SMALL));
    expect(simulate({ ...SMALL, seed: 2 }).totals).not.toEqual(simulate(SMALL).totals);
  });

  it('wakes everybody once, none before his hour, and spends all allowances', () => {
    const { lags, unwoken, totals } = simulate(SMALL);
    expect(unwoken).toBe(0);
    expect(lags.all).toHaveLength(1_000);
    expect(lags.swarm.length + lags.others.length).toBe(1_000);
    expect(lags.all[0]).toBeGreaterThanOrEqual(0);
    expect(totals.sessionsDone).toBe(1_010);
    expect(totals.postgres).toBeGreaterThanOrEqual(4 * (totals.iterations + totals.refusals));
  });

  it('never lets more calls through than the model allows, nor more workers than the queue', () => {
    for (const requestsPerMinute of [60, 600, 6_000]) {
      const { totals, peak } = simulate({ ...SMALL, requestsPerMinute });
      const burst = (DEFAULTS.burstSeconds * requestsPerMinute) / 60;
      expect(totals.iterations).toBeLessThanOrEqual((requestsPerMinute / 60) * SMALL.horizonSeconds + burst + 1);
      expect(peak.workers).toBeLessThanOrEqual(SMALL.atOnce);
    }
  });

  it('lets as many calls through as the tightest of requests, input and output tokens', () => {
    const iterations = (over: Partial<Scenario>) => simulate({ ...SMALL, ...over }).totals.iterations;
    const few = iterations({ requestsPerMinute: 60 });
    expect(iterations({ outputTokensPerMinute: 60 * SMALL.outputTokens })).toBe(few);
    expect(iterations({ inputTokensPerMinute: 60 * SMALL.inputTokens })).toBe(few);
    expect(iterations({ outputTokensPerMinute: 60 * SMALL.outputTokens, outputTokens: 800 })).toBeLessThan(0.6 * few);
  });

  it('is late when the model’s limit is low, and refused less with fewer workers', () => {
    const lag = (over: Partial<Scenario>) => percentile(simulate({ ...SMALL, ...over }).lags.all, 0.99);
    expect(lag({ requestsPerMinute: 60 })).toBeGreaterThan(10 * lag({ requestsPerMinute: 6_000 }));
    const refused = (atOnce: number) => simulate({ ...SMALL, requestsPerMinute: 60, atOnce }).totals.refusals;
    expect(refused(5)).toBeLessThan(refused(100) / 10);
  });

  it('lets a swarm delay its owner and nobody else, if the queue is fair', () => {
    const crowded = { ...SMALL, requestsPerMinute: 120, atOnce: 20, swarm: 0.5, windowSeconds: 60 };
    const median = (over: Partial<Scenario>, who: 'swarm' | 'others') =>
      percentile(simulate({ ...crowded, ...over }).lags[who], 0.5);
    expect(median({ fair: true }, 'others')).toBeLessThan(0.85 * median({ fair: false }, 'others'));
    expect(median({ fair: true }, 'swarm')).toBeGreaterThan(2 * median({ fair: true }, 'others'));
  });
});

describe('a session that waits', () => {
  const HOUR = 3_600;
  const waiting = (count: number) => {
    const states = sessionStates(
      count,
      fairQueue(1, () => 0),
      24 * HOUR,
    );
    for (let session = 0; session < count; session += 1) states.wait(session, 0, 0);
    const hinted: number[] = [];
    const pass = (from: number, to: number) => {
      for (let now = from; now < to; now += 1) {
        states.ripen(now);
        if (now % 60 === 0) for (let sent = states.sweep(100, now); sent > 0; sent -= 1) hinted.push(now / 60);
      }
    };
    return { states, hinted, pass };
  };

  it('is hinted as often as Postgres does it: eight times in the first hour, then every sixteen minutes', () => {
    const { hinted, pass, states } = waiting(1);
    pass(0, 2 * HOUR);
    expect(hinted).toEqual([0, 1, 2, 4, 8, 16, 32, 48, 64, 80, 96, 112]);
    expect(states.messages()).toBe(12);
  });

  it('is left alone while it has an owner, and may be hinted half a minute after it went on', () => {
    const { hinted, pass, states } = waiting(2);
    pass(0, 1);
    states.leave(0);
    pass(1, 600);
    expect(hinted).toEqual([0, 0, 1, 2, 4, 8]);
    states.wait(0, 600, 30);
    states.leave(1);
    pass(600, 900);
    expect(hinted.slice(6)).toEqual([11, 12, 14]);
  });

  it('has its other messages come in vain', () => {
    const { states, pass } = waiting(1);
    pass(0, 241);
    expect(states.receive()).toEqual({ session: 0, waits: true });
    states.leave(0);
    expect([1, 2, 3].map(() => states.receive().waits)).toEqual([false, false, false]);
    expect(states.messages()).toBe(0);
  });

  it('costs nothing where nobody waits long, and much where everybody does', () => {
    const hints = (over: Partial<Scenario>) => simulate({ ...SMALL, ...over }).totals;
    const quick = hints({ requestsPerMinute: 6_000, atOnce: 1_000 });
    expect(quick.hints).toBeLessThan(1_100);
    const slow = hints({ requestsPerMinute: 60 });
    expect(slow.hints).toBeGreaterThan(4_000);
    expect(slow.vain).toBeGreaterThan(quick.vain);
    expect(slow.sqs - 3 * (slow.iterations + slow.refusals)).toBeGreaterThanOrEqual(slow.hints / 10 + 2 * slow.vain);
  });
});

describe('the report', () => {
  const named = (over: Partial<Scenario>) => {
    const scenario = { ...SMALL, ...over };
    return bottleneck(loads(scenario, simulate(scenario))).name;
  };
  it('names what is short first', () => {
    expect(named({ requestsPerMinute: 6 })).toBe('model, requests');
    expect(named({ outputTokensPerMinute: 2_400 })).toBe('model, output tokens');
    expect(named({ inputTokensPerMinute: 6_000 })).toBe('model, input tokens');
    expect(named({ maxCu: 0.01 })).toBe('Postgres');
    expect(named({ upstashBudget: 0.1 })).toBe('Upstash budget');
    expect(named({ requestsPerMinute: 60_000, atOnce: 2 })).toBe('queue’s concurrency');
    expect(named({ requestsPerMinute: 60_000, atOnce: 1_000 })).toBe('event source mapping');
  });

  it('adds a day up from its terms', () => {
    const result = simulate(SMALL);
    const day = costs({ ...SMALL, horizonSeconds: 86_400 }, result);
    const sqs = day.find(({ name }) => name === 'SQS');
    expect(sqs?.dollars).toBeCloseTo(result.totals.sqs * 0.4e-6, 12);
    const neon = day.find(({ name }) => name === 'Neon, compute');
    expect(neon?.dollars).toBeGreaterThanOrEqual(0.25 * 2 * 0.106);
    for (const { dollars } of day) expect(dollars).toBeGreaterThanOrEqual(0);
  });
});

describe('its parts', () => {
  it('draw numbers with the mean or median that was asked for', () => {
    const random = generator(7);
    const many = Array.from({ length: 20_000 }, () => geometric(12, random));
    expect(many.reduce((sum, n) => sum + n, 0) / many.length).toBeCloseTo(12, 0);
    expect(Math.min(...many)).toBe(1);
    const times = Float32Array.from({ length: 20_000 }, () => around(7, random)).sort();
    expect(percentile(times, 0.5)).toBeCloseTo(7, 0);
  });

  it('keep a number in one list at a time', () => {
    const lists = numberLists(4, 2);
    for (const item of [2, 0, 3]) lists.append(0, item);
    lists.append(1, 0);
    lists.append(1, 1);
    lists.remove(3);
    lists.remove(3);
    expect([lists.first(0), lists.first(1)]).toEqual([2, 0]);
    lists.pour(1, 0);
    lists.pour(1, 0);
    const order = [];
    for (let item = lists.first(0); item >= 0; item = lists.first(0)) {
      order.push(item);
      lists.remove(item);
    }
    expect(order).toEqual([2, 0, 1]);
    expect([lists.first(0), lists.first(1)]).toEqual([-1, -1]);
  });

  it('queue by turns or by arrival', () => {
    const fair = fairQueue(2, (session) => session % 2);
    const plain = firstComeQueue();
    for (const session of [0, 2, 4, 1]) for (const queue of [fair, plain]) queue.push(session);
    expect([0, 0, 0, 0].map(() => fair.shift())).toEqual([0, 1, 2, 4]);
    expect([0, 0, 0, 0].map(() => plain.shift())).toEqual([0, 2, 4, 1]);
    expect(() => fair.shift()).toThrow('nothing is waiting');
  });
});
