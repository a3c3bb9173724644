/** The last money of a day: what is set aside lets every agent hand off, and what it hands off is what it reads first. */
import { describe, expect, it } from 'vitest';
import type { Session } from '../../lib/core/session.ts';
import {
  afterSettle,
  assistant,
  CEILING,
  claim,
  day,
  kinds,
  MIDNIGHT,
  ready,
  reply,
  rested,
  saveOf,
  settlementOf,
  text,
  toolResult,
  toolUse,
  user,
  when,
} from './given.ts';

const TODAY = '2026-11-22';
const used = day(5_000_000n);

/** Up to the hold that is asked for: past a count, if one is wanted. */
const asking = (session: Session) => {
  const step = claim(session);
  return kinds(step)[0] === 'count' ? when(step.session, { type: 'counted', tokens: 100 }) : step;
};
const reserveOf = (step: ReturnType<typeof claim>) => {
  const [effect] = step.effects;
  if (effect?.type !== 'reserve') throw new Error(`no reserve: ${kinds(step).join()}`);
  return effect;
};
const refused = (step: ReturnType<typeof claim>, by: 'day' | 'share' | 'cap' = 'day', then = used) => {
  const again = when(step.session, { type: 'refused', by, day: then });
  if (kinds(again)[0] !== 'count') return again;
  const counted = when(again.session, { type: 'counted', tokens: 100 });
  return kinds(counted)[0] === 'reserve' ? when(counted.session, { type: 'refused', by, day: then }) : counted;
};
const lastWords = (step: ReturnType<typeof claim>) => {
  if (step.session.state !== 'reserving' && step.session.state !== 'counting') throw new Error(step.session.state);
  const { messages } = step.session.call.request;
  return JSON.stringify(messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1));
};

