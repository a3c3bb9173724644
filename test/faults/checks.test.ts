/** Every checker of a run under faults finds its own planted fault and nothing else, and nothing in a run that is as it should be. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, realPostgres } from '../kit/servers.ts';
import { openLab } from './broken/lab.ts';
import { workDay } from './broken/scenarios/agents.ts';
import { nap, twicePaid } from './broken/scenarios/money.ts';
import { deadOwner } from './broken/scenarios/owners.ts';
import { type Stage, setStage } from './broken/stage.ts';
import { violationsIn } from './checks/index.ts';
import { moneyPlants } from './checks/plants/money.ts';
import { ownerPlants } from './checks/plants/owners.ts';
import type { Ids } from './checks/plants/plant.ts';
import { rulePlants } from './checks/plants/rules.ts';
import { workPlants } from './checks/plants/work.ts';
import { type Run, runOf } from './checks/run.ts';

describe('the checkers of a run under faults', () => {
  let stage: Stage;
  let ids: Ids;

  beforeAll(async () => {
    stage = await setStage(hasPostgres ? await (await openLab((await realPostgres())!)).database([]) : null);
    for (const scenario of [workDay, deadOwner, nap, twicePaid]) await scenario(stage);
    const [work, dead, sleeps, paid] = stage.evidence.settings.sessions.map(({ id }) => id) as [
      string,
      string,
      string,
      string,
    ];
    const [user, other] = stage.evidence.settings.users.map(({ id }) => id) as [string, string];
    ids = { work, dead, nap: sleeps, paid, user, other };
  });
  afterAll(() => stage?.close());

  /** The checks that fire with the fault planted; it is gone again afterwards. */
  async function fired(sql: string, evidence: (run: Run) => Partial<Run>): Promise<string[]> {
    const client = await stage.pool.connect();
    try {
      await client.query('begin');
      await client.query(`set local session_replication_role = replica; ${sql}`);
      const run = runOf(stage.evidence, async (text, ...values) => (await client.query(text, values)).rows);
      const violations = await violationsIn({ ...run, ...evidence(run) });
      for (const { what } of violations) expect(what).not.toMatch(/undefined|null$/);
      return [...new Set(violations.map(({ check }) => check))].sort();
    } finally {
      await client.query('rollback');
      client.release();
    }
  }

  it('find nothing in a run that is as it should be', async () => {
    expect(await fired('', () => ({}))).toEqual([]);
  });

  it.each([...moneyPlants, ...workPlants, ...ownerPlants, ...rulePlants])(
    '$finds: $what',
    async ({ finds, sql, evidence }) => {
      expect(await fired(sql?.(ids) ?? '', (run) => evidence?.(run, ids) ?? {})).toEqual(finds);
    },
  );
});
