/** What the Webhooks port promises, and what a save and its notices have to do with each other. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Save } from '../../lib/core/effect.ts';
import { freshMemory } from '../../lib/core/memory.ts';
import { newId } from '../../lib/ids.ts';
import { FenceLost, MOST_WEBHOOKS, type NewWebhook } from '../../lib/ports/index.ts';
import { anEntry } from '../kit/events.ts';
import { aNight, anEnd, aSave, contract, DAY_MS, type Factory, MIDNIGHT, once, START, type Steps } from './harness.ts';
import { delivered, LOOK, SECRET, settle, sweep } from './outbox.ts';

const AGAIN = { ...LOOK, days: 0 };

const aWebhook = (over: Partial<NewWebhook> = {}): NewWebhook => ({
  ...{ id: newId('whk'), url: 'https://hooks.example/all', format: 'standard', events: null, includeText: false },
  ...{ description: null, enabled: true, secret: SECRET },
  ...over,
});

async function hooked(t: Steps, over: Partial<NewWebhook> = {}, userId?: string) {
  const user = userId ?? (await t.user());
  const made = aWebhook(over);
  await t.webhooks.create(user, made, null);
  return { user, id: made.id };
}

/** A save that asks the user something. */
export function aQuestion(data: object = { question: 'Which of them?' }): Save {
  const to = { state: 'waiting', question: 'Which of them?' } as const;
  const journal = [anEntry('agent.waiting_for_input', data)];
  return aSave({ suspension: { to, due: Number.POSITIVE_INFINITY, memory: freshMemory(), journal } });
}

const log = async (t: Steps, user: string, id: string) =>
  (await t.webhooks.deliveries(user, id, { limit: 50, cursor: null }))!.data;
const types = async (t: Steps, user: string, id: string) => (await log(t, user, id)).map(({ type }) => type).sort();

