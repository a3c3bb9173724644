/** Usage as it should not be: doubt, charged and marked, and never the end of a session. Whole sessions over HTTP. */
import { describe, expect, it } from 'vitest';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import { callAt, type Json, played, type RawStep, start, stop, textAt } from '../kit/raw-model.ts';

const asks = (usage: unknown, end: unknown): Json[] => [
  start(usage),
  ...callAt(0, 'toolu_1', 'look'),
  ...stop('tool_use', end),
];
const END: Json[] = [start(), ...textAt(0, 'Done.'), ...stop('end_turn', { output_tokens: 5 })];
const priced = (usage: Json) =>
  costMicrodollars({ model: 'claude-sonnet-5-5', usage, at: Date.parse('2026-11-22T10:00:00Z') });
const MOST_OUTPUT = 16_000;

/** Two replies, the first with the usage in question; the session completes, whatever it says. */
const billed = async (first: RawStep) => {
  const t = await played([first, END]);
  expect(await t.view()).toMatchObject({ status: 'completed', result: 'Done.', iterationNumber: 2 });
  const [line, second] = t.ledger();
  expect(second).toMatchObject({ class: 'settled', cost: priced({ input_tokens: 1_000, output_tokens: 5 }) });
  const hold = [...t.store.holds.values()][0]!.amount;
  const doubts = t.journal().filter(({ type }) => type === 'agent.bill_in_doubt');
  return { ...t, line: line!, hold, doubts };
};

describe('a final count of output that never came', () => {
  it.each([[undefined], [{}], [null], [{ output_tokens: null }], [{ input_tokens: 1_000 }], ['none']])(
    '%j is not the one token of the start: exact input and the bound of the output, in doubt',
    async (usage) => {
      const { line, doubts } = await billed(asks({ input_tokens: 1_000, output_tokens: 1 }, usage));
      expect(line).toMatchObject({
        class: 'unknown',
        cost: priced({ input_tokens: 1_000, output_tokens: MOST_OUTPUT }),
      });
      expect(doubts).toMatchObject([
        { data: { message: expect.stringContaining('no final count'), charged_microdollars: Number(line.cost) } },
      ]);
    },
  );

  it('with the stop reason, or after it, is certain', async () => {
    const late: Json[] = [
      ...asks({ input_tokens: 1_000, output_tokens: 1 }, undefined).slice(0, -1),
      { type: 'message_delta', delta: {}, usage: { output_tokens: 40 } },
      { type: 'message_stop' },
    ];
    for (const events of [late, asks({ input_tokens: 1_000 }, { output_tokens: 40 })]) {
      const { line, doubts } = await billed(events);
      expect(line).toMatchObject({ class: 'settled', cost: priced({ input_tokens: 1_000, output_tokens: 40 }) });
      expect(doubts).toEqual([]);
    }
  });

  it('said before the stop reason and not with it is none', async () => {
    const early: Json[] = [
      start(),
      { type: 'message_delta', delta: {}, usage: { output_tokens: 3 } },
      ...callAt(0, 'toolu_1', 'look'),
      ...stop('tool_use', undefined),
    ];
    expect((await billed(early)).line).toMatchObject({ class: 'unknown' });
  });
});

