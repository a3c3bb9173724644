/** The live view's frames, given what it knows. */
import { describe, expect, it } from 'vitest';
import { painter, width } from '../../cli/text.ts';
import { changes, frame, shownWhole, type View } from '../../cli/view/frame.ts';
import type { Budget, Session } from '../../client/index.ts';

const NOW = Date.parse('2026-11-10T17:48:00Z');

const budget = {
  ...{
    date: '2026-11-10',
    daily_budget_microdollars: 1_670_000,
    spent_microdollars: 1_020_000,
    held_microdollars: 110_000,
  },
  ...{ remaining_microdollars: 540_000, percentage: 61, graceful_threshold_microdollars: 1_500_000 },
  ...{ hard_ceiling_microdollars: 1_830_000, resets_at: '2026-11-11T00:00:00.000Z', alerts: [] },
  subscription: {
    ...{
      budget_microdollars: 50_000_000,
      spent_microdollars: 14_200_000,
      remaining_microdollars: 35_800_000,
      days_left: 18,
    },
    ...{ carried_over_microdollars: 0, topped_up_left_microdollars: 0, renewal_date: '2026-11-28' },
  },
  forecast: {
    day_microdollars: 1_310_000,
    winds_down_at: null,
    cycle_microdollars: 41_700_000,
    unused_microdollars: 0,
  },
} satisfies Budget;

const session = (change: Partial<Session>): Session =>
  ({
    ...{
      id: 'ses_01k9w3x8c2m4n6p8q0r2s4t6v8',
      goal: 'Field guide to owls',
      agent: 'assistant',
      model: 'claude-sonnet-5-5',
    },
    ...{
      status: 'working',
      iteration_number: 13,
      cost_microdollars: 80_000,
      max_cost_microdollars: 2_000_000,
      wake_at: null,
    },
    ...{ activity: null, sleep: null, sleep_reason: null, waiting: null, question: null, result: null, error: null },
    ...{ updated_at: '2026-11-10T17:47:50.000Z', completed_at: null },
    ...change,
  }) as Session;

const thinking = session({
  activity: {
    state: 'thinking',
    since: '2026-11-10T17:47:48.000Z',
    due_at: null,
    heartbeat_at: null,
    attempts: 1,
    held_microdollars: 31_000,
  },
});
const asleep = session({
  ...{ status: 'sleeping', wake_at: '2026-11-11T00:00:00.000Z', sleep_reason: 'allowance' },
  sleep: {
    limit: 'next_step',
    needed_microdollars: 31_000,
    available_microdollars: 11_000,
    top_up_to_wake_microdollars: 20_000,
  } as Session['sleep'],
});

const view = (change: Partial<View> = {}): View => ({
  ...{
    budget,
    sessions: [thinking],
    only: true,
    tail: [],
    draft: '',
    trouble: null,
    entry: null,
    note: null,
    seen: [],
  },
  ...change,
});
const place = { columns: 100, rows: 16, now: NOW, paint: painter(false) };

