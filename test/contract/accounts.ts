/** What the Accounts port promises about users and keys; budgets and usage have files of their own. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { budgetContract } from './budget.ts';
import { carryOverContract, sumsContract } from './carry-over.ts';
import { contract, type Factory, START, type Steps } from './harness.ts';
import { listsContract } from './lists.ts';
import { topUpContract } from './top-up.ts';
import { usageContract } from './usage.ts';
import { usersListContract } from './users-list.ts';

export function accountsContract(name: string, factory: Factory): void {
  userContract(name, factory);
  budgetContract(name, factory);
  topUpContract(name, factory);
  carryOverContract(name, factory);
  sumsContract(name, factory);
  usageContract(name, factory);
  listsContract(name, factory);
  usersListContract(name, factory);
}

const aKey = () => ({ id: newId('ck'), name: 'laptop', hash: newId('hash'), prefix: 'ck_abc' });

/** The user as changed. */
async function put(t: Steps, ...change: Parameters<Steps['accounts']['putUser']>) {
  const answer = await t.accounts.putUser(...change);
  if ('tooMuch' in answer) throw new Error('refused');
  return answer;
}

const userContract = (name: string, factory: Factory) =>
  contract(`${name}: users and keys`, factory, (t) => {
    it('creates a user as told, and shows it', async () => {
      const id = newId('usr');
      expect(await t().accounts.getUser(id)).toBeNull();
      const terms = {
        tier: 'premium',
        budget: 5_000_000n,
        renewalDate: '2026-12-01',
        wakePolicy: 'manual',
        maxDailyMultiple: 2.25,
      } as const;
      const { user, nudged } = await put(t(), id, terms);
      expect(user).toEqual({ id, ...terms });
      expect(nudged).toBe(false);
      expect(await t().accounts.getUser(id)).toEqual(user);
    });

    it('gives a new user no money, the standard tier and automatic waking', async () => {
      const id = newId('usr');
      const { user } = await put(t(), id, {});
      expect(user).toEqual({
        id,
        tier: 'standard',
        budget: 0n,
        renewalDate: null,
        wakePolicy: 'auto',
        maxDailyMultiple: null,
      });
    });

    it('changes only what is given', async () => {
      const id = await t().user();
      await t().accounts.putUser(id, { wakePolicy: 'manual' });
      await t().accounts.putUser(id, { tier: 'premium' });
      const whole = {
        ...{ id, tier: 'premium', budget: 21_000_000n, renewalDate: '2026-12-01', wakePolicy: 'manual' },
        maxDailyMultiple: null,
      };
      expect(await t().accounts.getUser(id)).toEqual(whole);
      await t().accounts.putUser(id, { renewalDate: null });
      expect(await t().accounts.getUser(id)).toEqual({ ...whole, renewalDate: null });
    });

    it('gives a first budget to who is new and is given none, and to nobody else', async () => {
      const [bare, given] = [`u-${randomUUID()}`, `u-${randomUUID()}`];
      const first = { firstBudget: 3_000_000n };
      expect((await put(t(), bare, first)).user.budget).toBe(3_000_000n);
      expect((await put(t(), given, { ...first, budget: 7n })).user.budget).toBe(7n);
      expect((await put(t(), bare, { firstBudget: 9_000_000n })).user.budget).toBe(3_000_000n);
      expect((await put(t(), given, first)).user.budget).toBe(7n);
    });

    it('lets no first budget replace what another operator gives at the same time', async () => {
      for (let i = 0; i < 10; i++) {
        const id = `u-${randomUUID()}`;
        const changes = [{ firstBudget: 3_000_000n, wakePolicy: 'manual' as const }, { budget: 50_000_000n }];
        await Promise.all(changes.map((change) => t().accounts.putUser(id, change)));
        expect(await t().accounts.getUser(id)).toMatchObject({ budget: 50_000_000n, wakePolicy: 'manual' });
      }
    });

    it('keeps money up to 2^53 - 1 to the microdollar', async () => {
      const id = await t().user({ budget: 9_007_199_254_740_991n });
      expect((await t().accounts.getUser(id))?.budget).toBe(9_007_199_254_740_991n);
      expect((await t().accounts.budget(id)).budget).toBe(9_007_199_254_740_991n);
    });

    it('puts the wake policy into the facts of the next claim', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().accounts.putUser(user, { wakePolicy: 'manual' });
      expect((await t().claim(id)).facts.wakePolicy).toBe('manual');
    });

    it('knows the user of a key until it is revoked', async () => {
      const user = await t().user();
      const key = aKey();
      expect(await t().accounts.whoIs(key.hash)).toBeNull();
      expect(await t().accounts.addKey(user, key)).toBe(true);
      expect(await t().accounts.whoIs(key.hash)).toEqual(await t().accounts.getUser(user));
      expect(await t().accounts.revokeKey(user, key.id)).toBe(true);
      expect(await t().accounts.whoIs(key.hash)).toBeNull();
      expect(await t().accounts.revokeKey(user, key.id)).toBe(true);
    });

    it('takes a repeated key once', async () => {
      const user = await t().user();
      const key = aKey();
      expect(await t().accounts.addKey(user, key)).toBe(true);
      expect(await t().accounts.addKey(user, key)).toBe(true);
      expect(await t().accounts.whoIs(key.hash)).toMatchObject({ id: user });
    });

    it('revokes one key and leaves the others', async () => {
      const user = await t().user();
      const [one, two] = [aKey(), { ...aKey(), name: null }];
      await t().accounts.addKey(user, one);
      await t().accounts.addKey(user, two);
      await t().accounts.revokeKey(user, one.id);
      expect(await t().accounts.whoIs(two.hash)).toMatchObject({ id: user });
    });

    it('lists the keys of a user without a word that opens anything, and remembers their last use to five minutes', async () => {
      const [owner, stranger] = [await t().user(), await t().user()];
      const [one, two] = [aKey(), { ...aKey(), name: null }];
      expect(await t().accounts.keysOf(newId('usr'))).toBeNull();
      expect(await t().accounts.keysOf(owner)).toEqual([]);
      await t().accounts.addKey(owner, one);
      await t().setNow(START + 1_000);
      await t().accounts.addKey(owner, two);
      const unused = { prefix: 'ck_abc', lastUsedAt: null, revokedAt: null, createdAt: expect.any(Number) };
      expect(await t().accounts.keysOf(owner)).toEqual([
        { ...unused, id: one.id, name: 'laptop' },
        { ...unused, id: two.id, name: null },
      ]);
      const lastUsed = async () => (await t().accounts.keysOf(owner))!.map(({ lastUsedAt }) => lastUsedAt);
      const near = (at: number) => expect.toSatisfy((ms: number) => ms >= at && ms < at + 60_000);
      const FIRST = START + 3_600_000;
      for (const [at, remembered] of [
        [FIRST, FIRST],
        [FIRST + 4 * 60_000, FIRST],
        [FIRST + 7 * 60_000, FIRST + 7 * 60_000],
      ] as const) {
        await t().setNow(at);
        await t().accounts.whoIs(two.hash);
        expect(await lastUsed(), `${at - FIRST} ms later`).toEqual([null, near(remembered)]);
      }
      await t().accounts.revokeKey(owner, two.id);
      await t().setNow(FIRST + 60 * 60_000);
      expect(await t().accounts.whoIs(two.hash)).toBeNull();
      const [, revoked] = (await t().accounts.keysOf(owner))!;
      expect(revoked).toMatchObject({ lastUsedAt: near(FIRST + 7 * 60_000), revokedAt: near(FIRST + 7 * 60_000) });
      expect(await t().accounts.keysOf(stranger)).toEqual([]);
      expect(JSON.stringify(await t().accounts.keysOf(owner))).not.toMatch(/hash/);
    });

    it("gives no key to nobody, and revokes no other user's", async () => {
      const [owner, stranger] = [await t().user(), await t().user()];
      const key = aKey();
      await t().accounts.addKey(owner, key);
      expect(await t().accounts.addKey(newId('usr'), aKey())).toBe(false);
      expect(await t().accounts.revokeKey(stranger, key.id)).toBe(false);
      expect(await t().accounts.revokeKey(owner, 'ck_never')).toBe(false);
      expect(await t().accounts.whoIs(key.hash)).toMatchObject({ id: owner });
    });
  });
