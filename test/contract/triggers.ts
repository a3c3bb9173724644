/** What the Triggers port promises. */
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { MOST_SCHEDULES, type NewTrigger } from '../../lib/ports/index.ts';
import { contract, DAY_MS, type Factory, once, START, soonAfter } from './harness.ts';

const aTrigger = (over: Partial<NewTrigger> = {}): NewTrigger =>
  ({
    ...{ id: newId('trg'), name: 'Mail', secret: 'whsec_b25l' },
    ...{ template: { goal: 'Read it.' }, maxCost: 100_000n, sessionId: null },
    ...over,
  }) as NewTrigger;

export const triggersContract = (name: string, factory: Factory) =>
  contract(`${name}: inbound triggers`, factory, (t) => {
    it('are kept for their user alone, without their secret', async () => {
      const [user, other] = [await t().user(), await t().user()];
      const trigger = aTrigger();
      const shown = { id: trigger.id, userId: user, name: 'Mail', template: { goal: 'Read it.' }, maxCost: 100_000n };
      expect(await t().triggers.create(user, trigger, null)).toEqual({
        ...{ ...shown, sessionId: null, createdAt: soonAfter(START), updatedAt: soonAfter(START), lastUsedAt: null },
      });
      expect(await t().triggers.create(user, trigger, null)).toMatchObject(shown);
      expect((await t().triggers.list(user, { limit: 9, cursor: null })).data).toMatchObject([shown]);
      expect((await t().triggers.list(other, { limit: 9, cursor: null })).data).toEqual([]);
      expect(await t().triggers.get(other, trigger.id)).toBeNull();
      expect(await t().triggers.change(other, trigger.id, { name: 'Mine' })).toBeNull();
      expect(await t().triggers.remove(other, trigger.id)).toBe(false);
      expect(await t().triggers.find(trigger.id)).toEqual({
        ...{ trigger: expect.objectContaining({ userId: user }), secrets: ['whsec_b25l'] },
      });
      expect(await t().triggers.remove(user, trigger.id)).toBe(true);
      expect(await t().triggers.find(trigger.id)).toBeNull();
    });

    it('change what they do', async () => {
      const user = await t().user();
      const trigger = aTrigger();
      await t().triggers.create(user, trigger, null);
      const action = { template: null, maxCost: null, sessionId: 'ses_1' } as const;
      expect(await t().triggers.change(user, trigger.id, { action, name: 'Chat' })).toMatchObject({
        ...action,
        name: 'Chat',
      });
    });

    it('take another secret once for an operation, and keep each that was replaced within a day', async () => {
      const [user, other] = [await t().user(), await t().user()];
      const trigger = aTrigger();
      await t().triggers.create(user, trigger, null);
      const secrets = async () => (await t().triggers.find(trigger.id))!.secrets;
      const rotate = (secret: string, operation: string) => t().triggers.rotate(user, trigger.id, secret, operation);
      expect(await rotate('whsec_2', 'op_1')).toMatchObject({ trigger: { id: trigger.id }, isNew: true });
      expect(await rotate('whsec_2', 'op_1')).toMatchObject({ isNew: true });
      expect(await rotate('whsec_x', 'op_1')).toMatchObject({ isNew: false });
      expect(await secrets()).toEqual(['whsec_2', trigger.secret]);
      await t().setNow(START + DAY_MS / 2);
      for (const n of [3, 4, 5, 6]) await rotate(`whsec_${n}`, `op_${n}`);
      expect(await secrets()).toEqual(['whsec_6', 'whsec_5', 'whsec_4', 'whsec_3', 'whsec_2']);
      await t().setNow(START + DAY_MS + 60_000);
      expect(await secrets()).toEqual(['whsec_6', 'whsec_5', 'whsec_4', 'whsec_3', 'whsec_2']);
      await t().setNow(START + (3 * DAY_MS) / 2 + 60_000);
      expect(await secrets()).toEqual(['whsec_6']);
      expect(await t().triggers.rotate(other, trigger.id, 'whsec_y', 'op_2')).toBeNull();
      expect(await secrets()).toEqual(['whsec_6']);
    });

    it('are made once under a key', async () => {
      const user = await t().user();
      const unique = once();
      const first = aTrigger();
      await t().triggers.create(user, first, unique);
      expect(await t().triggers.create(user, aTrigger(), unique)).toMatchObject({ id: first.id });
      expect(await t().triggers.create(user, aTrigger(), { ...unique, fingerprint: 'other' })).toBe('conflict');
      expect((await t().triggers.list(user, { limit: 9, cursor: null })).data).toHaveLength(1);
    });

    it('remember when they were used, and are no more than that', async () => {
      const user = await t().user();
      const trigger = aTrigger();
      await t().triggers.create(user, trigger, null);
      await t().triggers.used(user, trigger.id);
      expect(await t().triggers.get(user, trigger.id)).toMatchObject({ lastUsedAt: soonAfter(START) });
      for (let i = 1; i < MOST_SCHEDULES; i++) await t().triggers.create(user, aTrigger(), null);
      expect(await t().triggers.create(user, aTrigger(), null)).toBe('full');
    });
  });
