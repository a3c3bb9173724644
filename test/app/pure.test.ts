/** What the dashboard makes of the API's answers, without a browser. */
import { describe, expect, it } from 'vitest';
import { dollars } from '../../client/index.ts';
import { afterTopUp, beginningOf, isOld, isUsedUp, meterOf } from '../../lib/app/meter-bar.ts';
import { newest } from '../../lib/app/newest.ts';
import { groupOf, isMoving, nextMove, sentenceOf, stateOf } from '../../lib/app/states.ts';
import { brief, microdollars, money, moneyAloud, moneys, span } from '../../lib/app/text.ts';
import type { Budget, Session } from '../../lib/app/types.ts';

const NOW = Date.parse('2026-11-10T12:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();

const session = (change: Partial<Session> = {}): Session =>
  ({
    ...{ id: 'ses_1', goal: 'Owls', status: 'working', iteration_number: 3, current_phase: null, activity: null },
    ...{
      sleep: null,
      sleep_reason: null,
      wake_at: null,
      waiting: null,
      question: null,
      error: null,
      completed_at: null,
    },
    ...change,
  }) as Session;
const activity = (state: string, since: number, more: object = {}) =>
  ({
    state,
    since: ago(since),
    due_at: ago(since),
    heartbeat_at: ago(5),
    attempts: 1,
    held_microdollars: 0,
    ...more,
  }) as Session['activity'];
const asleep = (sleep: object) =>
  session({
    ...{ status: 'sleeping', sleep_reason: 'allowance', wake_at: '2026-11-11T00:00:00.000Z' },
    sleep: {
      reason: 'allowance',
      limit: 'next_step',
      note: null,
      needed_microdollars: 31_000,
      available_microdollars: 22_000,
      kept_for_hand_offs_microdollars: 0,
      ...sleep,
    } as Session['sleep'],
  });

describe('the state of a session', () => {
  it.each([
    [
      'thinking',
      session({ activity: activity('thinking', 12, { held_microdollars: 31_000 }) }),
      '12 s · iteration 4 · holds $0.031',
    ],
    ['acting', session({ activity: activity('acting', 3), current_phase: 'Write' }), '3 s · iteration 3 · Write'],
    ['queued', session({ activity: activity('queued', 2) }), 'Starting in a moment'],
    ['slow', session({ activity: activity('thinking', 150) }), 'thinking for 3 min, still heard of · iteration 4'],
    [
      'late',
      session({ activity: activity('late', 180) }),
      'Should have moved 3 min ago. It is looked for each minute; nothing is lost',
    ],
    [
      'late',
      session({ activity: activity('silent', 180, { heartbeat_at: ago(70) }) }),
      'Its worker is not heard of for 1 min; another one goes on from the last save',
    ],
    [
      'asleep',
      asleep({}),
      'until Wed 11 Nov, 00:00 UTC (in 12 h): a step needs $0.031, $0.022 is free below the ceiling',
    ],
    [
      'asleep',
      asleep({ available_microdollars: 40_000, kept_for_hand_offs_microdollars: 15_000 }),
      'until Wed 11 Nov, 00:00 UTC (in 12 h): a step needs $0.031, and of $0.040 free below the ceiling $0.015 is kept for hand-offs',
    ],
    ['asleep', asleep({ limit: 'wind_down' }), 'until Wed 11 Nov, 00:00 UTC (in 12 h): 90 % of the day is spent'],
    [
      'asleep',
      asleep({ needed_microdollars: 1_234_600, available_microdollars: 1_234_500 }),
      'until Wed 11 Nov, 00:00 UTC (in 12 h): a step needs $1.235, $1.234 is free below the ceiling',
    ],
    [
      'asleep',
      asleep({ reason: 'session_cap', limit: null }),
      'until Wed 11 Nov, 00:00 UTC (in 12 h): its own limit of cost is reached',
    ],
    [
      'busy',
      session({ status: 'sleeping', sleep_reason: 'rate_limit', wake_at: new Date(NOW + 40_000).toISOString() }),
      'Tried again in 40 s',
    ],
    ['waiting', session({ status: 'waiting_for_input', question: 'Which?' }), 'Which?'],
    ['paused', session({ status: 'paused' }), 'By a person; nothing is spent meanwhile'],
    [
      'over',
      session({ status: 'budget_exceeded', wake_at: '2026-11-11T00:00:00.000Z' }),
      'A bill passed the ceiling of the day; top up, or it goes on Wed 11 Nov, 00:00 UTC (in 12 h)',
    ],
    ['over', session({ status: 'budget_exceeded' }), 'A bill passed the ceiling of the day; top up, then wake it'],
    ['done', session({ status: 'completed', completed_at: ago(600) }), '10 min ago'],
    [
      'failed',
      session({ status: 'failed', completed_at: ago(600), error: { code: 'x', message: 'It broke.' } }),
      '10 min ago: It broke.',
    ],
  ])('is %s, and says why', (state, of, sentence) => {
    expect([stateOf(of, NOW), sentenceOf(of, NOW)]).toEqual([state, sentence]);
  });

  it('turns late with the clock alone', () => {
    const queued = session({ activity: activity('queued', 0) });
    expect([0, 60, 121].map((s) => stateOf(queued, NOW + s * 1_000))).toEqual(['queued', 'queued', 'late']);
  });

  it('is queued once a sleeper should have woken, and late two minutes after', () => {
    const wake = Date.parse('2026-11-11T00:00:00Z');
    const states = [-1, 0, 60, 121].map((s) => stateOf(asleep({}), wake + s * 1_000));
    expect(states).toEqual(['asleep', 'queued', 'queued', 'late']);
    expect(sentenceOf(asleep({}), wake + 180_000)).toContain('Should have moved 3 min ago');
    expect([-1, 0].map((s) => isMoving(asleep({}), wake + s * 1_000))).toEqual([false, true]);
    expect(nextMove([asleep({})], wake + 9_000)).toBe(wake + 9_000);
  });

  it('groups what needs a person, and tells when something next moves by itself', () => {
    expect([stateOf(session({ status: 'paused' }), NOW)].map(groupOf)).toEqual(['needs you']);
    expect(nextMove([asleep({}), session({ status: 'completed' })], NOW)).toBe(Date.parse('2026-11-11T00:00:00Z'));
    expect(nextMove([asleep({}), session()], NOW)).toBe(NOW);
    expect(nextMove([session({ status: 'waiting_for_input' })], NOW)).toBeNull();
  });
});

describe('the meter', () => {
  const budget = (spent: number, held = 0) =>
    ({
      daily_budget_microdollars: 1_000_000,
      graceful_threshold_microdollars: 900_000,
      hard_ceiling_microdollars: 1_100_000,
      spent_microdollars: spent,
      held_microdollars: held,
      resets_at: '2026-11-11T00:00:00.000Z',
      subscription: { days_left: 20 },
    }) as Budget;

  it('tells when an agent that is started now begins', () => {
    const cases: [spent: number, held: number][] = [
      [550_000, 110_000],
      [550_000, 400_000],
      [950_000, 0],
    ];
    const used = { ...budget(0), ...{ daily_budget_microdollars: 0, graceful_threshold_microdollars: 0 } };
    expect(
      [1, 0].map((whole) =>
        beginningOf({ ...used, subscription: { budget_microdollars: whole, days_left: 20 } } as Budget, NOW),
      ),
    ).toEqual([
      'This cycle’s money is used up: this agent sleeps until a renewal or a top-up.',
      'No budget is set: this agent sleeps until there is one.',
    ]);
    expect(cases.map(([spent, held]) => beginningOf(budget(spent, held), NOW))).toEqual([
      '$0.240 of today is left for work. It begins at once, unless its first step does not fit.',
      'Calls under way hold what is left for work. If they use it, this agent sleeps until the next day begins, in 12 h, or until you top up.',
      'Today’s allowance has nothing left for work: this agent will sleep until the next day begins, in 12 h, or until you top up.',
    ]);
  });

  it('is a bar from nought to the ceiling, and the same in words', () => {
    expect(meterOf(budget(550_000, 110_000), NOW)).toEqual({
      ...{ tone: 'calm', spent: 500, held: 100, graceful: 818, allowance: 909, left: 240_000, resetsIn: '12 h' },
      aloud: '55 cents of 1 dollar spent, 24 cents left for work, resets in 12 h',
    });
    expect([950_000, 1_000_000].map((spent) => meterOf(budget(spent), NOW).tone)).toEqual(['amber', 'red']);
    expect(meterOf({ ...budget(0), daily_budget_microdollars: 0, hard_ceiling_microdollars: 0 }, NOW).tone).toBe(
      'none',
    );
    expect(meterOf(budget(1_500_000), NOW)).toMatchObject({ spent: 1_000, left: 0 });
  });

  it('says of when it is once its day is over, or where the page hears nothing', () => {
    const midnight = Date.parse('2026-11-11T00:00:00Z');
    expect(meterOf(budget(1), midnight + 90_000).resetsIn).toBe('0 s');
    expect([midnight - 1, midnight].map((at) => isOld(budget(1), NOW, true, at))).toEqual([false, true]);
    expect([60_000, 121_000].map((ms) => isOld(budget(1), NOW, false, NOW + ms))).toEqual([false, true]);
  });

  it('tells a cycle that is used up from a budget that never was', () => {
    const cycle = (micro: number) => ({ ...budget(0), subscription: { budget_microdollars: micro } }) as Budget;
    expect([0, 5].map((micro) => isUsedUp(cycle(micro)))).toEqual([false, true]);
  });

  it('tells what a top-up would make of today', () => {
    expect(afterTopUp(budget(0), 500_000, 'today')).toEqual({ allowance: 1_500_000, more: 500_000 });
    expect(afterTopUp(budget(0), 500_000, 'cycle')).toEqual({ allowance: 1_025_000, more: 25_000 });
  });
});

describe('what is shown of sessions', () => {
  it('is what was asked for last, whichever answer comes last', () => {
    const named = (id: string, goal: string) => session({ id, goal });
    const order = newest();
    let rows: Session[] = [];
    const goals = () => rows.map(({ id, goal }) => `${id} ${goal}`);
    const [first, list, one] = [order.ask(), order.ask(), order.ask()];
    rows = order.taken(rows, [named('a', 'new')], one);
    rows = order.taken(rows, [named('b', 'made meanwhile')], order.ask());
    rows = order.replaced(rows, [named('a', 'old'), named('c', 'listed')], list);
    expect(goals()).toEqual(['b made meanwhile', 'a new', 'c listed']);
    rows = order.taken(rows, [named('c', 'older')], first);
    expect(goals()).toContain('c listed');
    rows = order.replaced(rows, [named('a', 'newest')], order.ask());
    expect(goals()).toEqual(['a newest']);
  });
});

describe('amounts and times', () => {
  it('are the same on the page and in the terminal', () => {
    const amounts = Array.from({ length: 1_000 }, (_, i) => Math.round(1.03 ** i));
    expect(amounts.map(dollars)).toEqual(amounts.map(money));
  });

  it('are as people write them', () => {
    expect([0, 900, 31_000, 1_020_000, -5_000].map(money)).toEqual(['$0.00', '$0.0009', '$0.031', '$1.02', '−$0.0050']);
    expect([1_020_000, 460_000, 1_000_000, 10_000].map(moneyAloud)).toEqual([
      '1 dollar 2 cents',
      '46 cents',
      '1 dollar',
      '1 cent',
    ]);
    expect([moneys(31_400, 31_000), moneys(5, 5)]).toEqual([
      ['$0.0314', '$0.0310'],
      ['$0.000005', '$0.000005'],
    ]);
    expect([999_999_999, 1_234_567_800_000, -1_000_000_000].map(money)).toEqual([
      '$1,000.00',
      '$1,234,567.80',
      '−$1,000.00',
    ]);
    expect(
      ['$1,500.00', '1,234,567.8', '1,50.00', ',500.0', '9999999', '10000000'].map((text) => microdollars(text)),
    ).toEqual([1_500_000_000, 1_234_567_800_000, null, null, 9_999_999_000_000, null]);
    expect(['1,500', '0.50', '$ 20', '1,5', '0', '-1', 'x', '1.2345678'].map((text) => microdollars(text))).toEqual([
      null,
      500_000,
      20_000_000,
      1_500_000,
      null,
      null,
      null,
      null,
    ]);
    expect(span(59_600)).toBe('1 min');
    expect([brief('Owls and', 5), brief('Owls', 4)]).toEqual(['Owls…', 'Owls']);
    expect([4_000, 90_000, 3_600_000, 22_320_000, 90_000_000].map(span)).toEqual([
      '4 s',
      '2 min',
      '1 h',
      '6 h 12 min',
      '1 d 1 h',
    ]);
  });
});
