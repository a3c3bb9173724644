import { describe, expect, it } from 'vitest';
import { concurrencyOf, iterationsFor, modelCalls } from '../../lib/infra/concurrency.ts';

const none = { atOnce: null, apiAtOnce: null };

describe('how many run at once, by the account’s quota', () => {
  it.each([
    [1_000, true, { atOnce: 20, wake: 5, api: 400 }],
    [1_000, false, { atOnce: 5, wake: 5, api: 100 }],
    [10, true, { atOnce: 3, wake: null, api: null }],
    [10, false, { atOnce: 3, wake: null, api: null }],
    [4, true, { atOnce: 2, wake: null, api: null }],
    [50, true, { atOnce: 16, wake: null, api: null }],
    [105, true, { atOnce: 20, wake: 5, api: null }],
    [120, true, { atOnce: 20, wake: 5, api: 15 }],
    [20_000, true, { atOnce: 20, wake: 5, api: 8_000 }],
  ])('of %d, in production %j', (quota, production, numbers) =>
    expect(concurrencyOf(quota, production, none)).toMatchObject(numbers),
  );

  it('is what can be where nobody knows the quota', () => {
    const { says, ...numbers } = concurrencyOf(null, true, { atOnce: null, apiAtOnce: 30 });
    expect(numbers).toEqual({ atOnce: 5, wake: null, api: 30 });
    expect(says).toMatch(/^The quota .* could not be read/);
  });

  it('leaves iterations their places for every quota and choice, whatever streams are open, and AWS its hundred', () => {
    for (let quota = 1; quota <= 3_000; quota += 7) {
      for (const production of [true, false]) {
        const { atOnce, wake, api } = concurrencyOf(quota, production, none);
        const reserved = (wake ?? 0) + (api ?? 0);
        if (reserved > 0) expect(quota - reserved, `quota ${quota}`).toBeGreaterThanOrEqual(100);
        if (api !== null) expect(quota - reserved, `quota ${quota}`).toBeGreaterThanOrEqual(atOnce + 10);
        else expect(atOnce, `quota ${quota}`).toBeLessThanOrEqual(Math.max(2, quota / 3));
      }
    }
  });

  it('says in words what it decided, and what to ask AWS for', () => {
    expect(concurrencyOf(1_000, true, none).says).toBe(
      "This account runs 1000 functions at once in this region: 5 are reserved for wake and 400 are the API's, streams included, and 20 iterations run at once out of the rest.",
    );
    expect(concurrencyOf(10, true, none).says).toMatch(/AWS lets none be reserved: 3 iterations .* Ask AWS for 1,000/);
  });

  it('takes what the operator chose, where the account has it', () => {
    expect(concurrencyOf(1_000, true, { atOnce: 500, apiAtOnce: 200 })).toMatchObject({
      atOnce: 500,
      wake: 5,
      api: 200,
    });
    expect(concurrencyOf(10, true, { atOnce: 2, apiAtOnce: null })).toMatchObject({ atOnce: 2 });
  });

  it.each([
    [
      10,
      { atOnce: null, apiAtOnce: 2 },
      /^API_AT_ONCE is 2, .* 10 functions .*: leave it out, or raise the quota\. Nothing has been changed\.$/,
    ],
    [1_000, { atOnce: null, apiAtOnce: 901 }, /set it to 900 at most/],
    [
      10,
      { atOnce: 20, apiAtOnce: null },
      /^ITERATIONS_AT_ONCE is 20, .* leaves 5 to iterations: .* Set it to 5 at most, or raise the quota\. Nothing has been changed\.$/,
    ],
    [1_000, { atOnce: 900, apiAtOnce: null }, /leaves 585 to iterations/],
  ])('refuses of %d what AWS would refuse or throttle: %j', (quota, chosen, says) =>
    expect(() => concurrencyOf(quota, true, chosen)).toThrow(says),
  );
});

describe('the calls that the limits of the model allow', () => {
  const limits = { requests: 4_000, inputTokens: 4_000_000, outputTokens: 800_000 };
  it.each([
    [{ inputTokens: 500, outputTokens: 100 }, 4_000, 'requests'],
    [{ inputTokens: 2_000, outputTokens: 100 }, 2_000, 'input tokens'],
    [{ inputTokens: 1_000, outputTokens: 400 }, 2_000, 'output tokens'],
  ])('of %j a call are %d a minute, bound by %s', (call, calls, boundBy) =>
    expect(modelCalls({ ...limits, call })).toEqual({ calls, boundBy }),
  );

  it('take as many iterations at once as are under way in the mean', () => {
    expect(iterationsFor(2_000, 8.55)).toBe(285);
    expect(iterationsFor(2_000, 40)).toBe(1_334);
  });
});
