/** A filter that few users pass: a page looks at so many users and no more, and the next one goes on after them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { usersOf } from '../../lib/adapters/postgres/users-list.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let opened: TestDatabase;
beforeAll(async () => {
  opened = await testDatabase('embedded');
  const accounts = postgresAccounts(opened.database);
  for (let i = 0; i < 9; i++) await accounts.putUser(`u${i}`, { tier: i % 4 === 3 ? 'premium' : 'standard' });
}, 120_000);
afterAll(() => opened?.close());

it('is shown whole, though a page may have less than it could', async () => {
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof usersOf>> = await usersOf(
      ...([opened.database, { tier: 'premium' }, { limit: 2, cursor }, 3] as const),
    );
    pages.push(page.data.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  // Looked at: u0 to u2, u3 to u5, u6 to u8, and then none.
  expect(pages).toEqual([[], ['u3'], ['u7'], []]);
});

it('leaves no day behind of those that are looked at', async () => {
  const days = async () => {
    const rows = await opened.database.sql.query(
      `select (select count(*) from budget_days) as days, (select string_agg(u::text, ',' order by user_id) from user_settings u) as users`,
    );
    return rows[0];
  };
  await opened.setNow(Date.parse('2027-03-01T08:00:00Z'));
  const before = await days();
  const { data } = await usersOf(opened.database, {}, { limit: 100, cursor: null });
  expect(new Set(data.map(({ day }) => day.date))).toEqual(new Set(['2027-03-01']));
  expect(await days()).toEqual(before);
});
