/** Sessions taken out and put in: what every implementation of the Transfer port keeps. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { newId } from '../../lib/ids.ts';
import type { Restored, Snapshot } from '../../lib/ports/index.ts';
import { anEntry } from '../kit/events.ts';
import { aSave, aSession, aSettlement, contract, ENDED, type Factory, once, says } from './harness.ts';

const AT = Date.parse('2026-11-01T09:30:00.123Z');
const MOST = 1_000_000;
const bytes = (text: string) => new TextEncoder().encode(text);

const use = (id: string) => ({ type: 'tool_use', id, name: 'bash', input: { command: 'ls', z: 1, a: [null, 1.5] } });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'a.txt' });

/** A session with a call that has its result and one that has none, a file, and a word of the user that the agent has not seen. */
export const aRestored = (over: Partial<Restored> = {}): Restored => ({
  ...aSession({ goal: 'Write a poem.', maxCost: 5_000_000n, metadata: { b: 1, a: { deep: ['x'] } } }),
  ...{ approvals: ['bash'], resultSchema: { type: 'object', required: [], properties: {} }, offerChoices: true },
  state: { state: 'paused', error: { code: 'imported', message: 'It waits.' } },
  iteration: 2,
  memory: { ...freshMemory(), phase: 'Draft', guard: { ...freshMemory().guard, escalations: 2 } },
  rows: [
    { at: AT, role: 'user', content: says('Write a poem.') },
    { at: AT + 1, role: 'assistant', content: [...says('I look.'), use('tu_1')] },
    { at: AT + 2, role: 'user', content: [result('tu_1')] },
    { at: AT + 3, role: 'assistant', content: [use('tu_2')] },
  ],
  calls: [
    { id: 'tu_1', name: 'bash', messageN: 2, position: 1, started: false, doneAt: AT + 2, input: use('tu_1').input },
    { id: 'tu_2', name: 'bash', messageN: 4, position: 1, started: true, doneAt: null, input: use('tu_2').input },
  ],
  inbox: [{ at: AT + 4, content: 'In rhyme, please.' }],
  journal: [
    { at: AT, iteration: 0, ...anEntry('agent.started') },
    { at: null, iteration: 2, ...anEntry('agent.paused') },
  ],
  received: [
    { path: '/a b.md', bytes: 7 },
    { path: '/gone', bytes: null },
  ],
  files: [{ path: '/a b.md', content: bytes('one\0two'), mode: 0o644, updatedAt: AT + 5 }],
  ...over,
});

