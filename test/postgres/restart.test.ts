/** What a start of the local system does to a database that the last one left in a hurry: `void_leases` in schema/functions/sweep.sql. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from './database.ts';
import { requests } from './steps.ts';

describe('a restart', () => {
  let db: TestDatabase;
  let step: ReturnType<typeof requests>;
  beforeAll(async () => {
    db = await testDatabase('embedded');
    step = requests(db);
  });
  afterAll(() => db?.close());

  const claim = (id: string) => db.database.call<{ fence?: number; attempts?: number }>('claim', id, randomUUID());
  const restart = () => db.pool.query('select void_leases()');

  it('frees what a dead owner holds, at once', async () => {
    const { id, fence } = await step.owned(await step.user());
    expect((await claim(id)).fence).toBeUndefined();
    await restart();
    expect((await claim(id)).fence).toBe(fence + 1);
  });

  it('is no proof against a session, however often it comes, as a death of its own worker is', async () => {
    const { id } = await step.owned(await step.user());
    for (let i = 0; i < 10; i++) {
      await restart();
      expect((await claim(id)).attempts).toBe(1);
    }
    await db.expireLease(id);
    expect((await claim(id)).attempts).toBe(2);
    await restart();
    await restart();
    expect((await claim(id)).attempts).toBe(2);
  });
});
