import { describe, expect, it } from 'vitest';
import { next } from '../../lib/core/next.ts';
import type { Session } from '../../lib/core/session.ts';
import {
  assistant,
  CEILING,
  call,
  claim,
  day,
  kinds,
  MIDNIGHT,
  NOW,
  ready,
  rested,
  saveOf,
  text,
  toolUse,
  user,
} from './given.ts';

describe('a claim: what users want comes first', () => {
  const open = [call('t1', 'bash')];
  const history = [user(1, 'goal'), assistant(2, toolUse('t1', 'bash'))];

  it('cancel answers the open calls and ends, whatever the state', () => {
    for (const state of [
      { state: 'ready' },
      { state: 'waiting', question: 'Which?' },
      { state: 'paused', error: null },
    ] as const) {
      const save = saveOf(
        claim(rested(state, { open, history, pending: { desired: 'cancel', wakeRequested: false, inbox: [] } })),
      );
      expect(save.suspension?.to).toMatchObject({ state: 'ended', outcome: 'cancelled', error: null });
      expect(save.turn).toEqual([
        { type: 'tool_result', tool_use_id: 't1', content: expect.any(String), is_error: true },
      ]);
    }
  });

  it('more claims than the operator allows sleep till midnight with a reason of their own; a pause gets through', () => {
    const claims = { today: 11, most: 10 };
    const over = (s: Session, at: typeof claims) => saveOf(next(s, { type: 'claimed', at: NOW, claims: at }));
    const { suspension } = over(ready(), claims);
    expect(suspension?.to).toEqual({ state: 'sleeping', until: MIDNIGHT, reason: 'claim_limit' });
    expect(suspension?.journal).toEqual([
      {
        type: 'agent.retrying',
        data: { reason: 'daily_claims', claims: 10, wake_at: new Date(MIDNIGHT).toISOString() },
      },
    ]);
    expect(kinds(next(ready(), { type: 'claimed', at: NOW, claims: { today: 10, most: 10 } }))).toContain('reserve');
    const pending = { desired: 'pause', wakeRequested: false, inbox: [] } as const;
    expect(over(ready({ pending: { ...pending, inbox: [] } }), claims).suspension?.to).toMatchObject({
      state: 'paused',
    });
  });

  it('cancel wins over poison: a user gets what they asked for', () => {
    const save = saveOf(claim(ready({ attempts: 9, pending: { desired: 'cancel', wakeRequested: false, inbox: [] } })));
    expect(save.suspension?.to).toMatchObject({ outcome: 'cancelled' });
  });

  it('pause keeps the open calls open and rests until a user acts', () => {
    const save = saveOf(
      claim(ready({ open, history, pending: { desired: 'pause', wakeRequested: false, inbox: [] } })),
    );
    expect(save.turn).toBeNull();
    expect(save.suspension).toMatchObject({ to: { state: 'paused', error: null }, due: Number.POSITIVE_INFINITY });
    expect(save.suspension?.journal).toEqual([{ type: 'agent.paused', data: {} }]);
  });

  it('a paused session that is only nudged stays paused, and says nothing twice', () => {
    const save = saveOf(
      claim(
        rested({ state: 'paused', error: null }, { pending: { desired: 'pause', wakeRequested: false, inbox: [] } }),
      ),
    );
    expect(save.suspension?.to.state).toBe('paused');
    expect([...save.journal, ...(save.suspension?.journal ?? [])]).toEqual([]);
  });

  it('pausing a session that waits returns it to its question on resume', () => {
    const waiting = rested(
      { state: 'waiting', question: 'Which?' },
      { pending: { desired: 'pause', wakeRequested: false, inbox: [] } },
    );
    const { memory } = saveOf(claim(waiting)).suspension!;
    const resumed = saveOf(claim(rested({ state: 'paused', error: null }, { memory })));
    expect(resumed.suspension?.to).toEqual({ state: 'waiting', question: 'Which?' });
    expect(resumed.journal).toEqual([{ type: 'agent.resumed', data: {} }]);
  });

  it('a waiting session without an answer goes on waiting, in silence', () => {
    const save = saveOf(claim(rested({ state: 'waiting', question: 'Which?' })));
    expect(save.suspension).toMatchObject({
      to: { state: 'waiting', question: 'Which?' },
      due: Number.POSITIVE_INFINITY,
      journal: [],
    });
    expect(save.journal).toEqual([]);
  });

  it('an answer moves a waiting session on', () => {
    const history = [user(1, 'goal'), assistant(2, text('Which?'))];
    const step = claim(
      rested(
        { state: 'waiting', question: null },
        { history, pending: { desired: 'run', wakeRequested: false, inbox: [{ n: 1, content: 'Blue.' }] } },
      ),
    );
    expect(kinds(step)).toEqual(['reserve']);
  });
});