describe('the live view', () => {
  it('shows the day, the session, and what it says', () => {
    const shown = frame(
      view({ tail: ['17:47:48  ── iteration 14 · claude-sonnet-5-5'], draft: 'I look at\nwhat is there' }),
      place,
    );
    expect(shown).toEqual([
      'Today  $1.02 of $1.67  ███████████████████████████▒▒▒·········│····│···  $0.54 left',
      '       held $0.11 · winds down $1.50 · ceiling $1.83 · resets in 6 h 12 m (00:00 UTC)',
      'Cycle  $14.20 of $50.00 · 18 days left · on course to use $41.70',
      '',
      'Field guide to owls',
      'ses_01k9w3x8c2m4n6p8q0r2s4t6v8 · assistant · claude-sonnet-5-5 · $0.0800 of $2.00',
      '● Thinking',
      'Iteration 14 · 12 s · holding $0.0310',
      '',
      '17:47:48  ── iteration 14 · claude-sonnet-5-5',
      '… I look at what is there',
      ...['', '', '', ''],
      'p pauses · a tells it something · q leaves, it goes on',
    ]);
  });

  it.each([
    [
      60,
      'Today  $1.02 of $1.67  ██████··││  $0.54 left',
      '       held $0.11 · winds down $1.50 · resets in 6 h 12 m',
      'Cycle  $14.20 of $50.00 · 18 days left',
    ],
    [
      40,
      'Today  $1.02 of $1.67  $0.54 left',
      '       held $0.11 · resets in 6 h 12 m',
      'Cycle  $14.20 of $50.00 · 18 days left',
    ],
    [30, 'Today  $0.54 left of $1.67', '       resets in 6 h 12 m', 'Cycle  $14.20 of $50.00'],
    [20, 'Today  $0.54 left', 'resets in 6 h 12 m', 'Cycle  $14.20 of $5…'],
  ])('says at %i columns what may be spent today', (columns, ...said) => {
    expect(frame(view(), { ...place, columns }).slice(0, 3)).toEqual(said);
  });

  it('has no bar beside large sums where it would push out what is left', () => {
    const large = { ...budget, ...{ daily_budget_microdollars: 1_670e6, spent_microdollars: 1_020e6 } };
    const at = (columns: number) =>
      frame(view({ budget: { ...large, remaining_microdollars: 650e6 } }), { ...place, columns })[0];
    expect(at(40)).toBe('Today  $650.00 left of $1670.00');
    expect(at(50)).toBe('Today  $1020.00 of $1670.00  $650.00 left');
  });

  it('counts down to the waking, and says why and what ends it', () => {
    const at = (now: number) => frame(view({ sessions: [asleep] }), { ...place, now });
    expect(at(NOW).slice(6, 9)).toEqual([
      '☾ Asleep → 00:00 UTC',
      'Until 00:00 UTC (6 h 12 m): the next step needs $0.0310, $0.0110 are left.',
      '→ circadian topup 0.02 --today',
    ]);
    expect(at(NOW + 60_000)[7]).toContain('(6 h 11 m)');
  });

  it.each([
    [
      {
        status: 'waiting_for_input',
        waiting: { kind: 'question', choices: ['Yes', 'No'], approvals: [] },
        question: 'Begin?',
      },
      '? Waiting for you\nBegin?',
      'a answers',
    ],
    [
      {
        status: 'waiting_for_input',
        waiting: { kind: 'approval', approvals: [{ tool: 'git_push', input: { a: 1 }, args_sha: 'a', tool_sha: 't' }] },
      },
      '? git_push {"a":1}',
      'y approves · n denies',
    ],
    [{ status: 'paused' }, '‖ Paused\nUntil it is resumed.', 'p resumes'],
    [
      { activity: { state: 'late', since: '2026-11-10T17:45:00Z' } },
      '◍ Late\nIt should have moved 3 min ago.',
      'p pauses',
    ],
    [
      { activity: { state: 'silent', since: '2026-11-10T17:45:00Z' } },
      '◍ Silent\nIts worker is not heard of.',
      'p pauses',
    ],
    [
      { status: 'sleeping', sleep_reason: 'overloaded', wake_at: '2026-11-10T17:48:40Z' },
      'Until 17:48 UTC (40 s): the provider is busy.',
      'w wakes',
    ],
    [
      { status: 'sleeping', sleep_reason: 'agent', wake_at: '2026-11-10T18:00:00Z' },
      'it asked to sleep until then.',
      'w wakes',
    ],
    [{ status: 'budget_exceeded', wake_at: null }, '■ Over the ceiling', 'q leaves'],
    [{ status: 'failed', error: { code: 'x', message: 'It broke.' } }, '✕ Failed\nIt broke.', 'q leaves'],
  ])('tells states apart: %j', (change, said, keys) => {
    const lines = frame(view({ sessions: [session(change as Partial<Session>)] }), place);
    expect(lines.join('\n')).toContain(said);
    expect(lines.at(-1)).toContain(keys);
  });

  it('shows many in a table, a person’s typing, and trouble', () => {
    const lines = frame(view({ only: false, sessions: [thinking, asleep], trouble: 'no answer' }), place);
    expect(lines.slice(4, 6)).toEqual([
      '● Thinking            Field guide to owls  it. 13  $0.0800  now  r2s4t6v8',
      '☾ Asleep → 00:00 UTC  Field guide to owls  it. 13  $0.0800  now  r2s4t6v8',
    ]);
    expect(lines.at(-1)).toBe('no answer · q leaves, they go on');
    expect(frame(view({ entry: { label: 'Answer:', text: 'Of Mars' } }), place).at(-1)).toBe('Answer: Of Mars▏');
    const narrow = frame(view({ entry: { label: 'Answer:', text: `${'月'.repeat(40)} the end` } }), {
      ...place,
      columns: 20,
    });
    expect(narrow.at(-1)).toMatch(/^Answer: 月 the end▏$/);
    expect(frame(view({ budget: null, sessions: [] }), place).slice(0, 5)).toEqual(['…', '', '', '', '…']);
  });

  it('shows the whole question that it waits with, and of an endless one no more than a third', () => {
    const asked = (question: string) =>
      frame(view({ sessions: [session({ status: 'waiting_for_input', question })] }), {
        ...place,
        columns: 40,
        rows: 15,
      });
    const question =
      'Shall I begin with the plan, or is there something to change before that, such as the order of the parts?';
    expect(asked(question).slice(7, 10).join('')).toBe(question);
    const endless = asked(`${question} `.repeat(10));
    expect(endless[11]).toMatch(/…$/);
    expect(endless[12]).toBe('');
  });

  it.each([
    [20, 5],
    [40, 10],
    [80, 24],
    [300, 60],
  ])('fits into %i columns and %i rows, in colour and with wide letters', (columns, rows) => {
    const tail = Array.from({ length: 80 }, (_, i) => `${i} 月の数を数える 🌙 ${'x'.repeat(90)}`);
    const paint = painter(true);
    for (const only of [true, false]) {
      const lines = frame(view({ only, tail, sessions: [session({ goal: '月'.repeat(200) }), asleep] }), {
        columns,
        rows,
        now: NOW,
        paint,
      });
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect(width(line)).toBeLessThanOrEqual(columns);
    }
  });
});

