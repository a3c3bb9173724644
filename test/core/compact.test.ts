import { describe, expect, it } from 'vitest';
import type { Memory } from '../../lib/core/memory.ts';
import {
  afterSettle,
  assistant,
  CEILING,
  claim,
  day,
  facts,
  head,
  MIDNIGHT,
  NOW,
  ready,
  reply,
  saveOf,
  settlementOf,
  text,
  thinking,
  toolResult,
  toolUse,
  user,
  when,
} from './given.ts';

const history = [
  user(1, 'goal'),
  assistant(2, toolUse('t', 'bash')),
  { ...user(3, ''), content: [toolResult('t', 'x'.repeat(9_000))] },
];
const counted = (tokens: number): Partial<Memory> => ({ counted: { model: facts.model, tokens, n: 2, head: head() } });
const rich = day(0n, { allowance: 1_000_000_000n, ceiling: 1_100_000_000n });
const long = (tokens: number, more: Parameters<typeof ready>[0] = {}) =>
  ready({ iteration: 10, history, day: rich, ...more, memory: { ...counted(tokens), ...more.memory } });

const callKind = (session: ReturnType<typeof ready>) => {
  const step = claim(session);
  return step.session.state === 'reserving' || step.session.state === 'counting'
    ? step.session.call.kind
    : step.session.state;
};

describe('when a context is compacted', () => {
  it('at the limit in tokens, or at the share of the window, whichever is less', () => {
    expect(callKind(long(99_999))).toBe('think');
    expect(callKind(long(100_000))).toBe('compact');
    const small = { facts: { model: 'claude-haiku-4-5' }, policy: { compactAtTokens: 1_000_000 } };
    const at = (tokens: number) =>
      callKind(
        long(tokens, { ...small, memory: { counted: { model: 'claude-haiku-4-5', tokens, n: 2, head: head() } } }),
      );
    expect([at(119_999), at(120_000)]).toEqual(['think', 'compact']);
  });

  it('earlier, where reading it costs a quarter of a day, so that its own summary stays affordable', () => {
    const poor = { day: day(0n, { allowance: 400_000n, ceiling: 440_000n }) };
    expect(callKind(long(39_000, poor))).toBe('think');
    expect(callKind(long(40_000, poor))).toBe('compact');
    expect(callKind(long(19_999, { day: day(0n, { allowance: 1_000n, ceiling: 1_100n }) }))).toBe('think');
  });

  it('never twice within three iterations, and not where it is turned off', () => {
    expect(
      callKind(
        long(200_000, {
          memory: { context: { from: 1, clearedBefore: 1, mediaFrom: 1, compactedAt: 8, summary: null } },
        }),
      ),
    ).toBe('think');
    expect(callKind(long(200_000, { policy: { compaction: false } }))).toBe('think');
  });

  it('not while tool calls are open', () => {
    const open = [{ id: 't', name: 'bash', input: {}, startedBy: null }];
    expect(
      claim(
        long(200_000, {
          open,
          history: history.slice(0, 2),
          memory: { replied: { stopReason: 'tool_use', noticed: false } },
        }),
      ).effects[0]?.type,
    ).toBe('act');
  });
});

