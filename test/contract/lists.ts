/** What the Accounts port promises of its lists: pages that are all of it in order, nothing of others, and no cursor that it never gave. */
import { expect, it } from 'vitest';
import { type Listed, type ListPage, UnknownCursor } from '../../lib/ports/index.ts';
import { aSettlement, contract, DAY_MS, type Factory, MIDNIGHT, once, START, type Steps } from './harness.ts';

const ALWAYS = { from: '1970-01-01', to: '9999-12-31' };
const FIRST = { limit: 100, cursor: null };

async function paged<T>(read: (page: ListPage) => Promise<Listed<T>>, limit: number): Promise<T[][]> {
  const pages: T[][] = [];
  let cursor: string | null = null;
  do {
    const { data, next }: Listed<T> = await read({ limit, cursor });
    pages.push(data);
    cursor = next;
  } while (cursor !== null);
  return pages;
}

async function refusesForged(read: (page: ListPage) => Promise<unknown>, forged: string[]): Promise<void> {
  const encoded = forged.map((text) => Buffer.from(text).toString('base64url'));
  for (const cursor of ['', 'nonsense', '😀', ...encoded])
    await expect(read({ limit: 2, cursor }), cursor).rejects.toThrow(UnknownCursor);
}

const INSTANT = '2026-11-10T08:00:00.000000Z';

const topUpsContract = (name: string, factory: Factory) =>
  contract(`${name}: list of top-ups`, factory, (t) => {
    it('has each once, whichever way it came, the newest first, with its day and its instant', async () => {
      const user = await t().user();
      const keys = ['tip 1', 'payment\nevt_1', 'ä'];
      for (const [i, key] of keys.entries()) {
        await t().setNow(START + i * DAY_MS);
        for (let twice = 0; twice < 2; twice++)
          await t().accounts.topUp(user, BigInt(i + 1), i === 1 ? 'today' : 'cycle', { key, fingerprint: key });
      }
      const { data, next } = await t().accounts.topUps(user, FIRST);
      expect(next).toBeNull();
      expect(data.map(({ at: _, ...row }) => row)).toEqual([
        { key: 'ä', day: '2026-11-12', amount: 3n, spread: 'cycle' },
        { key: 'payment\nevt_1', day: '2026-11-11', amount: 2n, spread: 'today' },
        { key: 'tip 1', day: '2026-11-10', amount: 1n, spread: 'cycle' },
      ]);
      for (const [i, { at }] of data.toReversed().entries())
        expect(Math.abs(at - START - i * DAY_MS)).toBeLessThan(60_000);
      expect((await t().accounts.topUps(await t().user(), FIRST)).data).toEqual([]);
    });

    it('does not have what was refused', async () => {
      const user = await t().user();
      await t().accounts.topUp(user, 2n ** 53n, 'cycle', once());
      expect((await t().accounts.topUps(user, FIRST)).data).toEqual([]);
    });

    it('comes in pages that are all of it, also of one instant and whatever is added meanwhile', async () => {
      const user = await t().user();
      const keys = Array.from({ length: 7 }, (_, i) => `key ${i}\n`);
      await Promise.all(keys.map((key) => t().accounts.topUp(user, 1n, 'cycle', { key, fingerprint: key })));
      const read = async (page: ListPage) => {
        const answer = await t().accounts.topUps(user, page);
        await t().setNow(START + DAY_MS);
        await t().topUp(user, 5n, 'today');
        return answer;
      };
      const pages = await paged(read, 2);
      expect(pages.map((page) => page.length)).toEqual([2, 2, 2, 1]);
      expect(
        pages
          .flat()
          .map(({ key }) => key)
          .sort(),
      ).toEqual(keys);
    });

    it('refuses a cursor that it never gave', async () => {
      const user = await t().user();
      await t().topUp(user, 5n, 'today');
      const forged = [
        '2026-11-10',
        `2026-11-10 ${INSTANT}`,
        `2026-02-30 ${INSTANT} a`,
        '2026-11-10 2026-11-10T8:00:00Z a',
      ];
      const broken = [`0000-01-01 ${INSTANT} a`, `2026-11-10 ${INSTANT} a\0b`, `2026-11-1 ${INSTANT} a`];
      await refusesForged((page) => t().accounts.topUps(user, page), [...forged, ...broken]);
    });
  });

/** Spends on the day, and leaves a hold open where one is given. */
async function worked(t: Steps, user: string, cost: bigint, held = 0n) {
  await t.iterate(await t.session({}, user), { cost });
  if (held === 0n) return;
  const id = await t.session({}, user);
  await t.hold(id, (await t.claim(id)).fence, held);
}