export function transferContract(name: string, factory: Factory): void {
  contract(`${name}: transfer`, factory, (t) => {
    const whole = async (userId: string, id: string): Promise<Snapshot> => {
      const found = await t().transfer.read(userId, id, MOST);
      if (!found || !('facts' in found)) throw new Error(`${id} was not read`);
      return found;
    };
    const put = async (userId: string, session: Restored) => {
      const view = await t().transfer.write(userId, session, null);
      if (typeof view === 'string') throw new Error(view);
      return view;
    };

    it('tells the agent what its user had put, and of nothing that it was told already', async () => {
      const userId = await t().user();
      const restored = aRestored();
      const { id } = await put(userId, restored);
      expect((await whole(userId, id)).received).toEqual(restored.received);
      await t().wish(userId, id, { type: 'resume' });
      const { fence, pending } = await t().claim(id);
      expect(pending.received).toEqual({ files: [{ path: '/a b.md', bytes: 7 }], removed: ['/gone'], more: 0 });
      await t().hold(id, fence, 1_000n);
      await t().sessions.settle(id, fence, aSettlement({ filesTold: true }));
      expect((await whole(userId, id)).received).toEqual([]);
    });

    it('reads all that a session is', async () => {
      const { user, session, claim, hold, sessions, wish } = t();
      const userId = await user();
      const id = await session({ system: 'Be brief.', metadata: { a: 1 } }, userId);
      const { fence } = await claim(id);
      await hold(id, fence, 1_000n);
      const calls = [{ id: 'tu_1', name: 'bash', input: { command: 'ls' } }];
      const turns = [{ role: 'assistant' as const, content: [{ type: 'tool_use', ...calls[0] }] }];
      await sessions.settle(id, fence, aSettlement({ turns, calls }));
      await sessions.startTool(id, fence, 'tu_1');
      await wish(userId, id, { type: 'message', content: 'Hello' });
      const open = await whole(userId, id);
      expect(open.calls).toEqual([{ id: 'tu_1', name: 'bash', messageN: 2, position: 1, started: true, doneAt: null }]);
      expect(open.inbox.map(({ content }) => content)).toEqual(['Hello']);
      const files = [
        { path: '/b', content: bytes('b'), mode: 0o755 },
        { path: '/a', content: Uint8Array.of(0, 255), mode: 0o644 },
      ];
      await sessions.save(id, fence, aSave({ turn: [result('tu_1')], inboxTaken: 1 }), files);
      const read = await whole(userId, id);
      expect(read).toMatchObject({ iteration: 1, cost: 1_000n, desired: 'run', state: { state: 'ready' }, inbox: [] });
      expect(read.facts).toMatchObject({ id, system: 'Be brief.', maxCost: null, metadata: { a: 1 } });
      expect(read.rows.map(({ n, role }) => [n, role])).toEqual([
        [1, 'user'],
        [2, 'assistant'],
        [3, 'user'],
      ]);
      expect(read.calls[0]?.doneAt).toEqual(expect.any(Number));
      expect(read.files.map(({ path, mode, content }) => [path, mode, [...content]])).toEqual([
        ['/a', 0o644, [0, 255]],
        ['/b', 0o755, [98]],
      ]);
      expect(read.ledger).toMatchObject([{ iteration: 1, model: 'claude-haiku-5-5', class: 'settled', cost: 1_000n }]);
      expect(read.journal.map(({ seq }) => seq)).toEqual(read.journal.map((_, i) => i + 1));
      expect(read.memory).toEqual(freshMemory());
      for (const { at } of [...read.rows, ...read.journal, ...read.ledger]) expect(at).toEqual(expect.any(Number));
    });

    it('shows nobody else’s, none that was removed, and nothing of what is too large', async () => {
      const { user, session, transfer, userSessions } = t();
      const userId = await user();
      const id = await session({ goal: 'x'.repeat(2_000) }, userId);
      expect(await transfer.read(await user(), id, MOST)).toBeNull();
      expect(await transfer.read(userId, newId('ses'), MOST)).toBeNull();
      const refused = await transfer.read(userId, id, 1_000);
      expect(Object.keys(refused ?? {})).toEqual(['bytes']);
      await userSessions.remove(userId, id);
      expect(await transfer.read(userId, id, MOST)).toBeNull();
    });

    it('gives back what was put in', async () => {
      const userId = await t().user();
      const session = aRestored();
      await put(userId, session);
      const { facts, rows, calls, journal, files, ...read } = await whole(userId, session.id);
      const { state, iteration, memory } = session;
      expect(read).toMatchObject({ state, iteration, memory, cost: 0n, desired: 'run', ledger: [] });
      const { createdAt: _, ...same } = facts;
      const {
        goal,
        agent,
        model,
        tier,
        system,
        onEndTurn,
        maxIterations,
        maxCost,
        metadata,
        ladder,
        share,
        effort,
        maxOutputTokens,
        tools,
        web,
        mcp,
        memoryName,
        approvals,
        resultSchema,
        offerChoices,
      } = session;
      const given = {
        goal,
        agent,
        model,
        tier,
        system,
        onEndTurn,
        maxIterations,
        maxCost,
        metadata,
        ladder,
        share,
        effort,
        maxOutputTokens,
        tools,
        web,
        mcp,
        memoryName,
        approvals,
        resultSchema,
        offerChoices,
      };
      expect(same).toEqual({ id: session.id, ...given });
      // Byte for byte: what the provider has cached is found again only so.
      const contents = (of: { content: unknown }[]) => JSON.stringify(of.map(({ content }) => content));
      expect(contents(rows)).toBe(contents(session.rows));
      expect(calls.map(({ id, started, doneAt }) => [id, started, doneAt === null])).toEqual([
        ['tu_1', false, false],
        ['tu_2', true, true],
      ]);
      expect(read.inbox.map(({ content }) => content)).toEqual(['In rhyme, please.']);
      expect(journal.map(({ at: _, ...entry }) => entry)).toEqual([
        { seq: 1, iteration: 0, ...anEntry('agent.started') },
        { seq: 2, iteration: 2, ...anEntry('agent.paused') },
      ]);
      expect(files).toEqual(session.files);
    });

    it('puts it in at rest: nothing moves until the user says so, and nothing was spent', async () => {
      const { user, sessions, sweeper, wish, claim, accounts } = t();
      const userId = await user();
      const session = aRestored();
      const view = await put(userId, session);
      expect(view).toMatchObject({ id: session.id, status: 'paused', iterationNumber: 2, cost: 0n, wakeAt: null });
      expect(view).toMatchObject({ error: { code: 'imported' }, currentPhase: 'Draft', completedAt: null });
      expect(await sessions.claim(session.id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
      expect((await sweeper.sweep(1_000)).due.map(({ id }) => id)).not.toContain(session.id);
      expect((await accounts.budget(userId)).day).toMatchObject({ spent: 0n, held: 0n });
      await wish(userId, session.id, { type: 'resume' });
      const claimed = await claim(session.id);
      expect(claimed).toMatchObject({ fence: 1, iteration: 2, cost: 0n, state: session.state, memory: session.memory });
      expect(claimed.history).toHaveLength(4);
      expect(claimed.calls).toMatchObject([{ id: 'tu_2', startedBy: 0 }]);
      expect(claimed.pending.inbox).toEqual([{ n: 1, content: 'In rhyme, please.' }]);
      expect(await sessions.files(session.id)).toMatchObject([{ path: '/a b.md' }]);
    });

    it('keeps a question and an end', async () => {
      const { user, sessions } = t();
      const userId = await user();
      const asks = await put(userId, aRestored({ state: { state: 'waiting', question: 'Which?' }, inbox: [] }));
      expect(asks).toMatchObject({ status: 'waiting_for_input', question: 'Which?' });
      const done = await put(userId, aRestored({ state: ENDED }));
      expect(done).toMatchObject({ status: 'completed', result: 'Done.', completedAt: expect.any(Number) });
      expect(await sessions.claim(done.id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
    });

    it('goes on from there: numbers, files and money continue as in any session', async () => {
      const { user, wish, claim, hold, sessions, accounts } = t();
      const userId = await user();
      const session = aRestored({ inbox: [], state: { state: 'waiting', question: null } });
      await put(userId, session);
      await wish(userId, session.id, { type: 'wake' });
      const { fence } = await claim(session.id);
      const files = [{ path: '/a b.md', content: bytes('new'), mode: 0o644 }];
      await sessions.save(session.id, fence, aSave({ turn: [result('tu_2')] }), files);
      const next = await claim(session.id);
      await hold(session.id, next.fence, 2_000n);
      await sessions.settle(session.id, next.fence, aSettlement({ cost: 1_500n }));
      const read = await whole(userId, session.id);
      expect(read.rows.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(read).toMatchObject({ iteration: 3, cost: 1_500n });
      expect(read.ledger).toMatchObject([{ cost: 1_500n, iteration: 3 }]);
      expect(read.files.map(({ content }) => new TextDecoder().decode(content))).toEqual(['new']);
      expect(read.journal.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect((await accounts.budget(userId)).day.spent).toBe(1_500n);
    });

    it('puts in once per key, and refuses the key for another file', async () => {
      const { user, transfer, userSessions } = t();
      const userId = await user();
      const unique = once('file-1');
      const first = await transfer.write(userId, aRestored(), unique);
      expect(await transfer.write(userId, aRestored(), unique)).toEqual(first);
      expect(await transfer.write(userId, aRestored(), { ...unique, fingerprint: 'file-2' })).toBe('conflict');
      expect((await userSessions.list(userId, { limit: 10, cursor: null })).data).toHaveLength(1);
      expect(await transfer.write(await user(), aRestored(), unique)).not.toBe('conflict');
    });

    it('puts in no more than a user may have that have not ended; what has ended does not count', async () => {
      const { user, transfer } = t();
      const userId = await user();
      const unique = once('file-1');
      const write = (session: Restored, key = once()) => transfer.write(userId, session, key, 2);
      const answers = await Promise.all([write(aRestored()), write(aRestored()), write(aRestored())]);
      expect(answers.filter((answer) => answer === 'full')).toHaveLength(1);
      expect(await write(aRestored(), unique)).toBe('full');
      expect(await write(aRestored({ state: ENDED }))).toMatchObject({ status: 'completed' });
      const kept = aRestored();
      expect(await transfer.write(userId, kept, unique, 3)).toMatchObject({ id: kept.id });
      expect(await write(aRestored(), unique)).toMatchObject({ id: kept.id });
    });

    it('repeats blindly by its id', async () => {
      const userId = await t().user();
      const session = aRestored();
      expect(await put(userId, session)).toEqual(await put(userId, session));
    });
  });
}
