/** What midnight, a top-up or a user changes between two steps of one iteration. */
import { describe, expect, it } from 'vitest';
import {
  afterSettle,
  assistant,
  CEILING,
  claim,
  day,
  facts,
  head,
  kinds,
  MIDNIGHT,
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

const evening = {
  iteration: 5,
  day: day(9_500_000n),
  memory: { windDown: { day: '2026-11-22', iterations: 1, short: null, ceiling: CEILING } },
};
const nextDay = day(0n, { date: '2026-11-23', resetsAt: MIDNIGHT + 86_400_000 });
const toppedUp = day(9_500_000n, { allowance: 20_000_000n, ceiling: 22_000_000n });
const sleep = [toolUse('s', 'sleep', { note: 'Chapter 3 is next.' })];

describe.each([
  ['midnight came during the call', nextDay],
  ['a top-up came during the call', toppedUp],
])('told to wind down, but %s', (_what, then) => {
  it('a turn that ends goes on instead of sleeping the new money away', () => {
    const save = saveOf(afterSettle(ready(evening), reply([text('Good night.')]), then));
    expect(save.suspension).toBeNull();
    expect(save.turn).toMatchObject([{ type: 'text', text: expect.stringContaining('go on') }]);
  });

  it('so does a sleep till the morning; one for a given time is kept', () => {
    const save = saveOf(afterSettle(ready(evening), reply(sleep, 'tool_use'), then));
    expect(save.suspension).toBeNull();
    expect(save.turn).toMatchObject([{ type: 'tool_result' }, { type: 'text' }]);
    const nap = [toolUse('s', 'sleep', { minutes: 30, note: 'n' })];
    expect(saveOf(afterSettle(ready(evening), reply(nap, 'tool_use'), then)).suspension?.due).toBe(NOW + 1_800_000);
  });

  it('so does a bedtime summary', () => {
    const memory = { ...evening.memory, compact: 'before_sleep' as const, beforeSleep: '2026-11-22' };
    expect(saveOf(afterSettle(ready({ ...evening, memory }), reply([text('Summary.')]), then)).suspension).toBeNull();
  });

  it('a summary that is still owed is off', () => {
    const memory = { compact: 'before_sleep' as const, beforeSleep: '2026-11-22' };
    const session = claim(ready({ iteration: 5, day: then, memory })).session;
    expect(session.state === 'reserving' && session.call.kind).toBe('think');
  });

  it('a reply whose rest a nudge refused is not put to bed by the next claim', () => {
    const history = [user(1, 'goal'), assistant(2, text('Good night.'))];
    const save = saveOf(
      claim(
        ready({ iteration: 5, history, day: then, memory: { replied: { stopReason: 'end_turn', noticed: true } } }),
      ),
    );
    expect(save.suspension).toBeNull();
  });
});

describe('at bedtime', () => {
  const long = {
    ...evening,
    memory: { ...evening.memory, counted: { model: facts.model, tokens: 60_000, n: 2, head: head() } },
  };
  const bedtimeOf = (save: ReturnType<typeof saveOf>) => save.suspension === null && save.memory.compact;

  it('a sleep till the morning writes its summary first, as an ended turn does', () => {
    const big = { input_tokens: 60_000, output_tokens: 100 };
    expect(bedtimeOf(saveOf(afterSettle(ready(long), reply(sleep, 'tool_use', big), day(9_550_000n))))).toBe(
      'before_sleep',
    );
    expect(bedtimeOf(saveOf(afterSettle(ready(long), reply([text('Night.')], 'end_turn', big), day(9_550_000n))))).toBe(
      'before_sleep',
    );
  });

  it('a summary that the day cannot pay is not tried', () => {
    const big = { input_tokens: 60_000, output_tokens: 100 };
    expect(saveOf(afterSettle(ready(long), reply(sleep, 'tool_use', big), day(10_900_000n))).suspension?.to.state).toBe(
      'sleeping',
    );
  });

  it('what a user says is still answered, once, and the sleep is one sleep', () => {
    const spent = {
      ...evening,
      memory: {
        windDown: { day: '2026-11-22', iterations: 3, short: null, ceiling: CEILING },
        rested: { reason: 'allowance', since: NOW - 1 },
      },
    };
    const asleep = (inbox: { n: number; content: string }[]) =>
      rested(
        { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' },
        { ...spent, pending: { desired: 'run', wakeRequested: false, inbox } },
      );
    expect(saveOf(claim(asleep([]))).suspension?.memory.rested).toEqual({ reason: 'allowance', since: NOW - 1 });
    expect(kinds(claim(asleep([{ n: 1, content: 'Where is it?' }])))).toEqual(['reserve']);
  });
});

describe('not even a whole day pays for the next step', () => {
  const poor = day(0n, { allowance: 100n, ceiling: 110n });
  const asked = (memory = {}) => {
    const step = claim(
      rested(
        { state: 'waiting', question: 'more?' },
        { iteration: 1, day: poor, memory: { unaffordable: true, ...memory } },
      ),
    );
    const counted = when(step.session, { type: 'counted', tokens: null });
    return saveOf(when(counted.session, { type: 'refused', by: 'day', day: poor }));
  };

  it('it is tried again every morning, and asks only once', () => {
    expect(asked().suspension).toMatchObject({ to: { state: 'waiting' }, due: MIDNIGHT, journal: [] });
  });

  it('as soon as a day is large enough it goes on, and a reply forgets the question', () => {
    const session = rested({ state: 'waiting', question: 'more?' }, { iteration: 1, memory: { unaffordable: true } });
    expect(kinds(claim(session))).toEqual(['reserve']);
    expect(settlementOf(when(thinking(session), reply([text('ok')]))).memory.unaffordable).toBe(false);
  });
});

describe('a deployment that cannot go on with a session', () => {
  const fault = { code: 'unknown_agent', message: 'gone' };

  it('pauses it with the reason, without touching its memory; a cancel still gets through', () => {
    const session = ready({ iteration: 3, fault });
    const save = saveOf(claim(session));
    expect(save.suspension).toMatchObject({ to: { state: 'paused', error: fault }, due: Number.POSITIVE_INFINITY });
    expect(save.suspension?.memory).toBe(session.memory);
    expect(saveOf(claim(rested({ state: 'paused', error: fault }, { fault }))).suspension?.journal).toEqual([]);
    const cancelled = ready({ fault, pending: { desired: 'cancel', wakeRequested: false, inbox: [] } });
    expect(saveOf(claim(cancelled)).suspension?.to).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('going in circles at a price', () => {
  it('three replies in a row that were cut: the user is asked', () => {
    const cut = (cuts: number) => saveOf(afterSettle(ready({ memory: { cuts } }), reply([text('And')], 'max_tokens')));
    expect(cut(1).suspension).toBeNull();
    expect(cut(2).suspension?.to).toMatchObject({ state: 'waiting', question: expect.stringContaining('cut off') });
  });

  it('one reply without a word is asked to go on; the second ends the turn', () => {
    const empty = (blank: boolean) => saveOf(afterSettle(ready({ memory: { blank } }), reply([text('(no text)')])));
    expect(empty(false)).toMatchObject({ suspension: null, memory: { blank: true } });
    expect(empty(true).suspension?.to).toMatchObject({ outcome: 'completed' });
  });

  it('a finish that a top-up kept from ending ends with the next claim, unpaid; a message takes it up again', () => {
    const save = saveOf(afterSettle(ready(), reply([toolUse('f', 'finish', { result: 'Done.' })], 'tool_use')));
    expect(save.memory.finished).toBe('Done.');
    const history = [user(1, 'goal'), assistant(2, toolUse('f', 'finish')), user(3, 'ok')];
    const next = (inbox: { n: number; content: string }[]) =>
      claim(
        ready({
          iteration: 1,
          history,
          memory: { finished: 'Done.' },
          pending: { desired: 'run', wakeRequested: false, inbox },
        }),
      );
    expect(saveOf(next([])).suspension?.to).toMatchObject({ outcome: 'completed', result: 'Done.' });
    expect(kinds(next([{ n: 1, content: 'More.' }]))).toEqual(['reserve']);
  });

  it('a summary that was cut or wants to call a tool is none', () => {
    const session = ready({ iteration: 5, memory: { compact: 'full' } });
    for (const event of [
      reply([text('Half a')], 'max_tokens'),
      reply([text('Let me look.'), toolUse('x', 'bash')], 'tool_use'),
    ]) {
      expect(settlementOf(when(thinking(session), event))).toMatchObject({
        turns: [],
        memory: { compact: null, context: { from: 1 } },
      });
    }
  });
});

describe('pause and resume', () => {
  it('an agent that asked to sleep for days sleeps on', () => {
    const until = NOW + 3 * 86_400_000;
    const paused = saveOf(
      claim(
        rested(
          { state: 'sleeping', until, reason: 'agent' },
          { pending: { desired: 'pause', wakeRequested: false, inbox: [] } },
        ),
      ),
    );
    const back = saveOf(claim(rested({ state: 'paused', error: null }, { memory: paused.suspension!.memory })));
    expect(back.suspension?.to).toEqual({ state: 'sleeping', until, reason: 'agent' });
  });

  it('one that was woken with its resume works', () => {
    const memory = { resume: { state: 'sleeping' as const, question: null, until: NOW + 3 * 86_400_000 } };
    const pending = { desired: 'run' as const, wakeRequested: true, inbox: [] };
    expect(kinds(claim(rested({ state: 'paused', error: null }, { memory, pending })))).toEqual(['reserve']);
  });

  it('resume forgets the failures before it', () => {
    const { memory } = claim(rested({ state: 'paused', error: null }, { memory: { failures: 8, doubts: 8 } })).session;
    expect(memory).toMatchObject({ failures: 0, doubts: 0 });
  });
});
