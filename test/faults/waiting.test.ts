/** What the harness waits for, and for how long: that nothing waits in vain and passes for done. */
import { describe, expect, it } from 'vitest';
import { latestHint } from './phases/punctual.ts';
import { patience } from './quiescence.ts';
import { quicken, scaledSource } from './scale.ts';

describe('patience', () => {
  const NOW = { sessions: -1, floor: -1 };
  const row = {
    id: 'ses_1',
    user_id: 'usr_1',
    state: 'ready',
    desired: 'run',
    due: '0',
    moves: 't',
    soon: 't',
    owned: false,
  };
  const floor = (quiet: boolean) => ({ quiet: () => quiet, standing: () => 'ses_2 is under way' });

  it('does not take a floor that is never quiet for rest', () => {
    expect(patience(0, floor(false), NOW)([])).toEqual(['the floor does not get quiet: ses_2 is under way']);
  });

  it('names the sessions that do not move', () => {
    expect(patience(0, floor(true), { sessions: -1, floor: 1_000 })([{ ...row, mark: '1/1' }])).toEqual([
      expect.stringMatching(/^a session does not get on: .*ses_1/),
    ]);
  });

  it('waits as long as it may', () => {
    const stuck = patience(10_000, floor(false), { sessions: 10_000, floor: 10_000 });
    expect([stuck([]), stuck([{ ...row, mark: '1/1' }])]).toEqual([null, null]);
  });
});

describe('the latest moment at which a sleeper may be hinted', () => {
  const sweep = (began: number, ended: number, sure = true) => ({ began, ended, sure });

  it.each([
    ['the end of the sweep that begins when it is due', [sweep(5, 12), sweep(11, 20)], 20],
    ['or of one beside it', [sweep(5, 30), sweep(11, 20)], 30],
    ['after one that died, that of the next after the pause', [sweep(11, 20, false), sweep(22, 30), sweep(71, 80)], 80],
    ['also if that one died beside a whole one', [sweep(11, 20), sweep(12, 15, false), sweep(66, 70)], 70],
    ['unknown as long as no such sweep is over', [sweep(5, 9), sweep(11, Infinity, false)], null],
  ])('is %s', (_what, sweeps, latest) => {
    expect(latestHint(sweeps, 10, 50)).toBe(latest);
  });
});

describe('the scale', () => {
  const FUNCTIONS = [
    'claim',
    'heartbeat',
    'outage_pause',
    'outage_until',
    'redrive',
    'save',
    'settle_notices',
    'sweep',
  ];
  const database = (names: string[]) => {
    const rows = names.map((name) => ({
      name,
      text: `create function ${name}(p interval default '00:00:45'::interval)`,
    }));
    const run: string[] = [];
    const query = async (text: string) => {
      run.push(text);
      return { rows: text.startsWith('select') ? rows : [] };
    };
    return { run, pool: { query } as unknown as Parameters<typeof quicken>[0] };
  };

  it('shortens every wait of the database', async () => {
    const { run, pool } = database(FUNCTIONS);
    await quicken(pool, { steady: false });
    expect(run.slice(1)).toEqual(
      FUNCTIONS.map((name) => `create function ${name}(p interval default interval '2250 ms')`),
    );
  });

  it.each([
    ['is gone', FUNCTIONS.slice(1), /claim has no lease/],
    ['is new', [...FUNCTIONS, 'dawdle'], /dawdle waits, and is not known to/],
  ])('is not silent about a wait that %s', async (_what, names, says) => {
    await expect(quicken(database(names).pool, { steady: false })).rejects.toThrow(says);
  });

  it('shortens sums and products as a whole', () => {
    const to = scaledSource().map((patch) => patch.to);
    expect(to).toContain('const LEASE_MS = (45_000) / 20;');
    expect(to).toContain('const INVOCATION_MS = (15 * 60_000) / 20;');
  });
});
