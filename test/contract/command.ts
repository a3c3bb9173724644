/** What `UserSessions.wish` and `UserSessions.remove` promise: users write commands, never states (R4, R5, R7). */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { MOST_UNTAKEN } from '../../lib/core/inbox.ts';
import { aNight, anEnd, aSave, aSettlement, contract, ENDED, type Factory, MIDNIGHT, type Steps } from './harness.ts';

async function asleep(t: Steps) {
  const user = await t.user();
  const id = await t.session({}, user);
  await t.iterate(id, { save: aNight(MIDNIGHT) });
  return { user, id };
}

const typesOf = async (t: Steps, user: string, id: string) =>
  (await t.userSessions.events(user, id, { after: 0, limit: 1_000 }))?.map(({ type }) => type) ?? [];

export const wishContract = (name: string, factory: Factory) =>
  contract(`${name}: commands`, factory, (t) => {
    it('hands over what users say in order, and each once', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      for (const content of ['one', 'two']) await t().wish(user, id, { type: 'message', content });
      const first = await t().claim(id);
      const inbox = [
        { n: 1, content: 'one' },
        { n: 2, content: 'two' },
      ];
      expect(first.pending.inbox).toEqual(inbox);
      await t().hold(id, first.fence, 10n);
      await t().wish(user, id, { type: 'message', content: 'three' });
      const settled = await t().sessions.settle(id, first.fence, aSettlement({ cost: 10n, inboxTaken: 2 }));
      expect(settled.pending.inbox).toEqual([{ n: 3, content: 'three' }]);
      await t().sessions.save(id, first.fence, { ...anEnd(), inboxTaken: 2 }, []);
      expect((await t().claim(id)).pending.inbox).toEqual([{ n: 3, content: 'three' }]);
    });

    it('does not hand over again what a save has taken', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().wish(user, id, { type: 'message', content: 'one' });
      const { fence } = await t().claim(id);
      await t().sessions.save(id, fence, aSave({ inboxTaken: 1 }), []);
      expect((await t().claim(id)).pending.inbox).toEqual([]);
    });

    it('takes a repeated message once', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const operation = randomUUID();
      const say = () => t().wish(user, id, { type: 'message', content: 'Hello' }, operation);
      expect(await say()).toMatchObject({ ended: false });
      expect(await say()).toMatchObject({ ended: false });
      expect((await t().claim(id)).pending.inbox).toHaveLength(1);
      expect((await typesOf(t(), user, id)).filter((type) => type === 'agent.message_received')).toHaveLength(1);
    });

    it('takes in only so many messages that wait untaken, and more once they are taken', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const say = (operation?: string) => t().wish(user, id, { type: 'message', content: 'Hello' }, operation);
      for (let n = 1; n <= MOST_UNTAKEN.messages; n++) expect(await say()).toMatchObject({ ended: false });
      const late = randomUUID();
      const before = await typesOf(t(), user, id);
      expect(await say(late)).toBe('full');
      expect(await say(late)).toBe('full');
      expect(await typesOf(t(), user, id)).toEqual(before);
      for (const type of ['pause', 'resume', 'wake'] as const)
        expect(await t().wish(user, id, { type })).toMatchObject({ ended: false });
      const { fence, pending } = await t().claim(id);
      expect(pending.inbox).toHaveLength(MOST_UNTAKEN.messages);
      await t().sessions.save(id, fence, aSave({ inboxTaken: 1 }), []);
      expect(await say(late)).toMatchObject({ ended: false });
      expect(await say(late)).toMatchObject({ ended: false });
      expect(await say()).toBe('full');
      const { inbox } = (await t().claim(id)).pending;
      expect([inbox[0]?.n, inbox.at(-1)?.n]).toEqual([2, MOST_UNTAKEN.messages + 1]);
    });

    it('takes in only so many characters that wait untaken, to the last', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const say = (content: string) => t().wish(user, id, { type: 'message', content });
      const fifth = MOST_UNTAKEN.characters / 5;
      for (let n = 1; n <= 4; n++) await say('x'.repeat(fifth));
      expect(await say('\u{1f600}'.repeat(fifth - 1))).toMatchObject({ ended: false });
      expect(await say('ab')).toBe('full');
      expect(await say('a')).toMatchObject({ ended: false });
      expect(await say('b')).toBe('full');
      const another = await t().session({}, user);
      expect(await t().wish(user, another, { type: 'message', content: 'b' })).toMatchObject({ ended: false });
    });

    it('answers the repeat of a message that was the last to be taken as the first', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const say = (operation?: string) => t().wish(user, id, { type: 'message', content: 'Hello' }, operation);
      for (let n = 1; n < MOST_UNTAKEN.messages; n++) await say();
      const last = randomUUID();
      for (const _ of [1, 2]) expect(await say(last)).toMatchObject({ ended: false });
      expect((await t().claim(id)).pending.inbox).toHaveLength(MOST_UNTAKEN.messages);
    });

    it('journals a message at once, with its text', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().wish(user, id, { type: 'message', content: 'Hello' });
      const events = await t().userSessions.events(user, id, { after: 1, limit: 10 });
      expect(events).toMatchObject([{ seq: 2, type: 'agent.message_received', data: { content: 'Hello' } }]);
    });

    it.each([
      ['a message', { type: 'message', content: 'Hello' }, 'working'],
      ['wake', { type: 'wake' }, 'working'],
      ['pause', { type: 'pause' }, 'paused'],
      ['cancel', { type: 'cancel' }, 'cancelled'],
    ] as const)('makes a sleeper due by %s, and shows it at once', async (_, wish, status) => {
      const { user, id } = await asleep(t());
      const answer = await t().wish(user, id, wish);
      expect(answer).toMatchObject({ ended: false, view: { status, wakeAt: null, sleepReason: null } });
      expect((await t().sweeper.sweep(10_000)).due.map((due) => due.id)).toContain(id);
      const desired = { pause: 'pause', cancel: 'cancel', message: 'run', wake: 'run' }[wish.type];
      expect(await t().claim(id)).toMatchObject({ state: { state: 'sleeping' }, pending: { desired } });
    });

    it.each(['wake', 'pause', 'resume', 'cancel'] as const)('does %s once per operation', async (type) => {
      const { user, id } = await asleep(t());
      const operation = randomUUID();
      await t().wish(user, id, { type }, operation);
      const { fence } = await t().claim(id);
      expect(await t().wish(user, id, { type }, operation)).toMatchObject({ ended: false });
      expect(await t().sessions.save(id, fence, aNight(MIDNIGHT), [])).toMatchObject({ state: 'sleeping' });
    });

    it('refuses an operation that stands for another command, and does nothing', async () => {
      const [user, operation] = [await t().user(), randomUUID()];
      const id = await t().session({}, user);
      const hello = { type: 'message', content: 'Hello' } as const;
      await t().wish(user, id, hello, operation);
      for (const other of [{ ...hello, content: 'Hi' }, { type: 'pause' }] as const)
        expect(await t().wish(user, id, other, operation)).toBe('conflict');
      expect((await t().claim(id)).pending).toMatchObject({ desired: 'run', inbox: [{ n: 1, content: 'Hello' }] });
    });

    it('may be said again under a new operation', async () => {
      const { user, id } = await asleep(t());
      await t().wish(user, id, { type: 'wake' });
      const { fence } = await t().claim(id);
      await t().wish(user, id, { type: 'wake' });
      expect(await t().sessions.save(id, fence, aNight(MIDNIGHT), [])).toMatchObject({ state: 'ready', chain: true });
    });

    it('resumes what was paused', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      expect(await t().wish(user, id, { type: 'pause' })).toMatchObject({ view: { status: 'paused' } });
      await t().rest(id, { state: 'paused', error: null });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'paused' });
      expect(await t().wish(user, id, { type: 'resume' })).toMatchObject({ view: { status: 'working' } });
      expect(await t().claim(id)).toMatchObject({ state: { state: 'paused' }, pending: { desired: 'run' } });
    });

    it('lets a wake be known until an owner that knew it has saved', async () => {
      const { user, id } = await asleep(t());
      for (const type of ['wake', 'pause', 'resume', 'wake'] as const) await t().wish(user, id, { type });
      const first = await t().claim(id);
      expect(first.pending).toMatchObject({ desired: 'run', wakeRequested: true });
      await t().sessions.save(id, first.fence, aSave(), []);
      const second = await t().claim(id);
      expect(second.pending.wakeRequested).toBe(false);
      await t().wish(user, id, { type: 'wake' });
      await t().sessions.save(id, second.fence, aSave(), []);
      expect((await t().claim(id)).pending.wakeRequested).toBe(true);
    });

    it('keeps a wake that found the session paused, for the resume', async () => {
      const { user, id } = await asleep(t());
      for (const type of ['pause', 'wake'] as const) await t().wish(user, id, { type });
      const { fence, pending } = await t().claim(id);
      expect(pending).toMatchObject({ desired: 'pause', wakeRequested: true });
      await t().sessions.save(
        id,
        fence,
        { ...aSave(), suspension: { ...aNight(MIDNIGHT).suspension!, to: { state: 'paused', error: null } as const } },
        [],
      );
      await t().wish(user, id, { type: 'resume' });
      expect((await t().claim(id)).pending).toMatchObject({ desired: 'run', wakeRequested: true });
    });

    it('forgets a wake that the user followed by a pause', async () => {
      const { user, id } = await asleep(t());
      for (const type of ['wake', 'pause', 'resume'] as const) await t().wish(user, id, { type });
      expect((await t().claim(id)).pending).toMatchObject({ desired: 'run', wakeRequested: false });
    });

    it('does not take a cancellation back', async () => {
      const { user, id } = await asleep(t());
      await t().wish(user, id, { type: 'cancel' });
      for (const type of ['resume', 'pause', 'wake'] as const) {
        expect(await t().wish(user, id, { type })).toMatchObject({ view: { status: 'cancelled' } });
      }
      expect((await t().claim(id)).pending.desired).toBe('cancel');
    });

    it('says that a command came too late', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id, { save: anEnd() });
      const before = await typesOf(t(), user, id);
      const late = await t().wish(user, id, { type: 'message', content: 'Wait!' });
      expect(late).toMatchObject({ ended: true, view: { status: 'completed', result: 'Done.' } });
      expect(await typesOf(t(), user, id)).toEqual(before);
    });

    it('answers the repeat of a command that came in time as the first, though the session has ended since', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const operation = randomUUID();
      await t().wish(user, id, { type: 'cancel' }, operation);
      await t().rest(id, ENDED);
      expect(await t().wish(user, id, { type: 'cancel' }, operation)).toMatchObject({ ended: false });
    });

    it('shows the question while it waits, and works once it is answered', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().rest(id, { state: 'waiting', question: 'Which colour?' });
      expect(await t().userSessions.get(user, id)).toMatchObject({
        status: 'waiting_for_input',
        question: 'Which colour?',
      });
      await t().wish(user, id, { type: 'message', content: 'Blue.' });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'working', question: null });
    });

    it('shows when and why a sleeper sleeps, until it is due', async () => {
      const { user, id } = await asleep(t());
      expect(await t().userSessions.get(user, id)).toMatchObject({
        ...{ status: 'sleeping', step: null, wakeAt: MIDNIGHT, sleepReason: 'allowance', outcome: null },
      });
      await t().setNow(MIDNIGHT + 1);
      expect(await t().userSessions.get(user, id)).toMatchObject({
        status: 'working',
        wakeAt: null,
        sleepReason: null,
      });
    });

    it('shows no time when only a user wakes it', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().rest(id, { state: 'exceeded', until: MIDNIGHT });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'budget_exceeded', wakeAt: null });
    });

    it('shows what paused it', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const error = { code: 'escalated', message: 'It fails.' };
      await t().rest(id, { state: 'paused', error });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'paused', error });
    });

    it.each([
      ['completed', 'completed'],
      ['cancelled', 'cancelled'],
      ['failed', 'failed'],
      ['cost_cap_reached', 'failed'],
      ['iteration_limit_reached', 'failed'],
    ] as const)('shows the outcome %s as %s', async (outcome, status) => {
      const user = await t().user();
      const id = await t().session({}, user);
      const error = status === 'failed' ? { code: outcome, message: 'Why.' } : null;
      await t().rest(id, { state: 'ended', outcome, result: null, error });
      expect(await t().userSessions.get(user, id)).toMatchObject({ status, outcome, error, result: null });
    });

    it('removes at once for the user, and keeps the ledger', async () => {
      const { user, id } = await asleep(t());
      expect(await t().userSessions.remove(user, id)).toBe(true);
      expect(await t().userSessions.get(user, id)).toBeNull();
      expect(await t().userSessions.messages(user, id)).toBeNull();
      expect(await t().userSessions.events(user, id, { after: 0, limit: 10 })).toBeNull();
      expect(await t().userSessions.fileList(user, id)).toBeNull();
      expect(await t().wish(user, id, { type: 'wake' })).toBeNull();
      expect((await t().userSessions.list(user, { limit: 10, cursor: null })).data).toEqual([]);
      const range = { from: '2026-11-10', to: '2026-11-10' };
      expect(await t().accounts.usage(user, range, 'session')).toMatchObject([{ key: id, cost: 1_000n }]);
    });

    it('cancels what it removes, whoever owns it', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().userSessions.remove(user, id);
      expect(await t().sessions.heartbeat(id, fence)).toMatchObject({ desired: 'cancel' });
      expect(await t().sessions.save(id, fence, aNight(MIDNIGHT), [])).toMatchObject({ state: 'ready', chain: true });
      expect((await t().claim(id)).pending.desired).toBe('cancel');
    });
  });