describe('a count beyond what was asked for', () => {
  it.each<[string, Json, Json]>([
    ['9,000,000 of 16,000 tokens of output', { input_tokens: 1_000 }, { output_tokens: 9_000_000 }],
    ['a trillion', { input_tokens: 1_000 }, { output_tokens: 1_000_000_000_000 }],
    ['a prompt larger than any window', { input_tokens: 500_000_000_000 }, { output_tokens: 40 }],
    ['as much read from cache', { input_tokens: 5 }, { cache_read_input_tokens: 900_000_000_000, output_tokens: 40 }],
    [
      'searches that nobody asked for',
      { input_tokens: 5 },
      { output_tokens: 40, server_tool_use: { web_search_requests: 1e12 } },
    ],
  ])('%s: charged up to the hold, in doubt, and the day goes on', async (_, at, end) => {
    const { line, hold, doubts, ...t } = await billed(asks({ output_tokens: 1, ...at }, end));
    expect(line).toMatchObject({ class: 'unknown', cost: hold });
    expect(doubts).toHaveLength(1);
    const { day } = await t.accounts.budget('u1');
    expect(day.spent).toBeLessThan(day.ceiling);
    expect(t.memory()).toMatchObject({ counted: expect.objectContaining({ tokens: 1_005 }) });
  });

  it('by one token costs what the provider says, in doubt', async () => {
    const { line } = await billed(asks({ input_tokens: 1_000 }, { output_tokens: MOST_OUTPUT + 1 }));
    const cost = priced({ input_tokens: 1_000, output_tokens: MOST_OUTPUT + 1 });
    expect(line).toMatchObject({ class: 'unknown', cost, usage: { output_tokens: MOST_OUTPUT + 1 } });
  });

  it('all that was asked for is certain', async () => {
    const { line } = await billed(asks({ input_tokens: 1_000 }, { output_tokens: MOST_OUTPUT }));
    expect(line).toMatchObject({ class: 'settled' });
  });

  it('at the start of a stream that is cut then', async () => {
    const cut: Json[] = [start({ input_tokens: 500_000_000_000, output_tokens: 1 }), ...textAt(0, 'x')];
    const t = await played([cut, END]);
    const [line] = t.ledger();
    expect(line).toMatchObject({ class: 'unknown', cost: [...t.store.holds.values()][0]!.amount });
    expect(await t.view()).toMatchObject({ status: 'completed' });
  });
});

const DEEP = JSON.parse(`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`) as Json;

describe('usage that cannot be', () => {
  it.each<[string, unknown, unknown]>([
    ['below nothing', { input_tokens: -5_000_000, output_tokens: 1 }, { output_tokens: 40 }],
    ['output below nothing', { input_tokens: 1_000 }, { output_tokens: -40 }],
    ['a fraction', { input_tokens: 10.5 }, { output_tokens: 40 }],
    ['the greatest number that JSON carries', { input_tokens: 5 }, { output_tokens: Number.MAX_SAFE_INTEGER }],
    ['text', { input_tokens: '1000' }, { output_tokens: '40' }],
    ['null', { input_tokens: null }, { output_tokens: 40 }],
    ['nothing', {}, { output_tokens: 40 }],
    ['objects', { input_tokens: { n: 1 } }, { output_tokens: [40] }],
    ['cache counts below nothing', { input_tokens: 5, cache_read_input_tokens: -9_000_000 }, { output_tokens: 40 }],
    [
      'larger than any number of the database',
      { input_tokens: 5, cache_creation_input_tokens: 1e300 },
      { output_tokens: 1e40 },
    ],
    [
      'a split that is none',
      { input_tokens: 5, cache_creation: 'x', server_tool_use: 7 },
      { output_tokens: -1, iterations: {} },
    ],
    [
      'iterations that are none',
      { input_tokens: 5, iterations: [null, 'x', { input_tokens: -1 }] },
      { output_tokens: 40 },
    ],
    ['nested deeply', { input_tokens: -1, more: DEEP }, { output_tokens: 40 }],
    [
      'very large',
      { input_tokens: -1, more: Array.from({ length: 50_000 }, () => 'x'.repeat(50)) },
      { output_tokens: 40 },
    ],
  ])('%s: the hold is charged as unknown, the reply kept, and the session moves on', async (_, at, end) => {
    const { line, hold, doubts } = await billed(asks(at, end));
    expect(line.class).toBe('unknown');
    expect(line.cost).toBeLessThanOrEqual(hold);
    expect(line.cost).toBeGreaterThanOrEqual(hold / 2n);
    expect(doubts).toHaveLength(1);
    expect(JSON.stringify(line.usage).length).toBeLessThan(2_000);
  });

  it('in a checkpoint of an older version is no count, and the session moves again', async () => {
    const t = await played([[start(), ...textAt(0, 'Yes?'), ...stop('end_turn', { output_tokens: 5 })], END], {
      onEndTurn: 'wait',
    });
    const row = t.store.sessions.get('ses_1')!;
    row.memory = {
      ...(row.memory as object),
      counted: { model: 'claude-sonnet-5-5', tokens: -5_000_000, n: 2, head: '' },
    };
    await t.userSessions.command('u1', 'ses_1', { type: 'message', content: 'Go on.' }, 'op_1');
    await t.play();
    expect(await t.view()).toMatchObject({ status: 'waiting_for_input', iterationNumber: 2 });
  });
});
