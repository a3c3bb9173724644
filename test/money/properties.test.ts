/**
 * G1, G2 and G4 as properties: whatever the order in which calls are held, settled, settled again, lost, settled by zombies, topped up,
 * re-planned, reconciled and overtaken by midnight, one after the other or at once. PROPERTY_SEED and PROPERTY_RUNS search elsewhere and longer.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresAudit } from '../../lib/adapters/postgres/audit.ts';
import type { Subject } from '../contract/harness.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { faults, KIND, portsOn } from './kit.ts';
import { type Step, step, story } from './story.ts';

const SEED = Number(process.env.PROPERTY_SEED ?? 20261122);
const RUNS = Number(process.env.PROPERTY_RUNS ?? (KIND === 'real' ? 30 : 10));

describe(`money, in any order (${KIND} Postgres, seed ${SEED}, ${RUNS} runs)`, () => {
  let db: TestDatabase;
  let subject: Subject;
  beforeAll(async () => {
    db = await testDatabase(KIND);
    const { setNow, expireLease, passBackoff, close } = db;
    subject = { ports: portsOn(db.url), setNow, expireLease, passBackoff, close };
  });
  afterAll(() => db?.close());

  const check = (steps: fc.Arbitrary<Step[][]>) =>
    fc.assert(
      fc.asyncProperty(steps, async (rounds) => {
        await db.empty();
        const told = await story(subject, postgresAudit(db.database));
        for (const round of rounds) {
          const admitted = told.grants.length;
          await Promise.all(round.map(told.take));
          const broken = [...(await faults(db.rows)), ...(await covered(told.bill))];
          // A plan that was lowered in the same breath may leave the day above its new ceiling; it only stops what comes after.
          if (told.grants.length > admitted && !round.some(({ type }) => type === 'plan'))
            broken.push(...(await withinCeiling(told.user, told.grants.slice(admitted))));
          expect(broken).toEqual([]);
        }
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    );

  it('bill ≤ spent + held ≤ ceiling at every admission, Σ ledger = spent, Σ open holds = held: one by one', async () => {
    await check(fc.array(step, { minLength: 10, maxLength: 30 }).map((steps) => steps.map((one) => [one])));
  }, 300_000);

  it('… and several at once', async () => {
    await check(fc.array(atOnce, { minLength: 4, maxLength: 10 }));
  }, 300_000);

  /** What is billed by now is spent or held by now, day by day. */
  async function covered(bill: Map<string, bigint>): Promise<string[]> {
    const days = new Map(
      (await db.rows('select day, spent + held as sum from budget_days')).map((row) => [row.day, row.sum]),
    );
    return [...bill].flatMap(([day, billed]) =>
      billed <= BigInt(days.get(day) ?? 0) ? [] : [`G1 ${day}: billed ${billed}, spent and held ${days.get(day)}`],
    );
  }

  /** Right after an admission, the day is within its ceiling, and the cycle within its budget and top-ups. */
  async function withinCeiling(user: string, grants: { day: string }[]): Promise<string[]> {
    const over = await db.rows(
      'select day, spent + held as sum, ceiling from budget_days where spent + held > ceiling and day = any($1)',
      grants.map(({ day }) => day),
    );
    const passed = await db.rows(
      `select sum(spent + held) as sum from budget_days join user_settings u using (user_id) where user_id = $1
        group by u.subscription_budget_microdollars having sum(spent + held) > u.subscription_budget_microdollars
          + coalesce((select sum(amount) from top_ups where user_id = $1), 0)`,
      user,
    );
    return [...over.map((row) => `G1 ${JSON.stringify(row)}`), ...passed.map((row) => `the cycle: ${row.sum}`)];
  }
});

/** Steps of different sessions in the same breath; the clock moves alone. */
const atOnce: fc.Arbitrary<Step[]> = fc.array(step, { minLength: 1, maxLength: 5 }).map((steps) => {
  const [first] = steps;
  if (first?.type === 'midnight') return [first];
  const sessions = new Set<number>();
  return steps.filter((one) => {
    if (one.type === 'midnight') return false;
    if (!('session' in one)) return true;
    return sessions.size < sessions.add(one.session).size;
  });
});
