/** The daily run: what it logs, counts and refuses to be silent about. That it finds and repairs is in test/money/reconcile.test.ts. */
import { describe, expect, it } from 'vitest';
import { reconcileDaily } from '../../lib/ops/reconcile.ts';
import type { Audit, Discrepancy, LiveAudit, Log, ProviderCosts } from '../../lib/ports/index.ts';

const TODAY = '2026-11-10';
const drift = (kind: Discrepancy['kind']): Discrepancy => ({
  ...{ kind, userId: 'ann', day: TODAY, sessionId: null, fence: null, n: null },
  ...{ expected: 1_000n, found: 7n },
});

/** `broken` are found once, `unrepairable` ever again. */
const setup = (
  broken: Discrepancy[],
  {
    unrepairable = [] as Discrepancy[],
    mirrored = 1_000n as bigint | null,
    provider = null as ProviderCosts | null,
  } = {},
) => {
  const lines: Parameters<Log>[0][] = [];
  let left = broken;
  const session = { id: 'ses_1', userId: 'ann', cost: 1_000n };
  const audit: Audit = {
    find: async () => ({ drifts: [...left, ...unrepairable], next: null }),
    repair: async (one) => {
      left = left.filter((other) => other !== one);
    },
    sessions: async () => ({ data: [session], next: null }),
    session: async () => session,
    spentByDay: async () => new Map(),
  };
  const liveAudit: LiveAudit = {
    async costs() {
      if (mirrored === null) throw new Error('away');
      return [mirrored];
    },
    putCost: async () => true,
    forget: async () => {},
  };
  const log: Log = (line) => void lines.push(line);
  return { lines, run: () => reconcileDaily({ audit, liveAudit, provider, log }, TODAY) };
};

describe('the daily reconciliation', () => {
  it('says in one line that all agrees, and counts nought', async () => {
    const { run, lines } = setup([]);
    expect(await run()).toEqual({ found: 0, left: 0 });
    expect(lines).toEqual([
      {
        ...{
          level: 'info',
          message: 'reconciled',
          found: 0,
          left: 0,
          sessions: 1,
          providerDays: 0,
          not_compared: [],
        },
        metrics: { drift: 0 },
      },
    ]);
  });

  it('logs each drift with its place and cause, repairs what can be proven, and counts both', async () => {
    const { run, lines } = setup([drift('spent')], { unrepairable: [drift('unbooked_hold')] });
    expect(await run()).toEqual({ found: 2, left: 1 });
    expect(lines.slice(0, 2)).toMatchObject([
      {
        ...{ level: 'error', message: 'drift', kind: 'spent', user: 'ann', day: TODAY, found: 7n, expected: 1_000n },
        ...{ cause: expect.stringMatching(/the ledger counts/), repaired: true },
      },
      { kind: 'unbooked_hold', cause: expect.stringMatching(/restore the ledger/), repaired: false },
    ]);
    expect(lines.at(-1)).toMatchObject({ metrics: { drift: 2 } });
  });

  it('writes a view that was behind anew, and raises no alarm about it', async () => {
    const { run, lines } = setup([], { mirrored: 5n });
    expect(await run()).toEqual({ found: 1, left: 0 });
    expect(lines).toMatchObject([
      { level: 'info', kind: 'live_session', repaired: true },
      { found: 1, metrics: { drift: 0 } },
    ]);
  });

  it('counts what the provider charged above the ledger', async () => {
    const provider = { byDay: async () => new Map([['2026-11-09', 900_000n]]) };
    const { run, lines } = setup([], { provider });
    expect(await run()).toEqual({ found: 1, left: 1 });
    expect(lines.at(-1)).toMatchObject({ providerDays: 1, metrics: { drift: 1 } });
  });

  it('compares what it can, and then fails for what it could not, so that it is tried again', async () => {
    const { run, lines } = setup([drift('spent')], { mirrored: null });
    await expect(run()).rejects.toThrow('not compared: live view: away');
    expect(lines.at(-1)).toMatchObject({
      message: 'reconciled',
      not_compared: ['live view: away'],
      metrics: { drift: 1 },
    });
  });
});
