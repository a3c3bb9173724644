/** What the Accounts port promises of the operator's list of users: who is there, how they stand, and that to look changes nothing. */
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { UnknownCursor, type UserFilter } from '../../lib/ports/index.ts';
import { anEnd, contract, type Factory, MIDNIGHT, START, type Steps, TERMS } from './harness.ts';

/** Users whose ids begin alike, and like no other's. */
async function named(t: Steps, ...names: string[]): Promise<{ idPrefix: string; ids: string[] }> {
  const idPrefix = `${newId('list')}:`;
  const ids = names.map((name) => idPrefix + name);
  for (const id of ids) await t.accounts.putUser(id, TERMS);
  return { idPrefix, ids };
}

async function listed(t: Steps, filter: UserFilter, limit = 100) {
  const pages = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Steps['accounts']['users']>> = await t.accounts.users(filter, { limit, cursor });
    expect(page.data.length).toBeLessThanOrEqual(limit);
    pages.push(page.data);
    cursor = page.next;
  } while (cursor !== null);
  return pages.flat();
}

export const usersListContract = (name: string, factory: Factory) =>
  contract(`${name}: list of users`, factory, (t) => {
    it('has all of them by id, in pages, as they are shown one by one', async () => {
      const { idPrefix, ids } = await named(t(), 'c', 'a', 'b@x.org', 'e', 'd');
      const found = await listed(t(), { idPrefix }, 2);
      expect(found.map(({ id }) => id)).toEqual([...ids].sort());
      for (const { status, createdAt, day, ...user } of found) {
        expect(user).toEqual(await t().accounts.getUser(user.id));
        expect(status).toBe('idle');
        expect(Math.abs(createdAt - START)).toBeLessThan(60_000);
        expect(day).toMatchObject({ date: '2026-11-10', allowance: 1_000_000n, spent: 0n, held: 0n });
      }
      const all = (await listed(t(), {}, 7)).map(({ id }) => id);
      expect(all).toEqual([...new Set(all)]);
      expect(all.filter((id) => id.startsWith(idPrefix))).toEqual([...ids].sort());
    });

    it('narrows by tier, by status and by how the id begins, all at once', async () => {
      const { idPrefix, ids } = await named(t(), 'active', 'ended', 'idle', 'poor');
      const [active, ended, , poor] = ids as [string, string, string, string];
      await t().accounts.putUser(poor, { budget: 0n, tier: 'premium' });
      await t().accounts.putUser(active, { tier: 'premium' });
      await t().session({}, active);
      await t().iterate(await t().session({}, ended), { save: anEnd() });
      const of = async (filter: UserFilter) =>
        (await listed(t(), { idPrefix, ...filter }, 1)).map(({ id }) => id.slice(idPrefix.length));
      expect(await of({ status: 'active' })).toEqual(['active']);
      expect(await of({ status: 'idle' })).toEqual(['ended', 'idle']);
      expect(await of({ status: 'no_budget' })).toEqual(['poor']);
      expect(await of({ tier: 'premium' })).toEqual(['active', 'poor']);
      expect(await of({ tier: 'premium', status: 'active' })).toEqual(['active']);
      expect(await of({ tier: 'prem' })).toEqual([]);
      expect(await of({ idPrefix: `${idPrefix}p` })).toEqual(['poor']);
    });

    it('tells today of each, and opens no day by that', async () => {
      const { idPrefix, ids } = await named(t(), 'busy', 'quiet');
      const [busy, quiet] = ids as [string, string];
      for (const id of ids) await t().iterate(await t().session({}, id), { cost: 600_000n });
      await t().setNow(MIDNIGHT + 1);
      await t().iterate(await t().session({}, busy), { cost: 20_000n });
      for (let twice = 0; twice < 2; twice++) {
        const [first, second] = (await listed(t(), { idPrefix })).map(({ day }) => day);
        const next = { date: '2026-11-11', allowance: 1_020_000n, ceiling: 1_122_000n };
        expect(first).toMatchObject({ ...next, spent: 20_000n, cycle: { remaining: 20_400_000n, daysLeft: 20 } });
        expect(second).toMatchObject({ ...next, spent: 0n, cycle: { remaining: 20_400_000n, daysLeft: 20 } });
      }
      await t().setNow(Date.parse('2026-12-01T08:00:00Z'));
      const [, renewed] = await listed(t(), { idPrefix });
      expect(renewed).toMatchObject({ renewalDate: '2027-01-01', day: { allowance: 677_419n } });
      await t().setNow(MIDNIGHT + 2);
      const { data } = await t().accounts.days(
        quiet,
        { from: '2026-11-10', to: '2026-12-31' },
        { limit: 9, cursor: null },
      );
      expect(data.map(({ date }) => date)).toEqual(['2026-11-11', '2026-11-10']);
      expect((await t().accounts.getUser(quiet))?.renewalDate).toBe('2026-12-01');
    });

    it('refuses a cursor that it never gave', async () => {
      const forged = ['', 'a\0b', '\ufffd'].map((text) => Buffer.from(text).toString('base64url'));
      for (const cursor of [...forged, '😀'])
        await expect(t().accounts.users({}, { limit: 2, cursor }), cursor).rejects.toThrow(UnknownCursor);
    });
  });