describe('a step that the day does not reach for any more', () => {
  it('is not made: the agent is told to hand off, out of what is set aside for it', () => {
    const first = asking(ready({ iteration: 3, day: used }));
    expect(reserveOf(first)).toMatchObject({ handOff: false });
    const last = refused(first);
    expect(lastWords(last)).toContain('hand-off note');
    expect(lastWords(last)).toContain("$5.00 of today's $10.00 (50 %) is left");
    expect(reserveOf(last)).toMatchObject({ n: 1, handOff: true });
    expect(reserveOf(last).journal).toMatchObject([
      { type: 'agent.winding_down', data: { budget_pct: 50, reason: 'next_step' } },
      { type: 'agent.thinking' },
    ]);
  });

  it('goes to bed when that is refused, too', () => {
    const bed = refused(refused(asking(ready({ iteration: 3, day: used }))));
    expect(saveOf(bed).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance', until: MIDNIGHT });
  });

  it('says so, where the cycle has no money or none is paid for it', () => {
    const unpaid = day(0n, { allowance: 0n, ceiling: 0n });
    const bed = refused(asking(ready({ iteration: 3, day: unpaid })), 'day', unpaid);
    expect(saveOf(bed).suspension?.journal).toMatchObject([{ type: 'agent.sleeping', data: { limit: 'cycle' } }]);
  });

  it.each([
    ['next_step', day(8_000_000n), { needed_microdollars: 5_000_000, available_microdollars: 3_000_000 }],
    ['wind_down', day(9_500_000n), { available_microdollars: 1_500_000 }],
    ['cycle', day(0n, { allowance: 0n, ceiling: 0n }), { available_microdollars: 0 }],
  ])('tells what it needs only where the step is what does not fit: %s', (limit, then, amounts) => {
    const windDown = { day: TODAY, iterations: 3, short: String(then.ceiling), ceiling: String(then.ceiling) };
    const bed = claim(ready({ iteration: 6, day: then, least: 5_000_000n, memory: { windDown } }));
    expect(saveOf(bed).suspension?.journal).toEqual([
      { type: 'agent.sleeping', data: expect.objectContaining({ reason: 'allowance', limit }) },
    ]);
    const { data } = saveOf(bed).suspension!.journal[0]!;
    const told = Object.entries(data).filter(([key]) => /^(needed|available)_/.test(key));
    expect(Object.fromEntries(told)).toEqual(amounts);
  });

  it('has three iterations for it, and survives a crash in between', () => {
    const windDown = (iterations: number) => ({
      day: TODAY,
      iterations,
      short: String(used.ceiling),
      ceiling: String(used.ceiling),
    });
    const taken = claim(ready({ iteration: 4, day: used, memory: { windDown: windDown(1) } }));
    expect(reserveOf(taken)).toMatchObject({ handOff: true });
    const over = claim(ready({ iteration: 6, day: used, memory: { windDown: windDown(3) } }));
    expect(saveOf(over).suspension?.to).toMatchObject({ state: 'sleeping' });
  });

  it('is over with more money, and with the next day', () => {
    const memory = {
      windDown: { day: TODAY, iterations: 1, short: String(used.ceiling), ceiling: String(used.ceiling) },
    };
    const richer = asking(ready({ iteration: 4, day: day(5_000_000n, { ceiling: 12_000_000n }), memory }));
    expect(reserveOf(richer)).toMatchObject({ handOff: false });
    expect(richer.session.memory.windDown).toBeNull();
    const tomorrow = asking(ready({ iteration: 4, day: day(0n, { date: '2026-11-23' }), memory }));
    expect(tomorrow.session.memory.windDown).toBeNull();
  });

  it('never begins a session with it', () => {
    const bed = refused(asking(ready({ iteration: 0, day: used })));
    expect(saveOf(bed).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance' });
  });

  it('is made smaller before the user is asked, where a whole day does not pay for it', () => {
    const poor = day(0n, { allowance: 3_000n, ceiling: 3_300n });
    const history = [
      user(1, 'go'),
      assistant(2, toolUse('t', 'bash')),
      { ...user(3, ''), content: [toolResult('t', 'x'.repeat(9_000))] },
      ...[4, 6, 8, 10].flatMap((n) => [assistant(n, text('so')), user(n + 1, 'on')]),
    ];
    const smaller = saveOf(refused(asking(ready({ iteration: 3, day: poor, history })), 'day', poor));
    expect(smaller).toMatchObject({ suspension: null, memory: { context: { clearedBefore: 5 } } });
    const asked = saveOf(
      refused(asking(ready({ iteration: 3, day: poor, history, memory: smaller.memory })), 'day', poor),
    );
    expect(asked.suspension?.to).toMatchObject({ state: 'waiting', question: expect.stringContaining('$0.0033') });
  });
});

describe('a hold that is less than its call needs', () => {
  it('was got by a late copy of another question: it is given back unused, and asked for anew', () => {
    const step = asking(ready({ iteration: 3, day: used }));
    const back = when(step.session, { type: 'granted', amount: reserveOf(step).least - 1n, day: TODAY });
    expect(settlementOf(back)).toMatchObject({ cost: 0n, class: 'settled', turns: [], iterated: false });
    const whole = when(step.session, { type: 'granted', amount: reserveOf(step).least, day: TODAY });
    expect(kinds(whole)).toEqual(['think']);
  });
});

describe('what an agent hands off', () => {
  const late = day(9_500_000n);
  const told = { windDown: { day: TODAY, iterations: 1, short: null, ceiling: CEILING } };

  it('is the note of its sleep call', () => {
    const session = ready({ iteration: 4, day: late, memory: told });
    const step = afterSettle(session, reply([toolUse('s', 'sleep', { note: 'Chapter 3 is next.' })], 'tool_use'), late);
    expect(saveOf(step).suspension?.memory.handOff).toBe('Chapter 3 is next.');
  });

  it('is kept whole, while the journal shows how it begins', () => {
    const note = 'n'.repeat(5_000);
    const step = afterSettle(
      ready({ iteration: 4, day: late, memory: told }),
      reply([toolUse('s', 'sleep', { note })], 'tool_use'),
      late,
    );
    const { suspension } = saveOf(step);
    expect(suspension?.memory.handOff).toBe(note);
    expect(suspension?.journal).toMatchObject([{ data: { note: `${'n'.repeat(2_000)}… [3000 more characters]` } }]);
  });

  it('or else the words it ended its turn with', () => {
    const step = afterSettle(
      ready({ iteration: 4, day: late, memory: told }),
      reply([text('Two of five done.')]),
      late,
    );
    expect(saveOf(step).suspension?.memory.handOff).toBe('Two of five done.');
  });

  it('is the first thing it reads when it wakes, and is told once', () => {
    const memory = { handOff: 'Chapter 3 is next.', rested: { reason: 'allowance', since: MIDNIGHT - 1 } };
    const history = [user(1, 'go'), assistant(2, text('good night'))];
    const asleep = { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' } as const;
    const tomorrow = day(0n, { date: '2026-11-23', resetsAt: MIDNIGHT + 86_400_000 });
    const step = claim(rested(asleep, { iteration: 4, history, memory, day: tomorrow }), MIDNIGHT);
    expect(lastWords(step)).toContain('Your hand-off note:\\n\\nChapter 3 is next.');
    const granted = when(step.session, { type: 'granted', amount: reserveOf(step).wanted, day: '2026-11-23' });
    expect(settlementOf(when(granted.session, reply([text('on')]))).memory.handOff).toBeNull();
  });
});

describe("a session's share of the day", () => {
  const share = (spent: bigint) =>
    day(1_000_000n, { share: { allowance: 2_000_000n, ceiling: 2_200_000n, spent, held: 0n } });

  it('winds down at 90 % of it, whatever the others left of the day', () => {
    expect(reserveOf(asking(ready({ iteration: 3, day: share(1_799_999n) })))).toMatchObject({ handOff: false });
    const last = asking(ready({ iteration: 3, day: share(1_800_000n) }));
    expect(reserveOf(last)).toMatchObject({ handOff: true, journal: [{ data: { reason: 'share' } }, {}] });
    expect(lastWords(last)).toContain("$0.20 of today's $2.00 (10 %) is left");
  });

  it('sleeps when it is used up', () => {
    const then = share(2_150_000n);
    const bed = saveOf(refused(asking(ready({ iteration: 3, day: then })), 'share', then));
    expect(bed.suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance', until: MIDNIGHT });
    expect(bed.suspension?.journal).toMatchObject([{ type: 'agent.sleeping', data: { limit: 'share' } }]);
  });

  it('asks the user when not even all of it pays for the next step', () => {
    const then = day(0n, { share: { allowance: 100n, ceiling: 110n, spent: 0n, held: 0n } });
    const asked = saveOf(refused(asking(ready({ iteration: 3, day: then })), 'share', then));
    expect(asked.suspension?.to).toMatchObject({
      question: expect.stringContaining('allows this session only $0.0001'),
    });
  });
});
