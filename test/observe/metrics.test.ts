import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Effect } from '../../lib/core/effect.ts';
import type { Input } from '../../lib/core/input.ts';
import { freshMemory } from '../../lib/core/memory.ts';
import { forRequest, jsonLog } from '../../lib/observe/log.ts';
import { METRICS, measuresOfClaim, measuresOfSettlement } from '../../lib/observe/metrics.ts';

const AT = Date.parse('2026-11-10T00:20:00Z');

describe('a claim', () => {
  const until = AT - 90_000;
  it('is late by the time since its hour, if it slept that long', () => {
    expect(measuresOfClaim({ state: 'sleeping', until, reason: 'allowance' }, 1, AT)).toEqual({ wake_lag_seconds: 90 });
    expect(measuresOfClaim({ state: 'exceeded', until }, 1, AT)).toEqual({ wake_lag_seconds: 90 });
    expect(measuresOfClaim({ state: 'sleeping', until: AT + 1, reason: 'agent' }, 1, AT)).toEqual({});
    expect(measuresOfClaim({ state: 'ready' }, 1, AT)).toEqual({});
  });

  it('after the first without a settlement tells of a dead owner', () => {
    expect(measuresOfClaim({ state: 'ready' }, 2, AT)).toEqual({ repeated_claims: 1 });
  });
});

describe('a settlement', () => {
  const day = { date: '2026-11-10', allowance: 100n, ceiling: 110n, spent: 50n, held: 5n, resetsAt: 0, revision: 1 };
  const settled = {
    type: 'settled',
    at: AT,
    day,
    cost: 50n,
    pending: { desired: 'run', wakeRequested: false, inbox: [] },
  } satisfies Input;
  const settle = (over: object) =>
    ({
      type: 'settle',
      settlement: {
        ...{ n: 1, cost: 7n, class: 'settled', kind: 'think', model: 'm', usage: null, turns: [], calls: [] },
        ...{ inboxTaken: 0, iterated: true, memory: freshMemory(), journal: [] },
        ...over,
      },
    }) as Effect;

  it('counts the iteration, its cost, and the part of the ceiling that is gone', () => {
    expect(measuresOfSettlement(settle({}), settled)).toEqual({
      iterations: 1,
      settled_microdollars: 7,
      ceiling_percent: 50,
    });
    expect(measuresOfSettlement(settle({ iterated: false }), settled)).not.toHaveProperty('iterations');
  });

  it('counts unknown outcomes apart (G12)', () => {
    const unknown = measuresOfSettlement(settle({ class: 'unknown', cost: 9n, iterated: false }), settled);
    expect(unknown).toEqual({ unknown_outcomes: 1, unknown_microdollars: 9, ceiling_percent: 50 });
    const whole = measuresOfSettlement(settle({ class: 'unknown', cost: null, iterated: false }), settled);
    expect(whole).toEqual({ unknown_outcomes: 1, ceiling_percent: 50 });
  });

  it('is the only effect with numbers', () => {
    expect(measuresOfSettlement({ type: 'chain', delayMs: 0 }, null)).toEqual({});
    expect(measuresOfSettlement(settle({}), null)).toEqual({});
  });
});

describe('the log', () => {
  afterEach(() => vi.restoreAllMocks());
  const written = (namespace: string | undefined, line: object) => {
    const lines: string[] = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const log = jsonLog(namespace);
    forRequest({ log }, 'request-1').log({ level: 'info', message: 'settle', ...line });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    return JSON.parse(lines[0]!);
  };

  it('puts numbers where CloudWatch reads them, each with its unit and without dimensions', () => {
    const line = written('circadian/test', { metrics: { iterations: 1, ceiling_percent: 45.5 }, session: 'ses_1' });
    expect(line).toMatchObject({ iterations: 1, ceiling_percent: 45.5, session: 'ses_1', request: 'request-1' });
    expect(line._aws.Timestamp).toBe(Date.parse(line.at));
    expect(line._aws.CloudWatchMetrics).toEqual([
      {
        Namespace: 'circadian/test',
        Dimensions: [[]],
        Metrics: [
          { Name: 'iterations', Unit: METRICS.iterations },
          { Name: 'ceiling_percent', Unit: 'Percent' },
        ],
      },
    ]);
  });

  it('adds nothing to a line without numbers, nor where there is no CloudWatch', () => {
    expect(written('circadian/test', { metrics: {} })).not.toHaveProperty('_aws');
    expect(written('circadian/test', {})).not.toHaveProperty('_aws');
    expect(written(undefined, { metrics: { iterations: 1 } })).toEqual(
      expect.not.objectContaining({ _aws: expect.anything() }),
    );
  });
});