describe('the summary', () => {
  const settled = (event = reply([text('All is well.')])) => when(thinking(long(100_000)), event);

  it('becomes a row of its own; the pointer moves to it; nothing else is sent from then on', () => {
    const step = settled();
    const s = settlementOf(step);
    expect(s).toMatchObject({
      kind: 'compact',
      iterated: false,
      calls: [],
      memory: { context: { from: 4, compactedAt: 10, summary: 4 }, counted: null, compact: null },
    });
    expect(JSON.stringify(s.turns)).toContain('All is well.');
    expect(JSON.stringify(s.turns)).toContain('goal');
    expect(step.session.history.map((row) => row.n)).toEqual([4]);
    expect(step.session.iteration).toBe(10);
  });

  it('is followed by an ordinary iteration', () => {
    const step = when(settled().session, {
      type: 'settled',
      day: rich,
      cost: 1n,
      pending: { desired: 'run', wakeRequested: false, inbox: [] },
    });
    expect(saveOf(step)).toMatchObject({ suspension: null, due: NOW });
  });

  it.each([
    ['that is empty', reply([])],
    ['that is refused', reply([text('No.')], 'refusal')],
    ['that calls a tool instead', reply([toolUse('x', 'bash')], 'tool_use')],
  ])('%s clears old tool results instead', (_what, event) => {
    const s = settlementOf(settled(event as ReturnType<typeof reply>));
    expect(s.turns).toEqual([]);
    expect(s.memory).toMatchObject({ compact: null, counted: null, context: { from: 1 } });
  });

  it('that comes to nothing is tried later each time: after 6, 12, 24 and at most 192 iterations; one that is good ends that', () => {
    const failing = (failedSummaries: number) =>
      settlementOf(when(thinking(long(100_000, { memory: { failedSummaries, compact: 'full' } })), reply([]))).memory;
    const dueAfter = (memory: Memory) => {
      for (let after = 1; after < 1_000; after++) {
        const session = long(200_000, {
          iteration: 10 + after,
          facts: { maxIterations: 100_000 },
          memory: { ...memory, ...counted(200_000) },
        });
        if (callKind(session) === 'compact') return after;
      }
      return null;
    };
    expect([0, 1, 2, 40].map((before) => dueAfter(failing(before)))).toEqual([6, 12, 24, 192]);
    const good = when(
      thinking(long(100_000, { memory: { failedSummaries: 3, compact: 'full' } })),
      reply([text('All.')]),
    );
    expect(settlementOf(good).memory.failedSummaries).toBe(0);
  });

  it.each(['\u200b\u2060', '\u00ad \n', '\ufeff'])('of characters that nobody sees is none: %j', (unseen) => {
    const s = settlementOf(settled(reply([text(unseen)])));
    expect(s.turns).toEqual([]);
    expect(s.memory).toMatchObject({ failedSummaries: 1, context: { from: 1 } });
  });

  it('that cannot be paid clears old tool results, too', () => {
    const step = claim(long(100_000));
    const count = when(step.session, { type: 'refused', by: 'day', day: rich });
    const again = when(count.session, { type: 'counted', tokens: null });
    const save = saveOf(when(again.session, { type: 'refused', by: 'day', day: rich }));
    expect(save.suspension).toBeNull();
    expect(save.memory).toMatchObject({ compact: null, context: { compactedAt: 10 } });
  });
});

describe('at bedtime', () => {
  const winding = {
    day: day(9_500_000n),
    memory: { windDown: { day: '2026-11-22', iterations: 3, short: null, ceiling: CEILING } },
  };

  it('a long, warm context is summarised before the sleep, once', () => {
    const save = saveOf(claim(long(60_000, winding)));
    expect(save.suspension).toBeNull();
    expect(save.memory).toMatchObject({ compact: 'before_sleep', beforeSleep: '2026-11-22' });
    expect(
      callKind(
        long(60_000, { ...winding, memory: { ...winding.memory, compact: 'before_sleep', beforeSleep: '2026-11-22' } }),
      ),
    ).toBe('compact');
    const tried = saveOf(claim(long(60_000, { ...winding, memory: { ...winding.memory, beforeSleep: '2026-11-22' } })));
    expect(tried.suspension?.to).toMatchObject({ state: 'sleeping', until: MIDNIGHT });
  });

  it('a short one just sleeps', () => {
    expect(saveOf(claim(long(19_999, winding))).suspension?.to.state).toBe('sleeping');
  });

  it('after the summary it sleeps', () => {
    const session = long(60_000, {
      ...winding,
      memory: { ...winding.memory, compact: 'before_sleep', beforeSleep: '2026-11-22' },
    });
    const step = afterSettle(session, reply([text('Summary.')]), day(9_600_000n));
    expect(saveOf(step).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance' });
  });

  it('a summary that midnight overtook is off', () => {
    const memory = { compact: 'before_sleep' as const, beforeSleep: '2026-11-21' };
    expect(callKind(long(60_000, { memory }))).toBe('think');
  });
});
