/** The live view's frames, given what it knows. */
import { describe, expect, it } from 'vitest';
import { painter, width } from '../../cli/text.ts';
import { changes, frame, shownWhole } from '../../cli/view/frame.ts';
import type { Session } from '../../client/index.ts';
import { asleep, budget, NOW, place, session, thinking, view } from './views.ts';

describe('the live view', () => {
  it('shows the day, the session, and what it says', () => {
    const shown = frame(
      view({ tail: ['17:47:48  ── iteration 14 · claude-sonnet-5-5'], draft: 'I look at\nwhat is there' }),
      place,
    );
    expect(shown).toEqual([
      'Today  $1.02 of $1.67  ███████████████████████████▒▒▒·········│····│···  $0.370 left for work',
      '       held $0.110 · winds down $1.50 · ceiling $1.83 · resets in 6 h 12 m (00:00 UTC)',
      'Cycle  $14.20 of $50.00 · 18 days left · on course to use $41.70',
      '',
      'Field guide to owls',
      'ses_01k9w3x8c2m4n6p8q0r2s4t6v8 · assistant · claude-sonnet-5-5 · $0.080 of $2.00',
      '● Thinking',
      'Iteration 14 · 12 s · holding $0.031',
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
      'Today  $1.02 of $1.67  ██████··││  $0.370 left for work',
      '       held $0.110 · winds down $1.50 · resets in 6 h 12 m',
      'Cycle  $14.20 of $50.00 · 18 days left',
    ],
    [
      40,
      'Today  $0.370 left for work of $1.67',
      '       held $0.110 · resets in 6 h 12 m',
      'Cycle  $14.20 of $50.00 · 18 days left',
    ],
    [30, 'Today  $0.370 left for work', '       resets in 6 h 12 m', 'Cycle  $14.20 of $50.00'],
    [20, 'Today  $0.370 left', 'resets in 6 h 12 m', 'Cycle  $14.20 of $5…'],
  ])('says at %i columns what may be spent today', (columns, ...said) => {
    expect(frame(view(), { ...place, columns }).slice(0, 3)).toEqual(said);
  });

  it('has no bar beside large sums where it would push out what is left', () => {
    const large = { ...budget, ...{ daily_budget_microdollars: 1_670e6, spent_microdollars: 1_020e6 } };
    const at = (columns: number) =>
      frame(view({ budget: { ...large, graceful_threshold_microdollars: 1_500e6, held_microdollars: 0 } }), {
        ...place,
        columns,
      })[0];
    expect(at(40)).toBe('Today  $480.00 left for work');
    expect(at(50)).toBe('Today  $480.00 left for work of $1,670.00');
    expect(at(60)).toBe('Today  $1,020.00 of $1,670.00  $480.00 left for work');
  });

  it('counts down to the waking, and says why and what ends it', () => {
    const at = (now: number) => frame(view({ sessions: [asleep] }), { ...place, now });
    expect(at(NOW).slice(6, 9)).toEqual([
      '☾ Asleep → 00:00 UTC',
      'Until 00:00 UTC (6 h 12 m): the next step needs $0.031, $0.011 is free below the ceiling.',
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
    [{ status: 'budget_exceeded', wake_at: null }, 'Top up, then wake it.', 'w wakes'],
    [{ status: 'failed', error: { code: 'x', message: 'It broke.' } }, '✕ Failed\nIt broke.', 'q leaves'],
  ])('tells states apart: %j', (change, said, keys) => {
    const lines = frame(view({ sessions: [session(change as Partial<Session>)] }), place);
    expect(lines.join('\n')).toContain(said);
    expect(lines.at(-1)).toContain(keys);
  });

  it.each([
    ['late', { activity: { state: 'late', due_at: '2026-11-10T17:45:00Z' } }, true],
    ['queued', { activity: { state: 'queued', due_at: '2026-11-10T17:46:59Z' } }, true],
    ['not woken', { status: 'sleeping', wake_at: '2026-11-10T17:45:00Z' }, true],
    ['queued just now', { activity: { state: 'queued', due_at: '2026-11-10T17:47:40Z', since: '' } }, false],
    ['at work', { activity: { state: 'thinking', due_at: '2026-11-10T17:45:00Z', since: '' } }, false],
    ['asleep', { status: 'sleeping', wake_at: '2026-11-11T00:00:00Z' }, false],
    ['paused', { status: 'paused' }, false],
  ])('says of one that is %s whether the operator’s stop holds it', (_, change, held) => {
    const shown = frame(view({ stop: '2026-11-10T17:40:12.000Z', sessions: [session(change as Partial<Session>)] }), {
      ...place,
      columns: 40,
    });
    const said =
      'The operator stopped all agents today, told at 17:40 UTC. If that still holds, it waits, and nothing is lost.';
    expect(shown.slice(7, 10).join(' ')).toEqual(held ? said : expect.not.stringContaining('operator'));
  });

  it('shows many in a table, a person’s typing, and trouble', () => {
    const lines = frame(view({ only: false, sessions: [thinking, asleep], trouble: 'no answer' }), place);
    expect(lines.slice(4, 6)).toEqual([
      '● Thinking            Field guide to owls  it. 13  $0.080  now  r2s4t6v8',
      '☾ Asleep → 00:00 UTC  Field guide to owls  it. 13  $0.080  now  r2s4t6v8',
    ]);
    expect(lines.at(-1)).toBe('no answer · q leaves, they go on');
    const held = frame(view({ only: false, stop: '2026-11-10T17:40:12.000Z' }), { ...place, columns: 120 });
    expect(held[4]).toBe(
      'The operator stopped all agents today, told at 17:40 UTC. If that still holds, none goes on, and nothing is lost.',
    );
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
    expect(asked(question).slice(7, 10).join(' ')).toBe(question);
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
