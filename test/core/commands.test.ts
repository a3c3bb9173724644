/** What a command at the wrong moment, or a call that leads nowhere, must not do. */
import { describe, expect, it } from 'vitest';
import {
  afterSettle,
  assistant,
  CEILING,
  call,
  claim,
  day,
  kinds,
  NOW,
  ready,
  reply,
  rested,
  saveOf,
  settlementOf,
  text,
  thinking,
  toolUse,
  user,
  when,
} from './given.ts';

describe('a rest that a nudge denied', () => {
  const asked = saveOf(afterSettle(ready(), reply([toolUse('q', 'ask_user', { question: 'Which?' })], 'tool_use')));

  it('a question is still waited for, unpaid, until somebody answers', () => {
    const history = [user(1, 'goal'), assistant(2, toolUse('q', 'ask_user')), user(3, 'ok')];
    const session = (inbox: { n: number; content: string }[]) =>
      ready({ iteration: 1, history, memory: asked.memory, pending: { desired: 'run', wakeRequested: false, inbox } });
    expect(saveOf(claim(session([]))).suspension?.to).toEqual({ state: 'waiting', question: 'Which?' });
    expect(kinds(claim(session([{ n: 1, content: 'Blue.' }])))).toEqual(['reserve']);
  });

  it('pausing twice still leads back to the question', () => {
    const twice = saveOf(
      claim(ready({ memory: asked.memory, pending: { desired: 'pause', wakeRequested: false, inbox: [] } })),
    ).suspension!;
    const back = saveOf(claim(rested({ state: 'paused', error: null }, { memory: twice.memory })));
    expect(back.suspension?.to).toEqual({ state: 'waiting', question: 'Which?' });
  });
});

describe('what a user said between a reply and its calls', () => {
  const inbox = [{ n: 1, content: 'One thing more.' }];
  const found = (name: string, input: Record<string, unknown>, more: Parameters<typeof ready>[0] = {}) =>
    ready({
      iteration: 1,
      history: [user(1, 'goal'), assistant(2, toolUse('t', name, input))],
      open: [call('t', name, input)],
      pending: { desired: 'run', wakeRequested: false, inbox },
      ...more,
    });

  it.each([
    ['finish', { result: 'Too early.' }],
    ['ask_user', { question: 'Which?' }],
    ['sleep', { minutes: 10 }],
  ])('is heard before its %s counts', (name, input) => {
    const save = saveOf(claim(found(name, input)));
    expect(save).toMatchObject({ suspension: null, due: NOW, turn: [{ type: 'tool_result', tool_use_id: 't' }] });
    const history = [
      user(1, 'goal'),
      assistant(2, toolUse('t', name, input)),
      { n: 3, role: 'user' as const, content: save.turn! },
    ];
    const next = claim(
      ready({ iteration: 1, history, memory: save.memory, pending: { desired: 'run', wakeRequested: false, inbox } }),
    );
    expect(kinds(next)).toEqual(['reserve']);
  });

  it('is heard also in a wind-down that is over', () => {
    const over = {
      day: day(9_500_000n),
      memory: { windDown: { day: '2026-11-22', iterations: 3, short: null, ceiling: CEILING } },
    };
    expect(saveOf(claim(found('narrate', { phase_name: 'p', text: 't' }, over)))).toMatchObject({
      suspension: null,
      due: NOW,
    });
    const cut = { ...over.memory, replied: { stopReason: 'max_tokens', noticed: true }, cuts: 3 };
    expect(saveOf(claim(found('narrate', {}, { ...over, memory: cut })))).toMatchObject({ suspension: null, due: NOW });
  });

  it('does not undo what stops it for good', () => {
    const last = found(
      'finish',
      { result: 'r' },
      { iteration: 1, facts: { maxIterations: 1 }, memory: { replied: { stopReason: 'max_tokens', noticed: false } } },
    );
    expect(saveOf(claim(last)).suspension?.to).toMatchObject({ outcome: 'iteration_limit_reached' });
  });
});

