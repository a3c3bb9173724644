/** What the Triggers port promises. */
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { MOST_SCHEDULES, type NewTrigger } from '../../lib/ports/index.ts';
import { contract, DAY_MS, type Factory, START, soonAfter } from './harness.ts';

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
      expect(await t().triggers.create(user, trigger)).toEqual({
        ...{ ...shown, sessionId: null, createdAt: soonAfter(START), updatedAt: soonAfter(START), lastUsedAt: null },
      });
      expect(await t().triggers.create(user, trigger)).toMatchObject(shown);
      expect((await t().triggers.list(user, { limit: 9, cursor: null })).data).toMatchObject([shown]);
      expect((await t().triggers.list(other, { limit: 9, cursor: null })).data).toEqual([]);
      expect(await t().triggers.get(other, trigger.id)).toBeNull();
      expect(await t().triggers.change(other, trigger.id, { name: 'Mine', secret: 'whsec_bWluZQ==' })).toBeNull();
      expect(await t().triggers.remove(other, trigger.id)).toBe(false);
      expect(await t().triggers.find(trigger.id)).toEqual({
        ...{ trigger: expect.objectContaining({ userId: user }), secrets: ['whsec_b25l'] },
      });
      expect(await t().triggers.remove(user, trigger.id)).toBe(true);
      expect(await t().triggers.find(trigger.id)).toBeNull();
    });

    it('change what they do; a former secret counts for a day', async () => {
      const user = await t().user();
      const trigger = aTrigger();
      await t().triggers.create(user, trigger);
      const action = { template: null, maxCost: null, sessionId: 'ses_1' } as const;
      expect(await t().triggers.change(user, trigger.id, { action, name: 'Chat' })).toMatchObject({
        ...action,
        name: 'Chat',
      });
      await t().triggers.change(user, trigger.id, { secret: 'whsec_dHdv' });
      await t().triggers.change(user, trigger.id, { secret: 'whsec_dHdv' });
      expect((await t().triggers.find(trigger.id))!.secrets).toEqual(['whsec_dHdv', 'whsec_b25l']);
      await t().setNow(START + DAY_MS + 1_000);
      expect((await t().triggers.find(trigger.id))!.secrets).toEqual(['whsec_dHdv']);
    });

    it('remember when they were used, and are no more than that', async () => {
      const user = await t().user();
      const trigger = aTrigger();
      await t().triggers.create(user, trigger);
      await t().triggers.used(user, trigger.id);
      expect(await t().triggers.get(user, trigger.id)).toMatchObject({ lastUsedAt: soonAfter(START) });
      for (let i = 1; i < MOST_SCHEDULES; i++) await t().triggers.create(user, aTrigger());
      expect(await t().triggers.create(user, aTrigger())).toBe('full');
    });
  });
