/** What the dashboard makes of a session's journal. */
import { describe, expect, it } from 'vitest';
import { receiptOf } from '../../lib/app/receipt.ts';
import { filtered, type StepRow, timeline, titleOf } from '../../lib/app/timeline.ts';
import type { JournalEvent } from '../../lib/app/types.ts';

const NOW = Date.parse('2026-11-10T12:00:00Z');

const entry = (seq: number, type: string, data: object = {}, iteration = 1, at = '2026-11-10T08:00:00.000Z') =>
  ({ seq, at, session_id: 'ses_1', iteration, type, ...data }) as JournalEvent;
const called = (seq: number, cost: number, iteration = 1, at?: string) =>
  entry(
    seq,
    'agent.model_called',
    { cost_microdollars: cost, input_tokens: 100, cache_read_tokens: 900, output_tokens: 50, duration_ms: 2_000 },
    iteration,
    at,
  );

describe('the timeline', () => {
  it('is one row an iteration under its day, with what it cost', () => {
    const made = timeline();
    made.add([
      entry(1, 'agent.started', { agent: 'assistant', model: 'm', tier: 't' }, 0),
      entry(2, 'agent.thinking', { model: 'm' }),
      called(3, 4_000),
      entry(4, 'agent.text', { text: 'I look.\nThen more.' }),
      entry(5, 'agent.tool.called', { tool_use_id: 't1', name: 'bash', input: { command: 'ls' } }),
      entry(6, 'agent.tool.result', { tool_use_id: 't1', name: 'bash', is_error: true, characters: 2, content: 'no' }),
      called(7, 5_000, 2, '2026-11-11T00:00:01.000Z'),
    ]);
    const rows = made.rows();
    expect(rows.map(({ kind }) => kind)).toEqual(['day', 'event', 'step', 'day', 'step']);
    expect(rows[0]).toMatchObject({ word: 'Tue 10 Nov', cost: 4_000, iterations: 1 });
    expect(rows[2]).toMatchObject({ number: 1, cost: 4_000, tokens: { input: 100, cached: 900, output: 50 } });
    expect(titleOf(rows[2] as StepRow)).toBe('I look.');
    expect((rows[2] as StepRow).tools).toMatchObject([{ name: 'bash', argument: 'ls', result: { content: 'no' } }]);
    expect(filtered(rows, 'errors')).toEqual([rows[2]]);
  });

  it('adds up the calls of an iteration, and what a later report says of its bill on its own day', () => {
    const made = timeline();
    made.add([
      called(1, 4_000),
      called(2, 6_000),
      called(3, 1_000, 2, '2026-11-11T00:00:01.000Z'),
      entry(
        4,
        'agent.cost_corrected',
        { charged_microdollars: 6_000, cost_microdollars: 1_000 },
        1,
        '2026-11-11T00:00:02.000Z',
      ),
      entry(5, 'agent.sleeping', { reason: 'server_away', wake_at: null }, 2, '2026-11-11T00:00:03.000Z'),
    ]);
    const rows = made.rows();
    expect(rows.map((row) => ('cost' in row ? row.cost : null))).toEqual([5_000, 5_000, 1_000, 1_000, null, null]);
    expect((rows[1] as StepRow).tokens).toEqual({ input: 200, cached: 1_800, output: 100 });
    const receipt = receiptOf(rows[5] as never, NOW);
    expect([receipt.title, receipt.done]).toEqual([
      'Asleep: a server whose tools it uses does not answer',
      '2 iterations · 0 tool calls · $0.0060',
    ]);
  });

  it('keeps every row that did not change the same object, and takes an entry once', () => {
    const made = timeline();
    made.add([entry(1, 'agent.text', { text: 'one' }, 1), entry(2, 'agent.text', { text: 'two' }, 2)]);
    const before = made.rows();
    made.add([entry(2, 'agent.text', { text: 'two' }, 2), entry(3, 'agent.text', { text: 'more' }, 2)]);
    const after = made.rows();
    expect([after[1] === before[1], after[2] === before[2]]).toEqual([true, false]);
    expect((after[2] as StepRow).text).toBe('two\n\nmore');
    expect(before).not.toBe(after);
  });

  it('makes a receipt of a sleep: the amounts of that moment, and what was done before', () => {
    const made = timeline();
    const sleeping = {
      reason: 'allowance',
      limit: 'next_step',
      wake_at: '2026-11-11T00:00:00.000Z',
      needed_microdollars: 31_000,
      available_microdollars: 11_100,
      note: 'Steps done: 4 of 28.',
    };
    made.add([
      called(1, 20_000),
      entry(2, 'agent.tool.called', { tool_use_id: 't1', name: 'bash', input: {} }),
      entry(3, 'agent.budget_updated', {
        budget_pct: 60,
        spent_microdollars: 33_400,
        daily_budget_microdollars: 55_600,
        cost_microdollars: 1,
      }),
      called(4, 2_600, 2),
      entry(5, 'agent.sleeping', sleeping, 2),
      called(6, 1, 3),
      entry(7, 'agent.sleeping', { reason: 'agent', wake_at: null }, 3),
      entry(8, 'agent.sleeping', { ...sleeping, limit: 'share' }, 3),
      entry(9, 'agent.sleeping', { ...sleeping, needed_microdollars: undefined }, 3),
    ]);
    const [first, second, third, fourth] = made
      .rows()
      .filter((row) => row.kind === 'event')
      .map((row) => receiptOf(row as never, NOW));
    expect(first).toEqual({
      title: 'Asleep: the next step does not fit in what is free',
      lines: [
        { name: 'Day’s allowance', amount: 55_600 },
        { name: 'Spent of it', amount: 33_400 },
        { name: 'Next step, worst case', amount: 31_000 },
        { name: 'Free for this session', amount: 11_100 },
        { name: 'Short by', amount: 19_900, kind: 'short' },
      ],
      wakes: 'Wakes Wed 11 Nov, 00:00 UTC',
      done: '2 iterations · 1 tool call · $0.023',
      note: 'Steps done: 4 of 28.',
    });
    expect(fourth!.title).toBe('Asleep: a step did not fit beside what is held or kept for hand-offs');
    expect(second).toMatchObject({
      title: 'Asleep: it chose to',
      wakes: 'Sleeps until a person wakes it',
      done: '1 iteration · 0 tool calls · $0.000001',
    });
    expect(third!.lines).toContainEqual({ name: 'Free in its share', amount: 11_100 });
  });
});
