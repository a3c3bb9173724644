import { describe, expect, it } from 'vitest';
import type { Block, Session, ToolResultBlock } from '../../lib/core/session.ts';
import {
  afterSettle,
  assistant,
  claim,
  day,
  MIDNIGHT,
  NOW,
  ready,
  reply,
  saveOf,
  text,
  toolUse,
  user,
  when,
} from './given.ts';

const resultOf = (b: Block) => b as Partial<ToolResultBlock>;
const ok = (id: string, content = 'ok', isError = false) => ({ id, content, isError });
const observed = (step: { session: Session }, ...results: ReturnType<typeof ok>[]) =>
  when(step.session, { type: 'observed', results });

describe('how a reply without calls ends', () => {
  it('completes, with its text as the result', () => {
    const save = saveOf(afterSettle(ready(), reply([text('A poem.'), text('The end.')])));
    expect(save.suspension?.to).toMatchObject({ state: 'ended', outcome: 'completed', result: 'A poem.\n\nThe end.' });
    expect(save.turn).toBeNull();
  });

  it('or waits for the user', () => {
    const save = saveOf(afterSettle(ready({ facts: { onEndTurn: 'wait' } }), reply([text('Hello?')])));
    expect(save.suspension?.to).toEqual({ state: 'waiting', question: null });
  });

  it.each(['complete', 'wait'] as const)(
    'or, told to wind down, sleeps till tomorrow (on_end_turn: %s)',
    (onEndTurn) => {
      const session = ready({ iteration: 3, day: day(9_100_000n), facts: { onEndTurn } });
      expect(saveOf(afterSettle(session, reply([text('Good night.')]), day(9_200_000n))).suspension?.to).toMatchObject({
        state: 'sleeping',
        until: MIDNIGHT,
      });
    },
  );

  it('a reply that itself crosses the threshold ends as usual', () => {
    const save = saveOf(
      afterSettle(ready({ iteration: 3, day: day(8_000_000n) }), reply([text('Done.')]), day(9_900_000n)),
    );
    expect(save.suspension?.to).toMatchObject({ outcome: 'completed' });
  });

  it.each(['max_tokens', 'pause_turn'])('%s: a user turn asks to go on', (stop) => {
    const save = saveOf(afterSettle(ready(), reply([text('And then')], stop)));
    expect(save.suspension).toBeNull();
    expect(save.turn).toMatchObject([{ type: 'text' }]);
  });

  describe('pause_turn', () => {
    const paused = { stopReason: 'pause_turn', noticed: false };
    const search: Block = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
    const history = [user(1, 'goal'), assistant(2, text('Searching.'), search)];

    it('sends the reply back as it was, with no turn of ours after it', () => {
      expect(saveOf(afterSettle(ready(), reply([text('Searching.'), search], 'pause_turn')))).toMatchObject({
        turn: null,
        suspension: null,
      });
      const inbox = [{ n: 1, content: 'Hurry.' }];
      const step = claim(
        ready({
          iteration: 1,
          history,
          memory: { replied: paused },
          pending: { desired: 'run', wakeRequested: false, inbox },
        }),
      );
      const { session } = step;
      if (session.state !== 'reserving') throw new Error(session.state);
      expect(session.call).toMatchObject({ newMessages: [], inboxTaken: 0 });
      expect(session.call.request.messages.at(-1)?.role).toBe('assistant');
    });

    it('ten times in a row: a user is asked', () => {
      const session = ready({ iteration: 9, history, memory: { replied: paused, cuts: 9 } });
      expect(saveOf(afterSettle(session, reply([search], 'pause_turn'))).suspension?.to).toMatchObject({
        state: 'paused',
      });
    });
  });

  it('stop_sequence is an end of turn', () => {
    expect(saveOf(afterSettle(ready(), reply([text('x')], 'stop_sequence'))).suspension?.to).toMatchObject({
      outcome: 'completed',
    });
  });

  it('max_tokens with calls: none runs, each is answered with an error, and the agent is asked to go on', () => {
    const step = afterSettle(
      ready(),
      reply([toolUse('a', 'bash'), toolUse('b', 'finish', { result: 'x' })], 'max_tokens'),
    );
    const { turn, suspension: rest } = saveOf(step);
    expect(rest).toBeNull();
    expect(turn?.map((b) => [b.type, resultOf(b).tool_use_id ?? null, resultOf(b).is_error ?? null])).toEqual([
      ['tool_result', 'a', true],
      ['tool_result', 'b', true],
      ['text', null, null],
    ]);
  });

  it('a full window is compacted in the next invocation', () => {
    const save = saveOf(afterSettle(ready(), reply([text('And')], 'model_context_window_exceeded')));
    expect(save.memory.compact).toBe('full');
    expect(save.suspension).toBeNull();
  });
});