describe('a claim: what was left open', () => {
  it('open tool calls are run before anything is bought', () => {
    const history = [user(1, 'goal'), assistant(2, toolUse('t1', 'bash', { command: 'ls' }))];
    const open = [call('t1', 'bash', { command: 'ls' })];
    const step = claim(
      ready({ history, open, iteration: 1, memory: { replied: { stopReason: 'tool_use', noticed: false } } }),
    );
    expect(step.effects).toEqual([{ type: 'act', calls: open }]);
  });

  it('a reply without calls whose end was not saved ends as its owner would have ended it', () => {
    const history = [user(1, 'goal'), assistant(2, text('A poem.'))];
    const save = saveOf(
      claim(ready({ history, iteration: 1, memory: { replied: { stopReason: 'end_turn', noticed: false } } })),
    );
    expect(save.suspension?.to).toMatchObject({ state: 'ended', outcome: 'completed', result: 'A poem.' });
  });

  it('… unless a user said something meanwhile', () => {
    const history = [user(1, 'goal'), assistant(2, text('A poem.'))];
    const pending = { desired: 'run' as const, wakeRequested: false, inbox: [{ n: 1, content: 'Longer.' }] };
    const step = claim(
      ready({ history, iteration: 1, pending, memory: { replied: { stopReason: 'end_turn', noticed: false } } }),
    );
    expect(kinds(step)).toEqual(['reserve']);
  });
});

