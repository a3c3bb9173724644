/** What `Sessions.save` and the workspace promise (R2, R4, R5; G5, G7–G9). */

import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { anEntry } from '../kit/events.ts';
import { aNight, anEnd, aSave, aSettlement, contract, ENDED, type Factory, MIDNIGHT, START, says } from './harness.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (content: Uint8Array | null) => content && new TextDecoder().decode(content);

export const saveContract = (name: string, factory: Factory) =>
  contract(`${name}: save`, factory, (t) => {
    it('appends the observations and is due again', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      const calls = [{ id: 'call', name: 'bash', input: {} }];
      await t().sessions.settle(id, fence, aSettlement({ calls }));
      const turn = [{ type: 'tool_result', tool_use_id: 'call', content: 'ok' }];
      const journal = [anEntry('agent.tool.result')];
      const saved = await t().sessions.save(id, fence, aSave({ turn, journal }), []);
      expect(saved).toMatchObject({ state: 'ready', chain: true });
      const next = await t().claim(id);
      expect(next.calls).toEqual([]);
      expect(next.history.at(-1)).toEqual({ n: 3, role: 'user', content: turn });
    });

    it('frees the session at once', async () => {
      const id = await t().session();
      await t().iterate(id);
      expect((await t().claim(id)).fence).toBe(2);
    });

    it('answers a repeat the same and changes nothing', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      const save = aSave({ turn: says('Go on.'), journal: [anEntry('agent.text')] });
      const first = await t().sessions.save(id, fence, save, []);
      expect(await t().sessions.save(id, fence, save, [])).toEqual(first);
      expect((await t().userSessions.messages(user, id))?.data).toHaveLength(2);
      const events = await t().userSessions.events(user, id, { after: 0, limit: 100 });
      expect(events?.filter(({ type }) => type === 'agent.text')).toHaveLength(1);
    });

    it('answers a repeat even when the next owner is at work', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().sessions.save(id, fence, aSave({ turn: says('Go on.') }), []);
      const next = await t().claim(id);
      expect(await t().sessions.save(id, fence, aSave({ turn: says('Go on.') }), [])).toMatchObject({ state: 'ready' });
      expect((await t().userSessions.messages(user, id))?.data).toHaveLength(2);
      expect(await t().sessions.heartbeat(id, next.fence)).toMatchObject({ desired: 'run' });
    });

    it('is not due before the time that the save names', async () => {
      const id = await t().session();
      const saved = await t().iterate(id, { save: aSave({ due: START + 600_000 }) });
      expect(saved).toMatchObject({ state: 'ready', due: START + 600_000, chain: false });
    });

    it('keeps the memory of what came true', async () => {
      const id = await t().session();
      const memory = { ...freshMemory(), failures: 3, phase: 'planning' };
      await t().iterate(id, { save: aSave({ memory }) });
      expect((await t().claim(id)).memory).toEqual(memory);
    });

    it('sleeps, with its own memory and journal', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const night = aNight(MIDNIGHT);
      night.suspension!.memory.rested = { reason: 'allowance', since: START };
      const saved = await t().iterate(id, { save: night });
      expect(saved).toMatchObject({ state: 'sleeping', due: MIDNIGHT, chain: false });
      expect(saved.view).toMatchObject({ sessionId: id, userId: user, wakeAt: MIDNIGHT, fence: 1 });
      const events = await t().userSessions.events(user, id, { after: 0, limit: 100 });
      expect(events?.at(-1)?.type).toBe('agent.sleeping');
      expect(saved.view).toMatchObject({ seq: events?.at(-1)?.seq, cost: 1_000n, due: MIDNIGHT });
      expect(saved.view.day).toMatchObject({ date: '2026-11-10', spent: 1_000n, held: 0n, allowance: 1_000_000n });
      await t().setNow(MIDNIGHT + 1);
      expect((await t().claim(id)).memory).toEqual(night.suspension!.memory);
    });

    it('ends, and never moves again', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const saved = await t().iterate(id, { save: anEnd() });
      expect(saved).toMatchObject({ state: 'ended', chain: false, view: { wakeAt: null } });
      expect(await t().userSessions.get(user, id)).toMatchObject({
        status: 'completed',
        outcome: 'completed',
        result: 'Done.',
      });
    });

    it.each([
      ['a message', { type: 'message', content: 'Wait!' }],
      ['a pause', { type: 'pause' }],
      ['a wake-up', { type: 'wake' }],
    ] as const)('does not rest when %s came after the claim', async (_, wish) => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().wish(user, id, wish);
      const saved = await t().sessions.save(id, fence, anEnd(), []);
      expect(saved).toMatchObject({ state: 'ready', chain: true });
      const events = await t().userSessions.events(user, id, { after: 0, limit: 100 });
      expect(events?.map(({ type }) => type)).not.toContain('agent.completed');
      const next = await t().claim(id);
      expect(next.pending.desired).toBe(wish.type === 'pause' ? 'pause' : 'run');
      expect(await t().sessions.save(id, next.fence, anEnd(), [])).toMatchObject({ state: 'ended' });
    });

    it('counts what a heartbeat or a settlement told as unseen', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      await t().wish(user, id, { type: 'message', content: 'Wait!' });
      const told = { desired: 'run', wakeRequested: false, inbox: [{ n: 1, content: 'Wait!' }] };
      expect(await t().sessions.heartbeat(id, fence)).toEqual(told);
      expect((await t().sessions.settle(id, fence, aSettlement({ cost: 10n }))).pending).toEqual(told);
      expect(await t().sessions.save(id, fence, anEnd(), [])).toMatchObject({ state: 'ready', chain: true });
    });

    it('does not rest when a top-up came after the claim', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().topUp(user, 1_000_000n);
      expect(await t().sessions.save(id, fence, aNight(MIDNIGHT), [])).toMatchObject({ state: 'ready', chain: true });
    });

    it('is ready after a settled reply, though it slept before', async () => {
      const id = await t().session();
      await t().rest(id, { state: 'sleeping', until: START, reason: 'agent' }, START);
      const { fence, state } = await t().claim(id);
      expect(state).toMatchObject({ state: 'sleeping' });
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 10n }));
      await t().expireLease(id);
      expect((await t().claim(id)).state).toEqual({ state: 'ready' });
    });

    it.each([
      { state: 'sleeping', until: MIDNIGHT, reason: 'session_cap' },
      { state: 'waiting', question: 'Which colour?' },
      { state: 'waiting', question: null },
      { state: 'paused', error: { code: 'escalated', message: 'It fails.' } },
      { state: 'exceeded', until: MIDNIGHT },
    ] as const)('brings back what it rested in: $state', async (state) => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().rest(id, state);
      await t().wish(user, id, { type: 'wake' });
      expect((await t().claim(id)).state).toEqual(state);
    });

    it('keeps files, byte for byte, and forgets the removed ones', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
      const files = [
        { path: '/b.bin', content: binary, mode: 0o600 },
        { path: '/a.txt', content: bytes('one'), mode: 0o644 },
        { path: '/empty', content: bytes(''), mode: 0o644 },
      ];
      await t().iterate(id, { files });
      const kept = await t().sessions.files(id);
      expect(kept.map(({ path }) => path).sort()).toEqual(['/a.txt', '/b.bin', '/empty']);
      expect([...kept.find(({ path }) => path === '/b.bin')!.content]).toEqual([...binary]);
      expect(kept.find(({ path }) => path === '/b.bin')?.mode).toBe(0o600);
      const changes = [
        { path: '/a.txt', content: bytes('two'), mode: 0o755 },
        { path: '/b.bin', content: null, mode: 0 },
      ];
      await t().iterate(id, { files: changes });
      expect(
        (await t().userSessions.fileList(user, id))?.data.map(({ path, bytes, mode }) => [path, bytes, mode]),
      ).toEqual([
        ['/a.txt', 3, 0o755],
        ['/empty', 0, 0o644],
      ]);
      expect(textOf(await t().userSessions.file(user, id, '/a.txt'))).toBe('two');
      expect(textOf(await t().userSessions.file(user, id, '/empty'))).toBe('');
      expect(await t().userSessions.file(user, id, '/b.bin')).toBeNull();
    });

    it('writes no file of an owner that has lost its fence', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().expireLease(id);
      await t().claim(id);
      const late = t().sessions.save(id, fence, aSave(), [{ path: '/late', content: bytes('x'), mode: 0o644 }]);
      await expect(late).rejects.toThrow('fence');
      expect(await t().sessions.files(id)).toEqual([]);
    });

    it('numbers the journal without a gap and keeps its data', async () => {
      const user = await t().user();
      const id = await t().session({}, user);
      await t().iterate(id);
      await t().wish(user, id, { type: 'message', content: 'Hello' });
      await t().iterate(id);
      await t().iterate(id, { save: aSave({ suspension: { to: ENDED, due: 0, memory: freshMemory(), journal: [] } }) });
      const events = await t().userSessions.events(user, id, { after: 0, limit: 1_000 });
      expect(events?.map(({ seq }) => seq)).toEqual(events?.map((_, i) => i + 1));
      expect(events?.[0]?.type).toBe('agent.started');
      expect(events?.filter(({ type }) => type === 'agent.text').map(({ data }) => data)).toEqual(
        Array(3).fill({ text: 'Done.' }),
      );
      expect(events?.every(({ at }) => Math.abs(at - START) < 60_000)).toBe(true);
    });
  });
