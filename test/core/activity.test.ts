import { describe, expect, it } from 'vitest';
import { activityOf, STATUSES, type WorkingRow } from '../../lib/core/status.ts';

const NOW = 1_000_000;
const row = (over: Partial<WorkingRow>): WorkingRow => ({
  ...{
    owned: true,
    due: NOW - 1_000,
    now: NOW,
    updatedAt: NOW - 500,
    movedAt: null,
    heartbeatAt: NOW - 100,
    attempts: 1,
  },
  ...{ hold: null, calling: false },
  ...over,
});
const hold = { amount: 31_000n, at: NOW - 400 };

describe('what a working session does', () => {
  it.each([
    ['queued', NOW - 120_000, { owned: false, due: NOW - 120_000 }],
    ['late', NOW - 120_001, { owned: false, due: NOW - 120_001 }],
    // Between two iterations the row stays due since the first: it is queued since the last save.
    ['queued', NOW - 10, { owned: false, due: NOW - 3_600_000, movedAt: NOW - 10 }],
    ['loading', NOW - 500, {}],
    ['thinking', NOW - 400, { hold }],
    ['thinking', NOW - 400, { hold, calling: true }],
    ['acting', NOW - 500, { calling: true }],
    ['thinking', NOW - 400, { hold, heartbeatAt: NOW - 44_999 }],
    ['silent', NOW - 45_000, { hold, heartbeatAt: NOW - 45_000 }],
  ] as const)('is %s since %i', (state, since, over) => {
    expect(activityOf('working', row(over))).toMatchObject({ state, since });
  });

  it('tells what is held for it, and who was last heard of', () => {
    expect(activityOf('working', row({ hold }))).toMatchObject({ held: 31_000n, heartbeatAt: NOW - 100, attempts: 1 });
    expect(activityOf('working', row({ owned: false }))).toMatchObject({ held: 0n, heartbeatAt: null });
  });

  it('is nothing in any other state', () => {
    const others = STATUSES.filter((status) => status !== 'working');
    expect(others.map((status) => activityOf(status, row({ hold })))).toEqual(others.map(() => null));
  });
});