describe('a claim: limits', () => {
  it('the sixth claim without a settle or save is poison: it ends, and says why', () => {
    expect(kinds(claim(ready({ attempts: 5 })))).toEqual(['reserve']);
    const save = saveOf(claim(ready({ attempts: 6 })));
    expect(save.suspension?.to).toMatchObject({
      state: 'ended',
      outcome: 'failed',
      error: { code: 'failed', message: expect.stringContaining('5 times') },
    });
  });

  it('stops at the iteration limit without a call', () => {
    const save = saveOf(claim(ready({ iteration: 150 })));
    expect(save.suspension?.to).toMatchObject({
      outcome: 'iteration_limit_reached',
      error: { code: 'iteration_limit_reached' },
    });
  });

  it('never starts a session in the wind-down: its first iteration is tomorrow', () => {
    const save = saveOf(claim(ready({ day: day(9_000_000n) })));
    expect(save.suspension).toMatchObject({
      to: { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' },
      due: MIDNIGHT,
    });
  });

  it('winds down at exactly 90 %, not a microdollar before', () => {
    const at = (spent: bigint) => claim(ready({ iteration: 3, day: day(spent) })).session.memory.windDown;
    expect(at(8_999_999n)).toBeNull();
    expect(at(9_000_000n)).toEqual({ day: '2026-11-22', iterations: 0, short: null, ceiling: CEILING });
  });

  it('goes to bed after three iterations of wind-down', () => {
    const session = (iterations: number) =>
      ready({
        iteration: 9,
        day: day(9_500_000n),
        memory: { windDown: { day: '2026-11-22', iterations, short: null, ceiling: CEILING } },
      });
    expect(kinds(claim(session(2)))).not.toContain('save');
    expect(saveOf(claim(session(3))).suspension?.to).toMatchObject({ state: 'sleeping', reason: 'allowance' });
  });

  it('counts on where a bill that was corrected downwards had ended the wind-down, and anew after more money', () => {
    const memory = { windDown: { day: '2026-11-22', iterations: 3, short: null, ceiling: CEILING } };
    const corrected = claim(ready({ iteration: 9, day: day(8_900_000n), memory })).session;
    expect(kinds(claim(ready({ iteration: 9, day: day(8_900_000n), memory })))).not.toContain('save');
    expect(
      saveOf(claim(ready({ iteration: 10, day: day(9_100_000n), memory: corrected.memory }))).suspension,
    ).toMatchObject({
      to: { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' },
    });
    const richer = day(9_100_000n, { allowance: 20_000_000n, ceiling: 22_000_000n });
    expect(claim(ready({ iteration: 9, day: richer, memory })).session.memory.windDown).toBeNull();
  });

  it('a new day forgets the wind-down of the last', () => {
    const step = claim(
      ready({
        iteration: 9,
        day: day(0n),
        memory: { windDown: { day: '2026-11-21', iterations: 3, short: null, ceiling: CEILING } },
      }),
    );
    expect(step.session.memory.windDown).toBeNull();
    expect(kinds(step)).toEqual(['reserve']);
  });

  it('above the ceiling the breaker is out, until the next day or, by policy, until a user', () => {
    const over = day(11_000_001n);
    expect(saveOf(claim(ready({ iteration: 1, day: over }))).suspension).toMatchObject({
      to: { state: 'exceeded' },
      due: MIDNIGHT,
    });
    const manual = ready({ iteration: 1, day: over, facts: { wakePolicy: 'manual' } });
    expect(saveOf(claim(manual)).suspension?.due).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses a model that has no price, without a call', () => {
    const save = saveOf(claim(ready({ facts: { model: 'claude-unknown-9' } })));
    expect(save.suspension?.to).toMatchObject({ outcome: 'failed', error: { code: 'unknown_model' } });
  });
});

describe('waking', () => {
  it('journals that it woke, and tells the agent in a system message after a user turn', () => {
    const asleep = rested(
      { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' },
      {
        iteration: 4,
        day: day(0n, { date: '2026-11-23', resetsAt: MIDNIGHT + 86_400_000 }),
        memory: { rested: { reason: 'allowance', since: NOW } },
        history: [user(1, 'goal'), assistant(2, text('Good night.'))],
      },
    );
    const step = claim(asleep, MIDNIGHT);
    const [effect] = step.effects;
    expect(effect?.type === 'reserve' && effect.journal.map((e) => e.type)).toEqual(['agent.waking', 'agent.thinking']);
    const session = step.session;
    const messages = session.state === 'reserving' ? session.call.request.messages : [];
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'system']);
    const last = messages.at(-1);
    expect(JSON.stringify(last)).toContain('You slept from 2026-11-22 10:00 UTC to 2026-11-23 00:00 UTC');
  });

  it('a retry is no sleep: the agent is not told', () => {
    const asleep = rested({ state: 'sleeping', until: NOW, reason: 'overloaded' }, { memory: { failures: 1 } });
    const { session } = claim(asleep);
    expect(session.state === 'reserving' && JSON.stringify(session.call.request)).not.toContain('You slept');
  });

  it('spreads the sleepers of one midnight over the window, each at its own place', () => {
    const until = (id: string) =>
      saveOf(claim(ready({ day: day(9_000_000n), facts: { id }, policy: { wakeWindowMs: 900_000 } }))).suspension!.due;
    const dues = Array.from({ length: 50 }, (_, i) => until(`ses_${i}`));
    expect(new Set(dues).size).toBeGreaterThan(40);
    expect(Math.min(...dues)).toBeGreaterThanOrEqual(MIDNIGHT);
    expect(Math.max(...dues)).toBeLessThan(MIDNIGHT + 900_000);
    expect(until('ses_7')).toBe(until('ses_7'));
  });
});