describe('a call that waits', () => {
  const call = {
    call_id: 'c',
    tool: 'bash',
    input: { command: `${'a  '.repeat(80)}rm -rf /` },
    args_sha: 'a',
    tool_sha: 't',
  };
  const waiting = session({
    status: 'waiting_for_input',
    waiting: { kind: 'approval', approvals: [call] } as unknown as Session['waiting'],
  });
  const shown = view({ sessions: [waiting] });

  it('is shown to its last letter, or cannot be approved by a key', () => {
    const lines = frame(shown, place);
    expect(
      lines
        .slice(8, 12)
        .map((line) => line.slice(2))
        .join(''),
    ).toContain(JSON.stringify(call.input));
    expect(lines.at(-1)).toContain('y approves');
    expect(shownWhole(shown, place)).toHaveLength(1);
    const small = { ...place, rows: 11 };
    expect(shownWhole(shown, small)).toEqual([]);
    expect(frame(shown, small).at(-1)).toContain(`too long for here: circadian show ${waiting.id}`);
    const preview = { ...call, input: undefined, input_preview: 'a' };
    const listed = session({ waiting: { kind: 'approval', approvals: [preview] } as unknown as Session['waiting'] });
    expect(shownWhole(view({ sessions: [listed] }), place)).toEqual([]);
  });
});

describe('a picture', () => {
  it('sends only the lines that differ, each after it is emptied', () => {
    expect(changes([], ['a', 'b'])).toBe('\u001b[?2026h\u001b[1;1H\u001b[Ka\u001b[2;1H\u001b[Kb\u001b[?2026l');
    expect(changes(['a', 'b', 'c'], ['a', 'x', 'c'])).toBe('\u001b[?2026h\u001b[2;1H\u001b[Kx\u001b[?2026l');
    expect(changes(['a'], ['a'])).toBe('');
  });
});
