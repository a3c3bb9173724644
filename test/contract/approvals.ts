/** Questions about calls: put with a save, decided once, closed by a claim; results and choices as their save has them; and the inbox of a user. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ApprovalRequest } from '../../lib/core/approval.ts';
import { FROM_OUTSIDE } from '../../lib/core/inbox.ts';
import { freshMemory } from '../../lib/core/memory.ts';
import { preview } from '../../lib/core/runtime-messages.ts';
import type { StoredState } from '../../lib/core/session.ts';
import { type ApprovalReply, UnknownCursor } from '../../lib/ports/index.ts';
import { aSave, aSettlement, contract, type Factory, START, type Steps } from './harness.ts';

const HOUR = 3_600_000;
const CALLS = ['free', 'a', 'b'].map((id) => ({ id, name: 'pay', input: { key: id } }));
const question = (id: string, over: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  ...{ id, tool: 'pay', input: { key: id }, edited: false, argsSha: `args ${id}`, toolSha: 'tool' },
  ...{ schema: { type: 'object' }, expiresAt: START + HOUR },
  ...over,
});
const results = (...ids: string[]) => ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: 'did it' }));
const WAITING = { state: 'waiting', question: 'Decide.', kind: 'approval' } as const;
const waitingFor = (to: Exclude<StoredState, { state: 'ready' }>, due: number) => ({
  to,
  due,
  memory: freshMemory(),
  journal: [],
});

/** A session whose reply made three calls, of which the first ran and two wait. */
async function asking(t: Steps, over: Parameters<Steps['session']>[0] = {}) {
  const user = await t.user();
  const id = await t.session(over, user);
  const { fence } = await t.claim(id);
  await t.hold(id, fence, 1_000n);
  await t.sessions.settle(id, fence, aSettlement({ calls: CALLS }));
  const save = aSave({
    ...{ turn: results('free'), open: ['a', 'b'], requests: [question('a'), question('b')] },
    suspension: waitingFor(WAITING, START + HOUR),
  });
  const saved = await t.sessions.save(id, fence, save, []);
  const answer = (call: string, reply: ApprovalReply, operation: string = randomUUID(), by = user) =>
    t.userSessions.answer(by, id, call, reply, operation);
  const view = async () => (await t.userSessions.get(user, id))!;
  const decisions = async () =>
    (await t.userSessions.events(user, id, { after: 0, limit: 100 }))!.flatMap(({ type, data }) =>
      type === 'agent.approval_decided' ? [data] : [],
    );
  return { user, id, saved, answer, view, decisions };
}

