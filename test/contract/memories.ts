/** The shared memories of a user: who writes first is never overwritten unseen, and memory and session are saved together or not at all. */
import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { type EntryWrite, FenceLost, type MemoryChange, MemoryMoved } from '../../lib/ports/index.ts';
import { anEnd, aSave, aSession, contract, type Factory, type Steps } from './harness.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const tag = (text: string) => createHash('sha256').update(text).digest('hex');

async function desk(t: Steps) {
  const user = await t.user();
  const start = () => t.session({ memoryName: 'team' }, user);
  const put = (path: string, text: string | null, more: Partial<EntryWrite> = {}, operation: string = randomUUID()) =>
    t.memories.write(user, 'team', { path, content: text === null ? null : bytes(text), ...more }, operation);
  const shown = async () => {
    const entries = (await t.memories.entries(user, 'team')) ?? [];
    const texts = entries.map(async ({ path }) => [
      path,
      new TextDecoder().decode((await t.memories.entry(user, 'team', path)) ?? undefined),
    ]);
    return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
  };
  return { user, start, put, shown };
}

const change = (sessionId: string, path: string, text: string | null): MemoryChange => ({
  ...{ path, sessionId, source: path.startsWith('untrusted/') ? 'untrusted' : 'agent' },
  content: text === null ? null : bytes(text),
});