describe('a summary', () => {
  const summarise = (event: ReturnType<typeof reply>) =>
    settlementOf(when(thinking(ready({ iteration: 5, memory: { compact: 'full' } })), event));

  it('without a word is none', () => {
    expect(summarise(reply([text('(no text)')]))).toMatchObject({ turns: [], memory: { context: { from: 1 } } });
  });

  it('that could not be had is not bought again for a prompt that is too long: the context starts afresh', () => {
    const { memory } = summarise(reply([text('Half')], 'max_tokens'));
    const failure = {
      proof: 'not_served',
      status: 400,
      code: 'x',
      message: 'prompt is too long',
      retryAfterMs: null,
    } as const;
    const settling = when(thinking(ready({ iteration: 5, memory })), { type: 'failed', failure });
    expect(settlementOf(settling)).toMatchObject({ memory: { compact: null }, turns: [{ role: 'user' }] });
    expect(JSON.stringify(settlementOf(settling).turns)).toContain('it starts afresh');
    const save = saveOf(
      when(settling.session, {
        type: 'settled',
        day: day(),
        cost: 0n,
        pending: { desired: 'run', wakeRequested: false, inbox: [] },
      }),
    );
    expect(save.suspension).toBeNull();
  });
});

describe('what is remembered no longer than it is true', () => {
  it('a reply with words forgets that the last had none', () => {
    const memory = { blank: true };
    expect(settlementOf(when(thinking(ready({ memory })), reply([text('Here.')]))).memory.blank).toBe(false);
    expect(settlementOf(when(thinking(ready({ memory })), reply([text('(no text)')]))).memory.blank).toBe(true);
  });

  it('calls that were not run are no errors of the agent', () => {
    const calls = [1, 2, 3].map((i) => toolUse(`t${i}`, 'bash', { i }));
    const step = afterSettle(ready(), reply(calls, 'tool_use'));
    const results = [1, 2, 3].map((i) => ({
      id: `t${i}`,
      content: 'Not run: the time was used up.',
      isError: true,
      ran: false as const,
    }));
    const save = saveOf(when(step.session, { type: 'observed', results }));
    expect([save.suspension, save.memory.guard.errors]).toEqual([null, []]);
  });

  it('after a sleep the same call is no repetition', () => {
    const guard = { ...ready().memory.guard, last: 'bash:x', streak: 3, peak: 1 };
    const save = saveOf(
      afterSettle(ready({ memory: { guard } }), reply([toolUse('s', 'sleep', { note: 'n' })], 'tool_use')),
    );
    expect(save.suspension?.memory.guard.streak).toBe(0);
  });

  it('a floor that made a step dearer than a day does not keep a cheaper one from being tried', () => {
    const poor = day(0n, { allowance: 20_000n, ceiling: 22_000n });
    const step = claim(ready({ iteration: 1, day: poor, memory: { floor: 6_000 } }));
    const counted = when(step.session, { type: 'counted', tokens: null });
    const save = saveOf(when(counted.session, { type: 'refused', by: 'day', day: poor }));
    expect(save.suspension).toMatchObject({ to: { state: 'waiting' }, memory: { floor: 0, unaffordable: true } });
  });
});

describe('a context that starts afresh', () => {
  it('keeps the goal and what the user said, not what the runtime said', () => {
    const history = [
      user(1, 'goal'),
      assistant(2, text('x')),
      user(3, '[runtime] Go on.'),
      user(4, 'In blue, please.'),
    ];
    const memory = {
      compact: 'full' as const,
      context: { from: 1, clearedBefore: 9, mediaFrom: 1, compactedAt: 0, summary: null },
    };
    const failure = {
      proof: 'not_served',
      status: 400,
      code: 'x',
      message: 'prompt is too long',
      retryAfterMs: null,
    } as const;
    const step = when(thinking(ready({ iteration: 5, history, memory })), { type: 'failed', failure });
    const said = JSON.stringify(settlementOf(step).turns);
    expect(said).toContain('goal');
    expect(said).toContain('In blue, please.');
    expect(said).not.toContain('Go on.');
  });
});

describe('after the settlement', () => {
  it('a pause or cancel learned from it stops before anything is run: the calls stay open', () => {
    const settling = when(thinking(ready()), reply([toolUse('a', 'bash')], 'tool_use'));
    const step = when(settling.session, {
      type: 'settled',
      day: day(),
      cost: 1n,
      pending: { desired: 'cancel', wakeRequested: false, inbox: [] },
    });
    expect(kinds(step)).toEqual(['save']);
    expect(step.effects[0]).toMatchObject({ save: { turn: null, suspension: null, due: NOW } });
  });
});
