import { describe, expect, it } from 'vitest';
import { checkEntry, entriesOfAllTypes } from '../kit/events.ts';
import {
  afterSettle,
  claim,
  kinds,
  NOW,
  ready,
  reply,
  saveOf,
  settlementOf,
  text,
  thinking,
  toolUse,
  usage,
  when,
} from './given.ts';

describe('the events of the journal', () => {
  it('are of known types, each with an example that fits', () => {
    for (const entry of entriesOfAllTypes()) checkEntry(entry);
    expect(() => checkEntry({ type: 'agent.text', data: { text: 'a', more: 1 } })).toThrow('more');
    expect(() => checkEntry({ type: 'agent.boasted', data: {} })).toThrow('no event');
  });

  it('of a call carry the iteration that the call is made for', () => {
    const step = claim(ready({ iteration: 4 }));
    expect(kinds(step)).toEqual(['reserve']);
    expect(step.effects[0]).toMatchObject({ journal: [{ type: 'agent.thinking', iteration: 5 }] });
    const { journal } = settlementOf(when(thinking(ready({ iteration: 4 })), reply([text('Hello')])));
    expect(journal.map(({ iteration }) => iteration)).toEqual([5, 5]);
  });
});

describe('agent.model_called', () => {
  const session = thinking(ready());
  const first = (event: Parameters<typeof when>[1], at = NOW) => settlementOf(when(session, event, at)).journal[0];
  const cached = {
    ...usage(10, 20),
    cache_creation_input_tokens: 700,
    cache_read_input_tokens: 5_000,
    cache_creation: { ephemeral_5m_input_tokens: 300, ephemeral_1h_input_tokens: 400 },
  };

  it('tells the cost, the five token classes and the milliseconds of a reply', () => {
    const { cost } = settlementOf(when(session, reply([text('Hello')], 'end_turn', cached)));
    expect(first(reply([text('Hello')], 'end_turn', cached), NOW + 1_234)).toEqual({
      type: 'agent.model_called',
      iteration: 1,
      data: {
        ...{ model: 'claude-sonnet-5-5', kind: 'think', cost_microdollars: Number(cost), charge: 'settled' },
        ...{ input_tokens: 10, output_tokens: 20, cache_read_tokens: 5_000 },
        ...{ cache_write_5m_tokens: 300, cache_write_1h_tokens: 400, duration_ms: 1_234 },
      },
    });
  });

  it('tells the whole hold of a call whose outcome is not known, and no tokens', () => {
    if (session.state !== 'thinking') throw new Error(session.state);
    const entry = first({ type: 'failed', failure: { proof: 'unknown', status: 500, message: 'Internal error' } });
    expect(entry).toMatchObject({
      type: 'agent.model_called',
      data: {
        charge: 'unknown',
        cost_microdollars: Number(session.hold.amount),
        input_tokens: null,
        output_tokens: null,
      },
    });
  });

  it('is not told of a call that was not served', () => {
    const failure = {
      proof: 'not_served',
      status: 529,
      code: 'overloaded_error',
      message: 'x',
      retryAfterMs: null,
    } as const;
    expect(first({ type: 'failed', failure })?.type).toBe('agent.retrying');
  });
});

it('agent.tool.result tells how long a tool ran, and nothing of a call that did not run', () => {
  const acting = afterSettle(ready(), reply([toolUse('a', 'bash'), toolUse('b', 'bash')], 'tool_use'));
  const results = [
    { id: 'a', content: 'a', isError: false, ms: 40 },
    { id: 'b', content: 'Not run.', isError: true, ran: false as const },
  ];
  const told = saveOf(when(acting.session, { type: 'observed', results })).journal.filter(
    ({ type }) => type === 'agent.tool.result',
  );
  expect(told.map(({ data }) => 'duration_ms' in data && data.duration_ms)).toEqual([40, false]);
});
