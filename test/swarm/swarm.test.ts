/** A small swarm on a real PostgreSQL; `npm run swarm` is the whole one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';
import { swarm } from './swarm.ts';

const SEED = Number(process.env.SWARM_SEED ?? 1);
const CALLS = Number(process.env.SWARM_CALLS ?? 1_200);

describe.skipIf(!hasPostgres)('64 workers on one budget', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase('real');
  });
  afterAll(() => db?.close());

  it(`G1: ${CALLS} calls, not one microdollar over a ceiling, refused or shrunk but never lost (seed ${SEED})`, async () => {
    const { url, rows } = db;
    const report = await swarm({ url, rows, calls: CALLS, workers: 64, sessions: 128, seed: SEED });
    expect(report.violated).toEqual([]);
    expect(report.over).toBe(0n);
    expect(report.bill).toBeLessThanOrEqual(report.spent);
    expect(report.spent).toBeLessThanOrEqual(report.ceilings);
    // The ceiling was really in the way, and the faults really happened.
    expect(report.counts).toMatchObject({ calls: CALLS });
    expect(report.counts.shrunk).toBeGreaterThan(0);
    expect(report.counts['refused: day']).toBeGreaterThan(0);
    expect(report.counts['settled twice']).toBeGreaterThan(0);
    expect(report.days).toBeGreaterThan(1);
  }, 180_000);
});