describe('tool calls', () => {
  const turn = (...content: ReturnType<typeof toolUse>[]) => afterSettle(ready(), reply(content, 'tool_use'));

  it('runs all but the controls, and answers every call exactly once, in order', () => {
    const step = turn(
      toolUse('a', 'bash'),
      toolUse('b', 'narrate', { phase_name: 'Plan', text: 'I plan.' }),
      toolUse('c', 'bash', { x: 1 }),
    );
    expect(step.effects).toMatchObject([{ type: 'act', calls: [{ id: 'a' }, { id: 'c' }] }]);
    const save = saveOf(observed(step, ok('c', 'C'), ok('a', 'A', true)));
    expect(save.turn?.map((b) => [resultOf(b).tool_use_id, resultOf(b).is_error ?? false])).toEqual([
      ['a', true],
      ['b', false],
      ['c', false],
    ]);
    expect(save.memory.phase).toBe('Plan');
    expect(save.journal.map((e) => e.type)).toEqual([
      'agent.budget_updated',
      'agent.phase.started',
      'agent.tool.result',
      'agent.tool.result',
      'agent.tool.result',
    ]);
  });

  it('controls alone need nobody outside', () => {
    expect(saveOf(turn(toolUse('a', 'finish', { result: 'All done.' }))).suspension?.to).toMatchObject({
      outcome: 'completed',
      result: 'All done.',
    });
  });

  it('finish beats ask_user beats sleep', () => {
    const [f, q, s] = [
      toolUse('f', 'finish', { result: 'r' }),
      toolUse('q', 'ask_user', { question: 'Which?' }),
      toolUse('s', 'sleep', { note: 'n' }),
    ];
    expect(saveOf(turn(s, q, f)).suspension?.to.state).toBe('ended');
    expect(saveOf(turn(s, q)).suspension?.to).toEqual({ state: 'waiting', question: 'Which?' });
    expect(saveOf(turn(s)).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'agent', until: MIDNIGHT });
  });

  it('finish without a result hands over the text of the turn', () => {
    const step = afterSettle(ready(), reply([text('All is in poem.md.'), toolUse('a', 'finish')], 'tool_use'));
    expect(saveOf(step).suspension?.to).toMatchObject({ outcome: 'completed', result: 'All is in poem.md.' });
  });

  it('sleeps until the instant asked for, kept between a minute and a month', () => {
    const until = (value: string) => saveOf(turn(toolUse('s', 'sleep', { until: value }))).suspension?.due;
    expect(until('2026-11-24T06:00:00+01:00')).toBe(Date.parse('2026-11-24T05:00:00Z'));
    expect(until('2020-01-01T00:00:00Z')).toBe(NOW + 60_000);
    expect(until('2099-01-01T00:00:00Z')).toBe(NOW + 31 * 86_400_000);
  });

  it('sleeps as long as asked', () => {
    expect(saveOf(turn(toolUse('s', 'sleep', { minutes: 30, note: 'n' }))).suspension?.due).toBe(NOW + 1_800_000);
  });

  it('in the wind-down sleep means till tomorrow at least', () => {
    const session = ready({ iteration: 2, day: day(9_100_000n) });
    const step = afterSettle(
      session,
      reply([toolUse('s', 'sleep', { minutes: 5, note: 'n' })], 'tool_use'),
      day(9_200_000n),
    );
    expect(saveOf(step).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance', until: MIDNIGHT });
  });

  it.each([
    ['finish', { result: 7 }],
    ['sleep', { minutes: -1, note: 'n' }],
    ['sleep', { until: 'tomorrow' }],
    ['ask_user', { question: 7 }],
    ['narrate', { text: 'x' }],
  ])('a control with wrong arguments (%s) tells the model, and the session lives', (name, input) => {
    const save = saveOf(turn(toolUse('a', name, input)));
    expect(save.suspension).toBeNull();
    expect(save.turn).toMatchObject([{ type: 'tool_result', is_error: true, content: expect.stringContaining(name) }]);
  });

  it('changing the phase completes the one before', () => {
    const session = ready({ memory: { phase: 'Plan' } });
    const save = saveOf(
      afterSettle(session, reply([toolUse('a', 'narrate', { phase_name: 'Build', text: 'Now.' })], 'tool_use')),
    );
    expect(save.journal.filter((e) => e.type.startsWith('agent.phase'))).toMatchObject([
      { type: 'agent.phase.completed', data: { phase_name: 'Plan' } },
      { type: 'agent.phase.started', data: { phase_name: 'Build' } },
    ]);
  });

  it('stops at the limits of iterations and money once the results are stored', () => {
    const last = afterSettle(ready({ iteration: 149 }), reply([toolUse('a', 'bash')], 'tool_use'));
    expect(saveOf(observed(last, ok('a'))).suspension?.to).toMatchObject({ outcome: 'iteration_limit_reached' });
    const over = afterSettle(ready({ iteration: 3 }), reply([toolUse('a', 'bash')], 'tool_use'), day(11_000_001n));
    const save = saveOf(observed(over, ok('a')));
    expect(save.suspension?.to.state).toBe('exceeded');
    expect(save.turn).toHaveLength(1);
  });
});

describe('saved', () => {
  const saving = afterSettle(ready(), reply([text('x')]));
  const saved = (event: { state: string; due: number; chain: boolean }) =>
    when(saving.session, { type: 'saved', ...event });

  it('chains what is due, delays what is near, sets an alarm for what is far, and leaves the rest alone', () => {
    expect(saved({ state: 'ready', due: NOW, chain: true }).effects).toEqual([{ type: 'chain', delayMs: 0 }]);
    expect(saved({ state: 'sleeping', due: NOW + 5_000, chain: false }).effects).toEqual([
      { type: 'chain', delayMs: 5_000 },
    ]);
    expect(saved({ state: 'sleeping', due: MIDNIGHT, chain: false }).effects).toEqual([
      { type: 'sleep', until: MIDNIGHT },
    ]);
    expect(saved({ state: 'ended', due: Number.POSITIVE_INFINITY, chain: false }).effects).toEqual([]);
  });

  it('a rest that did not come true leaves the session ready', () => {
    expect(saved({ state: 'ready', due: NOW, chain: true }).session.state).toBe('ready');
    expect(saved({ state: 'ended', due: Number.POSITIVE_INFINITY, chain: false }).session.state).toBe('ended');
  });
});

describe('an event that does not belong to the state', () => {
  it('is a bug of the caller, and says so', () => {
    expect(() =>
      when(ready({ history: [user(1, 'g'), assistant(2, text('x'))] }), {
        type: 'observed',
        results: [],
      }),
    ).toThrow(/does not belong/);
  });
});