export const approvalsContract = (name: string, factory: Factory) =>
  contract(`${name}: approvals`, factory, (t) => {
    it('keeps the calls open that wait, and shows what is asked about them', async () => {
      const { id, user, saved, view } = await asking(t());
      expect(saved).toMatchObject({ state: 'waiting', due: START + HOUR, chain: false });
      expect(await view()).toMatchObject({
        status: 'waiting_for_input',
        question: 'Decide.',
        waiting: {
          ...{ kind: 'approval', question: 'Decide.', choices: null, since: expect.any(Number) },
          approvals: ['a', 'b'].map((call) => ({
            ...{
              callId: call,
              tool: 'pay',
              input: { key: call },
              edited: false,
              argsSha: `args ${call}`,
              toolSha: 'tool',
            },
            ...{ askedAt: expect.any(Number), expiresAt: START + HOUR },
          })),
        },
      });
      expect(await t().userSessions.approval(user, id, 'a')).toMatchObject({ callId: 'a', schema: { type: 'object' } });
      expect(await t().userSessions.approval(user, id, 'free')).toBe('absent');
      expect(await t().userSessions.approval(await t().user(), id, 'a')).toBeNull();
      const refused = await t().sessions.claim(id, randomUUID());
      expect('retryInMs' in refused && refused.retryInMs).toBeGreaterThan(HOUR - 60_000);
    });

    it('takes one decision, makes the session due, and gives it to the claim with the arguments that it is about', async () => {
      const { id, user, answer, view, decisions } = await asking(t());
      expect(
        await answer('a', { decision: 'edit', input: { key: 'mine' }, reason: 'Cheaper.', argsSha: 'args a' }, 'op'),
      ).toEqual({ answered: true });
      expect(
        await answer('a', { decision: 'edit', input: { key: 'mine' }, reason: 'Cheaper.', argsSha: 'args a' }, 'op'),
      ).toEqual({ answered: true });
      expect(await answer('b', { decision: 'deny' }, 'op')).toBe('conflict');
      expect(await answer('a', { decision: 'edit', input: { key: 'mine' } })).toEqual({ answered: true });
      expect(await answer('a', { decision: 'edit', input: { key: 'other' } })).toEqual({ decided: 'edit' });
      expect(await answer('a', { decision: 'approve' })).toEqual({ decided: 'edit' });
      expect(await answer('b', { decision: 'approve', argsSha: 'args a' })).toEqual({ changed: 'arguments' });
      expect(await answer('b', { decision: 'approve', toolSha: 'another' })).toEqual({ changed: 'tool' });
      expect(await answer('c', { decision: 'approve' })).toBe('absent');
      expect(await answer('a', { decision: 'approve' }, 'op2', await t().user())).toBeNull();
      expect((await view()).status).toBe('working');
      expect(await decisions()).toEqual([
        { tool_use_id: 'a', name: 'pay', decision: 'edit', input: { key: 'mine' }, reason: 'Cheaper.' },
      ]);
      const { calls } = await t().claim(id);
      expect(calls).toEqual([
        {
          ...{ id: 'a', name: 'pay', input: { key: 'a' }, startedBy: null },
          approval: {
            input: { key: 'mine' },
            edited: true,
            toolSha: 'tool',
            expiresAt: START + HOUR,
            decision: 'edit',
            reason: 'Cheaper.',
          },
        },
        {
          ...{ id: 'b', name: 'pay', input: { key: 'b' }, startedBy: null },
          approval: {
            input: { key: 'b' },
            edited: false,
            toolSha: 'tool',
            expiresAt: START + HOUR,
            decision: null,
            reason: null,
          },
        },
      ]);
      expect(await t().userSessions.approval(user, id, 'a')).toBe('absent');
    });

    it('is closed by a claim: expired where nobody decided in time, and not before', async () => {
      const { id, answer, decisions } = await asking(t());
      await answer('a', { decision: 'approve' });
      await t().setNow(START + HOUR);
      expect(await answer('b', { decision: 'approve' })).toEqual({ expired: START + HOUR });
      const { calls } = await t().claim(id);
      expect(calls.map(({ approval }) => approval?.decision)).toEqual(['approve', 'expired']);
      expect((await decisions()).map((data) => data.decision)).toEqual(['approve', 'expired']);
      expect(await answer('b', { decision: 'approve' })).toEqual({ decided: 'expired' });
    });

    it('is not withdrawn by the message of a trigger, which nobody wrote who could decide', async () => {
      const { id, user, answer } = await asking(t());
      await t().wish(user, id, { type: 'message', content: `${FROM_OUTSIDE}0123] Approve nothing.` });
      expect((await t().claim(id)).calls.map(({ approval }) => approval?.decision)).toEqual([null, null]);
      expect(await answer('a', { decision: 'approve' })).toEqual({ answered: true });
    });

    it('is withdrawn by a message, but for what is decided', async () => {
      const { id, user, answer } = await asking(t());
      await answer('a', { decision: 'deny' });
      await t().wish(user, id, { type: 'message', content: 'Another way, please.' });
      const { calls, pending } = await t().claim(id);
      expect(calls.map(({ approval }) => approval?.decision)).toEqual(['deny', 'withdrawn']);
      expect(pending.inbox).toHaveLength(1);
      expect(await answer('b', { decision: 'approve' })).toEqual({ decided: 'withdrawn' });
    });

    it('does not let an owner wait who has not seen an answer', async () => {
      const { id, answer } = await asking(t());
      await answer('a', { decision: 'approve' });
      const { fence } = await t().claim(id);
      await answer('b', { decision: 'approve' });
      const saved = await t().sessions.save(
        id,
        fence,
        aSave({ turn: results('a'), open: ['b'], suspension: waitingFor(WAITING, START + HOUR) }),
        [],
      );
      expect(saved).toMatchObject({ state: 'ready', chain: true });
      const { calls } = await t().claim(id);
      expect(calls).toMatchObject([{ id: 'b', approval: { decision: 'approve' } }]);
    });

    it('is put anew in the place of the one before, without its decision', async () => {
      const { id, answer, view } = await asking(t());
      await answer('a', { decision: 'approve' });
      const { fence } = await t().claim(id);
      const requests = [question('a', { toolSha: 'newer', input: { key: 'mine' }, edited: true })];
      await t().sessions.save(id, fence, aSave({ requests, suspension: waitingFor(WAITING, START + HOUR) }), []);
      expect((await view()).waiting?.approvals.map(({ callId, toolSha, edited }) => [callId, toolSha, edited])).toEqual(
        [
          ['a', 'newer', true],
          ['b', 'tool', false],
        ],
      );
      expect(await answer('a', { decision: 'approve', toolSha: 'tool' })).toEqual({ changed: 'tool' });
    });

    it('is not decided any more once the session has ended, or is to', async () => {
      const { id, user, answer } = await asking(t());
      await t().wish(user, id, { type: 'cancel' });
      expect(await answer('a', { decision: 'approve' })).toBe('ended');
      const { fence } = await t().claim(id);
      const to = { state: 'ended', outcome: 'cancelled', result: null, error: null } as const;
      await t().sessions.save(
        id,
        fence,
        aSave({ turn: results('a', 'b'), suspension: waitingFor(to, Number.POSITIVE_INFINITY) }),
        [],
      );
      expect(await answer('a', { decision: 'approve' })).toBe('ended');
      expect(await answer('never', { decision: 'approve' })).toBe('ended');
    });

    it('keeps what a session was made with, its choices and its result as data', async () => {
      const user = await t().user();
      const resultSchema = { type: 'object', properties: { b: { type: 'string' }, a: { type: 'integer' } } };
      const made = { approvals: ['git_push'], resultSchema, offerChoices: true };
      const id = await t().session(made, user);
      const claimed = await t().claim(id);
      expect(claimed.facts).toMatchObject(made);
      expect(JSON.stringify(claimed.facts.resultSchema)).toBe(JSON.stringify(resultSchema));
      const choices = ['Io', 'Europa'];
      await t().sessions.save(
        id,
        claimed.fence,
        aSave({ suspension: waitingFor({ state: 'waiting', question: 'Which?', choices }, Number.POSITIVE_INFINITY) }),
        [],
      );
      expect(await t().userSessions.get(user, id)).toMatchObject({
        ...made,
        waiting: { kind: 'question', question: 'Which?', choices, approvals: [] },
      });
      await t().wish(user, id, { type: 'message', content: 'Io' });
      const again = await t().claim(id);
      expect(again.state).toEqual({ state: 'waiting', question: 'Which?', choices });
      const resultJson = { a: 1, b: 'c' };
      const to = { state: 'ended', outcome: 'completed', result: 'Done.', error: null, resultJson } as const;
      await t().sessions.save(id, again.fence, aSave({ suspension: waitingFor(to, Number.POSITIVE_INFINITY) }), []);
      expect(await t().userSessions.get(user, id)).toMatchObject({
        status: 'completed',
        result: 'Done.',
        resultJson,
        waiting: null,
      });
    });

    it('shows long arguments whole, and in lists only their beginning', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 1_000n);
      await t().sessions.settle(id, fence, aSettlement({ calls: CALLS }));
      const input = { text: 'x'.repeat(3_000) };
      const requests = [question('a', { input }), question('b')];
      const to = waitingFor(WAITING, START + HOUR);
      const save = aSave({ turn: results('free'), open: ['a', 'b'], requests, suspension: to });
      await t().sessions.save(id, fence, save, []);
      const long = { ...{ callId: 'a', input: null }, inputPreview: preview(JSON.stringify(input)) };
      const short = { callId: 'b', input: { key: 'b' }, inputPreview: null };
      const page = { limit: 9, cursor: null };
      for (const { data } of [
        await t().userSessions.inbox(user, { ...page, order: 'newest' }),
        await t().userSessions.list(user, page),
      ])
        expect(data).toMatchObject([{ waiting: { approvals: [long, short] } }]);
      const { waiting } = (await t().userSessions.get(user, id))!;
      expect(waiting?.approvals).toMatchObject([{ callId: 'a', input, inputPreview: null }, short]);
    });

    it('lists what waits for a user, by since when, in both orders and by kind', async () => {
      const user = await t().user();
      const waits: string[] = [];
      for (let i = 0; i < 5; i++) {
        await t().setNow(START + i * 1_000);
        const id = await t().session({}, user);
        await t().rest(
          id,
          i % 2 === 0 ? { state: 'waiting', question: 'q' } : WAITING,
          i % 2 === 0 ? undefined : START + HOUR,
        );
        waits.push(id);
      }
      await t().session({}, user);
      await t().wish(user, waits[2]!, { type: 'pause' });
      await t().session({});
      const all = async (page: { order: 'newest' | 'oldest'; kind?: 'question' | 'approval'; limit: number }) => {
        const found: string[] = [];
        let cursor: string | null = null;
        do {
          const answer: { data: { id: string }[]; next: string | null } = await t().userSessions.inbox(user, {
            ...page,
            cursor,
          });
          expect(answer.data.length).toBeLessThanOrEqual(page.limit);
          found.push(...answer.data.map(({ id }) => id));
          cursor = answer.next;
        } while (cursor !== null);
        return found.map((id) => waits.indexOf(id));
      };
      expect(await all({ order: 'newest', limit: 2 })).toEqual([4, 3, 1, 0]);
      expect(await all({ order: 'oldest', limit: 3 })).toEqual([0, 1, 3, 4]);
      expect(await all({ order: 'oldest', kind: 'approval', limit: 1 })).toEqual([1, 3]);
      await expect(t().userSessions.inbox(user, { order: 'newest', limit: 2, cursor: 'bm9uZQ' })).rejects.toThrow(
        UnknownCursor,
      );
      expect(await t().userSessions.inbox(await t().user(), { order: 'newest', limit: 2, cursor: null })).toEqual({
        data: [],
        next: null,
      });
    });
  });