const daysContract = (name: string, factory: Factory) =>
  contract(`${name}: list of days`, factory, (t) => {
    it('is an account of the cycle: each day begins with what the one before left, to the microdollar', async () => {
      const user = await t().user();
      await worked(t(), user, 300_007n);
      await t().setNow(MIDNIGHT + 1);
      await t().topUp(user, 2_000_000n, 'cycle');
      await worked(t(), user, 400_001n, 5n);
      await t().topUp(user, 10n, 'today');
      await t().setNow(MIDNIGHT + 2 * DAY_MS);
      await worked(t(), user, 1n);
      const { data, next } = await t().accounts.days(user, ALWAYS, FIRST);
      expect(next).toBeNull();
      const [third, second, first] = data;
      expect(first).toMatchObject({
        ...{ date: '2026-11-10', allowance: 1_000_000n, ceiling: 1_100_000n, spent: 300_007n, held: 0n },
        ...{ carriedIn: 21_000_000n, toppedUp: 0n },
      });
      expect(second).toMatchObject({ date: '2026-11-11', spent: 400_001n, held: 5n, toppedUp: 2_000_010n });
      expect(third).toMatchObject({ date: '2026-11-13', spent: 1n, toppedUp: 0n });
      for (const [before, after] of [
        [first!, second!],
        [second!, third!],
      ] as const)
        expect(after.carriedIn).toBe(before.carriedIn! + before.toppedUp - before.spent - before.held);
      const ledger = await t().accounts.usage(user, ALWAYS, 'day');
      expect(ledger.map(({ key, cost }) => [key, cost])).toEqual(
        [first!, second!, third!].map(({ date, spent }) => [date, spent]),
      );
      expect(third!.allowance).toBe(third!.carriedIn! / 18n);
    });

    it('has today as the budget shows it, also when nothing was asked of it before', async () => {
      const user = await t().user();
      await t().setNow(MIDNIGHT + DAY_MS);
      const { data } = await t().accounts.days(user, ALWAYS, { limit: 1, cursor: null });
      const { date, allowance, ceiling } = (await t().accounts.budget(user)).day;
      expect(date).toBe('2026-11-12');
      expect(data).toMatchObject([{ date, allowance, ceiling, spent: 0n, carriedIn: 21_000_000n }]);
    });

    it('begins a cycle with the plan and what is carried over', async () => {
      const user = await t().user();
      await t().topUp(user, 700n, 'cycle');
      await worked(t(), user, 300n);
      await t().setNow(Date.parse('2026-12-01T08:00:00Z'));
      const [renewal] = (await t().accounts.days(user, { from: '2026-12-01', to: '2026-12-01' }, FIRST)).data;
      expect(renewal).toMatchObject({ date: '2026-12-01', carriedIn: 21_000_400n, toppedUp: 0n });
    });

    it('tells what went to hand-offs: what they cost, and what they still hold', async () => {
      const user = await t().user();
      const call = { n: 1, least: 1n, wanted: 500n, model: 'claude-haiku-5-5', journal: [] };
      for (const [handOff, cost] of [
        [true, 40n],
        [true, null],
        [false, 7n],
        [false, null],
      ] as const) {
        const id = await t().session({}, user);
        const { fence } = await t().claim(id);
        await t().sessions.reserve(id, fence, { ...call, handOff });
        if (cost !== null) await t().sessions.settle(id, fence, aSettlement({ cost }));
      }
      const [today] = (await t().accounts.days(user, ALWAYS, FIRST)).data;
      expect(today).toMatchObject({ spent: 47n, held: 1_000n, handedOff: 540n });
      const after = async (days: number) => {
        await t().setNow(START + days * DAY_MS);
        return (await t().accounts.days(user, { from: '2026-11-10', to: '2026-11-10' }, FIRST)).data[0]?.handedOff;
      };
      expect([await after(92), await after(93)]).toEqual([540n, null]);
    });

    it('comes in pages of a range, both ends of it included', async () => {
      const user = await t().user();
      for (let day = 0; day < 6; day++) {
        await t().setNow(START + day * DAY_MS);
        await worked(t(), user, 1n);
      }
      const range = { from: '2026-11-11', to: '2026-11-14' };
      const pages = await paged((page) => t().accounts.days(user, range, page), 3);
      expect(pages.map((page) => page.map(({ date }) => date.slice(8)))).toEqual([['14', '13', '12'], ['11']]);
      expect((await t().accounts.days(await t().user(), range, FIRST)).data).toEqual([]);
    });

    it('refuses a cursor that it never gave', async () => {
      const user = await t().user();
      const forged = ['2026-02-30', '0000-01-01', '2026-11', '2026-11-10 1', '99999-01-01'];
      await refusesForged((page) => t().accounts.days(user, ALWAYS, page), forged);
    });
  });

export function listsContract(name: string, factory: Factory): void {
  topUpsContract(name, factory);
  daysContract(name, factory);
}