export function memoriesContract(name: string, factory: Factory): void {
  contract(`${name}: shared memories`, factory, (t) => {
    it('a save writes its entries with all else, and the next claim of another session has them', async () => {
      const { user, start, shown } = await desk(t());
      const [ann, bob] = [await start(), await start()];
      const { fence, shared } = await t().claim(ann);
      expect(shared).toEqual({ revision: 0, entries: [] });
      const changes = [change(ann, 'b.md', 'two'), change(ann, 'untrusted/a.md', 'one')];
      const file = { path: '/own', content: bytes('x'), mode: 0o644 };
      await t().sessions.save(ann, fence, aSave(), [file], { revision: 0, changes });
      // A blind retry, as it was sent.
      await t().sessions.save(ann, fence, aSave(), [file], { revision: 0, changes });
      const claim = await t().claim(bob);
      const at = { updatedAt: expect.any(Number), sessionId: ann, version: claim.shared!.revision };
      expect(claim.shared!.entries).toEqual([
        { path: 'b.md', bytes: 3, source: 'agent', ...at },
        { path: 'untrusted/a.md', bytes: 3, source: 'untrusted', ...at },
      ]);
      expect(claim.facts.memoryName).toBe('team');
      expect(await t().memories.entries(user, 'team')).toEqual(claim.shared!.entries);
      const loaded = await t().sessions.memory(bob);
      expect(loaded.entries.map(({ content }) => new TextDecoder().decode(content))).toEqual(['two', 'one']);
      expect(loaded.revision).toBe(claim.shared!.revision);
      expect(await shown()).toEqual({ 'b.md': 'two', 'untrusted/a.md': 'one' });
      expect((await t().sessions.files(ann)).map(({ path }) => path)).toEqual(['/own']);
      expect((await t().userSessions.get(user, ann))?.memoryName).toBe('team');
    });

    it('a session that names none has none', async () => {
      const { fence, shared, facts } = await t().claim(await t().session());
      expect([fence, shared, facts.memoryName]).toEqual([1, null, null]);
    });

    it('of two sessions that save at once the later one saves nothing, and may save again for what is there now', async () => {
      const { user, start, shown } = await desk(t());
      const [ann, bob] = [await start(), await start()];
      const [first, second] = [await t().claim(ann), await t().claim(bob)];
      const saves = [
        [ann, first.fence],
        [bob, second.fence],
      ] as const;
      const answers = await Promise.allSettled(
        saves.map(([id, fence]) =>
          t().sessions.save(id, fence, anEnd(), [{ path: `/${id}`, content: bytes('x'), mode: 0o644 }], {
            ...{ revision: 0, changes: [change(id, 'same.md', id)] },
          }),
        ),
      );
      const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      expect(lost).toEqual([expect.any(MemoryMoved)]);
      const loser = saves[answers.findIndex(({ status }) => status === 'rejected')]!;
      const winner = saves.find((save) => save !== loser)!;
      expect(await shown()).toEqual({ 'same.md': winner[0] });
      expect(await t().sessions.files(loser[0])).toEqual([]);
      expect((await t().userSessions.get(user, loser[0]))?.status).toBe('working');
      const { revision } = await t().sessions.memory(loser[0]);
      await t().sessions.save(...loser, anEnd(), [], { revision, changes: [change(loser[0], 'other.md', 'mine')] });
      expect(await shown()).toEqual({ 'same.md': winner[0], 'other.md': 'mine' });
      expect((await t().userSessions.get(user, loser[0]))?.status).toBe('completed');
    });

    it('an owner that has lost its session writes nothing to the memory', async () => {
      const { start, shown } = await desk(t());
      const ann = await start();
      const { fence } = await t().claim(ann);
      await t().expireLease(ann);
      await t().claim(ann);
      const save = t().sessions.save(ann, fence, aSave({ memory: freshMemory() }), [], {
        ...{ revision: 0, changes: [change(ann, 'a.md', 'late')] },
      });
      await expect(save).rejects.toThrow(FenceLost);
      expect(await shown()).toEqual({});
    });

    it('a memory that was removed and made anew is not taken for the one before', async () => {
      const { user, start, put, shown } = await desk(t());
      const ann = await start();
      await put('a.md', 'old');
      const { fence, shared } = await t().claim(ann);
      const operation = randomUUID();
      expect(await t().memories.remove(user, 'team', operation)).toBe(true);
      expect(await t().memories.remove(user, 'team', operation)).toBe(true);
      expect(await t().memories.remove(user, 'team', randomUUID())).toBe(false);
      expect(await t().memories.entries(user, 'team')).toBeNull();
      await put('a.md', 'new');
      const { revision } = shared!;
      const save = t().sessions.save(ann, fence, aSave(), [], { revision, changes: [change(ann, 'a.md', 'mine')] });
      await expect(save).rejects.toThrow(MemoryMoved);
      expect(await shown()).toEqual({ 'a.md': 'new' });
    });

    it('a person puts entries, changes them under a condition, and removes them', async () => {
      const { user, start, put, shown } = await desk(t());
      const operation = randomUUID();
      const made = await put('dir/a.md', 'one', { ifNoneMatch: ['*'] }, operation);
      expect(made).toMatchObject({
        created: true,
        entry: { path: 'dir/a.md', bytes: 3, source: 'person', sessionId: null },
      });
      expect(await put('dir/a.md', 'one', { ifNoneMatch: ['*'] }, operation)).toEqual(made);
      expect(await put('dir/a.md', 'one', { ifNoneMatch: ['*'] })).toMatchObject({ created: false });
      expect(await put('dir/a.md', 'two', { ifNoneMatch: ['*'] })).toEqual({ refused: 'changed' });
      expect(await put('dir/a.md', 'two', {}, operation)).toEqual({ refused: 'conflict' });
      expect(await put('dir/a.md', 'two', { ifMatch: [tag('one')] })).toMatchObject({ created: false });
      expect(await put('dir/a.md', 'three', { ifMatch: [tag('one')] })).toEqual({ refused: 'changed' });
      expect(await put('dir', 'x')).toEqual({ refused: 'clash', path: 'dir', by: 'dir/a.md' });
      expect(await put('dir/a.md/b', 'x')).toEqual({ refused: 'clash', path: 'dir/a.md/b', by: 'dir/a.md' });
      expect(await put('big', 'x'.repeat(199_998))).toEqual({ refused: 'full', entries: 2, bytes: 200_001 });
      expect(await put('none', null)).toEqual({ refused: 'missing' });
      expect(await shown()).toEqual({ 'dir/a.md': 'two' });
      // What an agent wrote is the person's once the person puts it.
      const ann = await start();
      const { fence, shared } = await t().claim(ann);
      await t().sessions.save(ann, fence, aSave(), [], {
        ...{ revision: shared!.revision, changes: [change(ann, 'b.md', 'hers')] },
      });
      expect(await put('b.md', 'hers')).toMatchObject({ entry: { source: 'person', sessionId: null } });
      expect(await t().memories.list(user, { after: '', limit: 9 })).toEqual({
        data: [{ name: 'team', entries: 2, bytes: 7, updatedAt: expect.any(Number) }],
        next: null,
      });
      expect(await put('dir/a.md', null, { ifMatch: ['x'] })).toEqual({ refused: 'changed' });
      const gone = randomUUID();
      expect(await put('dir/a.md', null, {}, gone)).toEqual({ removed: true });
      expect(await put('dir/a.md', null, {}, gone)).toEqual({ removed: true });
      expect(await shown()).toEqual({ 'b.md': 'hers' });
      expect(await put('dir/a.md', 'one', { ifNoneMatch: ['*'] }, operation)).toMatchObject({
        ...{ created: true, entry: { path: 'dir/a.md', bytes: 3, source: 'person', sessionId: null } },
      });
      expect(await shown()).toEqual({ 'b.md': 'hers' });
    });

    it('a write that is refused makes no memory; they are listed in pages, and there are so many that a person may make', async () => {
      const user = await t().user();
      const put = (memory: string, path: string, content: Uint8Array | null) =>
        t().memories.write(user, memory, { path, content, ifMatch: content ? ['x'] : undefined }, randomUUID());
      expect(await put('a', 'x', bytes('x'))).toEqual({ refused: 'changed' });
      expect(await put('a', 'x', null)).toEqual({ refused: 'missing' });
      expect(await t().memories.list(user, { after: '', limit: 9 })).toEqual({ data: [], next: null });
      const id = await t().session({ memoryName: 'unmade' }, user);
      const { fence } = await t().claim(id);
      const moved = { revision: 7, changes: [change(id, 'a', 'x')] };
      await expect(t().sessions.save(id, fence, aSave(), [], moved)).rejects.toThrow(MemoryMoved);
      expect(await t().memories.list(user, { after: '', limit: 9 })).toEqual({ data: [], next: null });
      const make = (memory: string) =>
        t().memories.write(user, memory, { path: 'x', content: bytes('x') }, randomUUID());
      for (let i = 0; i < 99; i++) await make(`m${String(i).padStart(2, '0')}`);
      const both = await Promise.all([make('m99'), make('n00')]);
      expect(both.filter((one) => 'refused' in one)).toEqual([{ refused: 'many' }]);
      const page = await t().memories.list(user, { after: 'm97', limit: 1 });
      expect([page.data.map((one) => one.name), page.next]).toEqual([['m98'], 'm98']);
    });

    it('another user of the same name has another memory', async () => {
      const { put, shown } = await desk(t());
      await put('a.md', 'mine');
      const other = await desk(t());
      expect([await other.shown(), await t().memories.entries(other.user, 'team')]).toEqual([{}, null]);
      expect(await t().memories.remove(other.user, 'team', randomUUID())).toBe(false);
      const { shared } = await t().claim(await other.start());
      expect(shared).toEqual({ revision: 0, entries: [] });
      expect(await shown()).toEqual({ 'a.md': 'mine' });
    });

    it('files of users do not lie in the folder of the memory', async () => {
      const { user, start } = await desk(t());
      const ann = await start();
      const write = (path: string) =>
        t().userSessions.writeFile(user, ann, { path, content: bytes('x') }, randomUUID());
      expect(await write('/memory/a.md')).toEqual({ refused: 'memory' });
      expect(await write('/memory')).toEqual({ refused: 'memory' });
      expect(await write('/memory.md')).toMatchObject({ created: true });
      const archive = [{ path: '/memory/a', content: bytes('x'), mode: null }];
      expect(await t().userSessions.writeFiles(user, ann, archive, randomUUID())).toEqual({ refused: 'memory' });
    });

    it('an export has the name, and an import goes on with the memory of who imports', async () => {
      const { user, start } = await desk(t());
      const snapshot = await t().transfer.read(user, await start(), 1e6);
      expect(snapshot && 'facts' in snapshot && snapshot.facts.memoryName).toBe('team');
      const restored = {
        ...{
          ...aSession({ memoryName: 'team' }),
          state: { state: 'paused', error: null },
          iteration: 0,
          memory: freshMemory(),
        },
        ...{ rows: [], calls: [], inbox: [], received: [], journal: [], files: [] },
      } as const;
      const view = await t().transfer.write(user, structuredClone(restored) as never, null);
      expect(view).toMatchObject({ memoryName: 'team' });
    });
  });
}