export function webhooksContract(name: string, factory: Factory): void {
  contract(`${name}: notices`, factory, (t) => {
    it('are written with the save that makes them true, once each, and with none that is refused', async () => {
      const { user, id } = await hooked(t());
      const session = await t().session({}, user);
      const { fence } = await t().claim(session);
      await expect(t().sessions.save(session, fence + 1, aQuestion(), [])).rejects.toThrow(FenceLost);
      expect(await log(t(), user, id)).toEqual([]);
      for (let n = 0; n < 2; n++) await t().sessions.save(session, fence, aQuestion(), []);
      const journal = await t().userSessions.events(user, session, { after: 0, limit: 9 });
      const asked = journal!.find(({ type }) => type === 'agent.waiting_for_input');
      const [due, ...others] = await sweep(t(), user);
      expect(others).toEqual([]);
      expect(due).toMatchObject({
        type: 'session.question',
        eventId: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
        alert: null,
      });
      expect(due?.session).toEqual({ id: session, agent: 'assistant', seq: asked!.seq, data: asked!.data, goal: null });
      expect(await log(t(), user, id)).toMatchObject([
        { eventId: due!.eventId, sessionId: session, status: 'pending' },
      ]);
    });

    it('tell of no suspension that did not come true, nor of a session that its user removed', async () => {
      const { user, id } = await hooked(t());
      const session = await t().session({}, user);
      const { fence } = await t().claim(session);
      await t().wish(user, session, { type: 'message', content: 'Wait.' });
      await t().sessions.save(session, fence, anEnd(), []);
      expect(await types(t(), user, id)).toEqual([]);
      await t().userSessions.remove(user, session);
      await t().passBackoff();
      const second = await t().claim(session);
      await t().sessions.save(session, second.fence, aSave({ journal: [anEntry('agent.cancelled')] }), []);
      expect(await types(t(), user, id)).toEqual([]);
    });

    it('go to each webhook that is enabled and wants them, and to no other user', async () => {
      const user = await t().user();
      const all = await hooked(t(), { includeText: true }, user);
      const ends = await hooked(t(), { events: ['session.completed', 'session.approval'] }, user);
      const off = await hooked(t(), { enabled: false }, user);
      const other = await hooked(t());
      const session = await t().session({}, user);
      await t().iterate(session, { save: aQuestion({ question: 'May I?', kind: 'approval' }) });
      await t().wish(user, session, { type: 'message', content: 'Yes.' });
      await t().iterate(session, { save: aNight(MIDNIGHT) });
      await t().wish(user, session, { type: 'wake' });
      await t().iterate(session, { save: anEnd() });
      expect(await types(t(), user, all.id)).toEqual(['session.approval', 'session.completed', 'session.sleeping']);
      expect(await types(t(), user, ends.id)).toEqual(['session.approval', 'session.completed']);
      expect([await types(t(), user, off.id), await types(t(), other.user, other.id)]).toEqual([[], []]);
      const names = (rows: Awaited<ReturnType<typeof log>>) =>
        rows.filter(({ type }) => type !== 'session.sleeping').map(({ eventId }) => eventId);
      expect(names(await log(t(), user, all.id)).sort()).toEqual(names(await log(t(), user, ends.id)).sort());
      const goals = (await sweep(t(), user)).map((due) => [due.webhookId === all.id, due.session?.goal]);
      expect(new Set(goals.map(String))).toEqual(new Set(['true,Write a poem.', 'false,']));
    });

    it('come again on demand under the same name, also after they were taken', async () => {
      const { user, id } = await hooked(t());
      await t().iterate(await t().session({}, user), { save: anEnd() });
      const [first] = await sweep(t(), user);
      await settle(t(), [first!], null);
      expect(await log(t(), user, id)).toMatchObject([{ status: 'delivered', statusCode: 200, attempts: 1 }]);
      expect(await t().webhooks.redeliver(user, id, first!.eventId)).toMatchObject({
        ...{ eventId: first!.eventId, status: 'pending', attempts: 0 },
      });
      const [again] = await sweep(t(), user);
      expect({ ...again, attempt: 1 }).toEqual(first);
      expect(await t().webhooks.redeliver(user, id, 'evt_never')).toBeNull();
    });

    it('do not crowd: four of a user at a time, one where the receiver fails, and all at once when it is back', async () => {
      await delivered(t());
      const { user, id } = await hooked(t());
      for (let n = 0; n < 6; n++) await t().iterate(await t().session({}, user), { save: anEnd() });
      const first = await sweep(t(), user, AGAIN);
      expect(first).toHaveLength(4);
      await settle(t(), first, 'no connection');
      expect((await t().webhooks.get(user, id))?.failingSince).toBeGreaterThanOrEqual(START);
      expect(await sweep(t(), user, AGAIN)).toEqual([]);
      await t().setNow(START + 10 * 60_000);
      const probe = await sweep(t(), user, AGAIN);
      expect(probe).toHaveLength(1);
      await settle(t(), probe, null);
      expect((await t().webhooks.get(user, id))?.failingSince).toBeNull();
      const rest = [...(await sweep(t(), user, AGAIN)), ...(await sweep(t(), user, AGAIN))];
      expect(new Set([...probe, ...rest].map(({ eventId }) => eventId)).size).toBe(6);
    });

    it('are put aside for a webhook that answers 410, until it is enabled', async () => {
      const { user, id } = await hooked(t());
      await t().iterate(await t().session({}, user), { save: anEnd() });
      expect(await settle(t(), await sweep(t(), user), 'HTTP 410', 410)).toMatchObject({
        disabled: [{ webhookId: id }],
      });
      expect(await t().webhooks.get(user, id)).toMatchObject({
        enabled: false,
        disabledReason: expect.stringContaining('410'),
      });
      await t().iterate(await t().session({}, user), { save: anEnd() });
      expect(await log(t(), user, id)).toMatchObject([{ status: 'held', nextAttemptAt: null }]);
      expect(await t().webhooks.redeliver(user, id, 'evt_any')).toBe('disabled');
      expect(await t().webhooks.change(user, id, { enabled: true })).toMatchObject({
        enabled: true,
        disabledReason: null,
      });
      expect(await sweep(t(), user)).toHaveLength(1);
    });

    it('end with their webhook, and with their session once it is purged', async () => {
      const { user, id } = await hooked(t());
      const kept = await hooked(t(), { events: ['session.completed'] }, user);
      const session = await t().session({}, user);
      await t().iterate(session, { save: anEnd() });
      expect(await t().webhooks.remove(user, id)).toBe('removed');
      expect(await t().webhooks.deliveries(user, id, { limit: 9, cursor: null })).toBeNull();
      expect((await sweep(t(), user)).map(({ webhookId }) => webhookId)).toEqual([kept.id]);
      await t().userSessions.remove(user, session);
      while ((await t().sweeper.purge()) > 0);
      expect(await log(t(), user, kept.id)).toEqual([]);
    });
  });

  contract(`${name}: webhooks`, factory, (t) => {
    it('are made once, shown without their secret, and bounded', async () => {
      const user = await t().user();
      const made = aWebhook({ description: 'Of the team', events: ['session.failed'], format: 'slack' });
      const { secret: _, ...settings } = made;
      const first = await t().webhooks.create(user, made, null);
      expect(first).toEqual({
        ...{ ...settings, managedBy: 'user', disabledReason: null, failingSince: null },
        ...{ createdAt: expect.any(Number), updatedAt: expect.any(Number) },
      });
      expect(await t().webhooks.create(user, made, null)).toEqual(first);
      expect(await t().webhooks.list(user)).toEqual([first]);
      for (let n = 1; n < MOST_WEBHOOKS; n++) await t().webhooks.create(user, aWebhook(), null);
      expect(await t().webhooks.create(user, aWebhook(), null)).toBe('full');
      expect(await t().webhooks.list(user)).toHaveLength(MOST_WEBHOOKS);
    });

    it('change what is named and nothing else', async () => {
      const { user, id } = await hooked(t());
      const before = await t().webhooks.get(user, id);
      const changed = await t().webhooks.change(user, id, { url: 'https://b.example/', events: ['session.failed'] });
      expect(changed).toMatchObject({
        ...before,
        url: 'https://b.example/',
        events: ['session.failed'],
        updatedAt: expect.any(Number),
      });
      expect(await t().webhooks.change(user, id, { events: null, description: 'D' })).toMatchObject({ events: null });
    });

    it('are made once under a key', async () => {
      const user = await t().user();
      const [unique, first] = [once(), aWebhook()];
      await t().webhooks.create(user, first, unique);
      expect(await t().webhooks.create(user, aWebhook(), unique)).toMatchObject({ id: first.id });
      expect(await t().webhooks.create(user, aWebhook(), { ...unique, fingerprint: 'other' })).toBe('conflict');
      expect(await t().webhooks.list(user)).toHaveLength(1);
      await t().webhooks.remove(user, first.id);
      expect(await t().webhooks.create(user, aWebhook(), unique)).toBe('conflict');
    });

    it('take another secret once for an operation, and sign along with each that was replaced within a day', async () => {
      const { user, id } = await hooked(t());
      const rotate = (secret: string, operation: string) => t().webhooks.rotate(user, id, secret, operation);
      expect(await rotate('whsec_2', 'op_1')).toMatchObject({ view: { id }, isNew: true });
      expect(await rotate('whsec_x', 'op_1')).toMatchObject({ isNew: false });
      await rotate('whsec_3', 'op_2');
      const secrets = async (event: string) => {
        await t().webhooks.test(user, id, event);
        const due = await sweep(t(), user);
        await settle(t(), due, null);
        return due.map((one) => one.secrets);
      };
      expect(await secrets('evt_t1')).toEqual([['whsec_3', 'whsec_2', SECRET]]);
      await t().setNow(START + DAY_MS + 60_000);
      expect(await secrets('evt_t2')).toEqual([['whsec_3']]);
    });

    it('are tested: one test waits at a time, whatever the filter', async () => {
      const { user, id } = await hooked(t(), { events: ['session.failed'] });
      expect(await t().webhooks.test(user, id, 'evt_one')).toMatchObject({ eventId: 'evt_one', type: 'webhook.test' });
      expect(await t().webhooks.test(user, id, 'evt_two')).toMatchObject({ eventId: 'evt_one', status: 'pending' });
      const due = await sweep(t(), user);
      expect(due).toMatchObject([{ eventId: 'evt_one', session: null, alert: null }]);
      await settle(t(), due, null);
      expect(await t().webhooks.test(user, id, 'evt_two')).toMatchObject({ eventId: 'evt_two' });
    });

    it('list their deliveries in pages, the newest first', async () => {
      const { user, id } = await hooked(t());
      for (let n = 0; n < 5; n++) {
        await t().setNow(START + n * 60_000);
        await t().iterate(await t().session({}, user), { save: anEnd() });
      }
      const whole = await log(t(), user, id);
      expect(whole.map(({ at }) => at)).toEqual(whole.map(({ at }) => at).sort((a, b) => b - a));
      const paged = [];
      for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
        const page: Awaited<ReturnType<Steps['webhooks']['deliveries']>> = await t().webhooks.deliveries(user, id, {
          limit: 2,
          cursor,
        });
        paged.push(...page!.data);
        cursor = page!.next;
      }
      expect(paged).toEqual(whole);
    });

    it('are nothing to another user', async () => {
      const { user, id } = await hooked(t());
      await t().iterate(await t().session({}, user), { save: anEnd() });
      const [{ eventId } = { eventId: '' }] = await log(t(), user, id);
      const other = await t().user();
      const { webhooks } = t();
      expect(await webhooks.list(other)).toEqual([]);
      const page = { limit: 9, cursor: null };
      const asked = [webhooks.get(other, id), webhooks.change(other, id, { url: 'https://evil.example/' })];
      const others = [
        webhooks.remove(other, id),
        webhooks.rotate(other, id, 'whsec_evil', randomUUID()),
        webhooks.test(other, id, randomUUID()),
        webhooks.redeliver(other, id, eventId),
      ];
      expect(await Promise.all([...asked, ...others, webhooks.deliveries(other, id, page)])).toEqual(
        Array(7).fill(null),
      );
      expect(await webhooks.get(user, id)).toMatchObject({ url: 'https://hooks.example/all', enabled: true });
      expect(await log(t(), user, id)).toHaveLength(1);
    });
  });
}
