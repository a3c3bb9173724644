/** What users may do to the files of a workspace, and how that reaches the agent: a write is never lost, and never made twice. */
import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { WORKSPACE_LIMITS } from '../../lib/core/workspace.ts';
import type { FileWrite } from '../../lib/ports/index.ts';
import {
  aNight,
  anEnd,
  aSave,
  aSession,
  aSettlement,
  contract,
  ENDED,
  type Factory,
  MIDNIGHT,
  once,
  type Steps,
  says,
} from './harness.ts';

export const bytes = (text: string) => new TextEncoder().encode(text);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const CALL = { id: 'call', name: 'write_file', input: {} };
const RESULT = [{ type: 'tool_result', tool_use_id: 'call', content: 'ok' }];

/** A session of a user, and short words for its files. */
export async function desk(t: Steps) {
  const user = await t.user();
  const id = await t.session({}, user);
  const write = (path: string, text: string | null, more: Partial<FileWrite> = {}, operation: string = randomUUID()) =>
    t.userSessions.writeFile(user, id, { path, content: text === null ? null : bytes(text), ...more }, operation);
  const seen = async (path: string) => {
    const content = await t.userSessions.file(user, id, path);
    return content && new TextDecoder().decode(content);
  };
  const listed = async () => (await t.userSessions.fileList(user, id))?.data.map(({ path }) => path);
  const workspace = async () =>
    Object.fromEntries(
      (await t.sessions.files(id)).map(({ path, content }) => [path, new TextDecoder().decode(content)]),
    );
  const told = async () =>
    ((await t.userSessions.events(user, id, { after: 0, limit: 100 })) ?? []).flatMap(({ type, data }) =>
      type === 'agent.files_received' ? [data] : [],
    );
  const changed = (path: string, text: string | null) => ({
    path,
    content: text === null ? null : bytes(text),
    mode: 0o644,
  });
  return { user, id, write, seen, listed, workspace, told, changed };
}

export function filesContract(name: string, factory: Factory): void {
  contract(`${name}: files of users, written`, factory, (t) => {
    it('are seen at once, and taken into the workspace by the next claim, once', async () => {
      const { user, id, write, seen, listed, workspace, told } = await desk(t());
      const put = await write('/data/é.csv', 'a\0b');
      expect(put).toEqual({
        file: { path: '/data/é.csv', bytes: 3, mode: 0o644, updatedAt: expect.any(Number) },
        created: true,
      });
      expect([await seen('/data/é.csv'), await listed(), await workspace(), await told()]).toEqual([
        ...['a\0b', ['/data/é.csv'], {}, []],
      ]);
      const invocation = randomUUID();
      const first = await t().claim(id, invocation);
      const received = { files: [{ path: '/data/é.csv', bytes: 3 }], removed: [], more: 0 };
      expect(first.pending.received).toEqual(received);
      expect((await t().claim(id, invocation)).pending.received).toEqual(received);
      expect(await workspace()).toEqual({ '/data/é.csv': 'a\0b' });
      expect(await told()).toEqual([received]);
      expect([await seen('/data/é.csv'), await listed()]).toEqual(['a\0b', ['/data/é.csv']]);
      const [entry] = (await t().userSessions.fileList(user, id))!.data;
      expect(entry).toMatchObject({ bytes: 3, mode: 0o644 });
    });

    it('are told until a settlement says that the agent knows, and not again', async () => {
      const { id, write, told } = await desk(t());
      await write('/a', '1');
      await t().iterate(id);
      const { fence, pending } = await t().claim(id);
      expect(pending.received?.files).toEqual([{ path: '/a', bytes: 1 }]);
      await t().hold(id, fence, 10n);
      await write('/b', '22');
      await t().sessions.settle(id, fence, aSettlement({ filesTold: true }));
      await t().sessions.save(id, fence, aSave(), []);
      const next = await t().claim(id);
      expect(next.pending.received).toEqual({ files: [{ path: '/b', bytes: 2 }], removed: [], more: 0 });
      expect(await told()).toHaveLength(2);
    });

    it('come after all that the agent did without knowing of them: of two versions the one of the user stands', async () => {
      const { id, write, seen, workspace, changed } = await desk(t());
      const { fence } = await t().claim(id);
      await write('/both', 'mine');
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ calls: [CALL] }));
      await t().sessions.save(id, fence, aSave({ turn: RESULT }), [changed('/both', 'its'), changed('/own', 'its')]);
      expect([await seen('/both'), await workspace()]).toEqual(['mine', { '/both': 'its', '/own': 'its' }]);
      await t().claim(id);
      expect(await workspace()).toEqual({ '/both': 'mine', '/own': 'its' });
    });

    it('wait while a reply has calls that have not run, also over the death of its worker', async () => {
      const { id, write, seen, workspace, changed } = await desk(t());
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ calls: [CALL] }));
      await write('/both', 'mine');
      await t().expireLease(id);
      const second = await t().claim(id);
      expect(await workspace()).toEqual({});
      expect(second.pending.received?.files).toEqual([{ path: '/both', bytes: 4 }]);
      await t().sessions.save(id, second.fence, aSave({ turn: RESULT }), [changed('/both', 'its')]);
      await t().claim(id);
      expect([await seen('/both'), await workspace()]).toEqual(['mine', { '/both': 'mine' }]);
    });

    it('are changed by the agent from then on, as its own', async () => {
      const { id, write, seen, workspace, changed } = await desk(t());
      await write('/a', 'mine');
      await t().iterate(id, { files: [changed('/a', 'its')] });
      expect([await seen('/a'), await workspace()]).toEqual(['its', { '/a': 'its' }]);
      await t().iterate(id, { files: [changed('/a', null)] });
      expect([await seen('/a'), await workspace()]).toEqual([null, {}]);
      await write('/a', 'again');
      await t().claim(id);
      expect(await workspace()).toEqual({ '/a': 'again' });
    });

    it('keep an owner from suspending or ending the session, and wake no sleeper', async () => {
      const { id, write, told } = await desk(t());
      const { fence } = await t().claim(id);
      await write('/a', '1');
      expect(await t().sessions.save(id, fence, anEnd(), [])).toMatchObject({ state: 'ready', chain: true });
      const next = await t().claim(id);
      expect(await t().sessions.save(id, next.fence, aNight(MIDNIGHT), [])).toMatchObject({ state: 'sleeping' });
      await write('/b', '2');
      expect((await t().sweeper.sweep(1_000)).due.map((due) => due.id)).not.toContain(id);
      expect(await t().sessions.claim(id, randomUUID())).toMatchObject({ claimed: false });
      await t().setNow(MIDNIGHT);
      expect((await t().claim(id)).pending.received?.files).toHaveLength(2);
      expect(await told()).toHaveLength(2);
    });

    it('of a new session come with its first claim, also where its creation is repeated', async () => {
      const user = await t().user();
      const session = aSession({
        firstFiles: [
          { path: '/a', content: bytes('1') },
          { path: '/b/c', content: bytes('') },
        ],
      });
      const key = once();
      await t().userSessions.create(user, session, key);
      await t().userSessions.create(user, { ...session, id: aSession().id }, key);
      await t().userSessions.create(user, session, null);
      expect((await t().userSessions.fileList(user, session.id))?.data.map(({ path }) => path)).toEqual(['/a', '/b/c']);
      const { pending } = await t().claim(session.id);
      expect(pending.received?.files).toEqual([
        { path: '/a', bytes: 1 },
        { path: '/b/c', bytes: 0 },
      ]);
      expect(await t().sessions.files(session.id)).toHaveLength(2);
    });

    it('are removed: one that the agent has, with a word to it; one that nobody has seen, without', async () => {
      const { id, write, seen, listed, workspace, told, changed } = await desk(t());
      await t().iterate(id, { files: [changed('/old', '1'), changed('/kept', '1')] });
      await write('/new', '1');
      expect(await write('/new', null)).toEqual({ removed: true });
      expect(await write('/old', null)).toEqual({ removed: true });
      expect([await seen('/old'), await listed()]).toEqual([null, ['/kept']]);
      expect(await write('/old', null)).toEqual({ refused: 'missing' });
      expect((await t().claim(id)).pending.received).toEqual({ files: [], removed: ['/old'], more: 0 });
      expect([await workspace(), await listed(), (await told()).length]).toEqual([{ '/kept': '1' }, ['/kept'], 1]);
    });

    it('are told of in bounds: a hundred paths, and how many more', async () => {
      const { id, write } = await desk(t());
      for (let i = 0; i < 103; i++) await write(`/f${String(i).padStart(3, '0')}`, 'x');
      const { received } = (await t().claim(id)).pending;
      expect([received?.files.length, received?.files.at(-1)?.path, received?.more]).toEqual([100, '/f099', 3]);
    });

    it('are listed in pages between those that the agent has', async () => {
      const { user, id, write, changed } = await desk(t());
      await t().iterate(id, { files: ['/a', '/b', '/c', '/d'].map((path) => changed(path, 'old')) });
      await write('/b', null);
      await write('/c', 'mine');
      await write('/bb', 'mine');
      const pages: string[][] = [];
      for (let after: string | null = ''; after !== null; ) {
        const page: { data: { path: string; bytes: number }[]; next: string | null } = (await t().userSessions.fileList(
          ...([user, id, { after, limit: 2 }] as const),
        ))!;
        pages.push(page.data.map(({ path, bytes: size }) => `${path} ${size}`));
        after = page.next;
      }
      expect(pages).toEqual([
        ['/a 3', '/bb 4'],
        ['/c 4', '/d 3'],
      ]);
    });
  });

  contract(`${name}: files of users, refused`, factory, (t) => {
    it('where a condition does not hold, unless the file is so already', async () => {
      const { write, seen } = await desk(t());
      const none = { ifNoneMatch: ['*'] };
      const changed = { refused: 'changed' };
      expect(await write('/a', '1', { ifMatch: ['*'] })).toEqual(changed);
      expect(await write('/a', null, { ifMatch: [sha256('1')] })).toEqual(changed);
      expect(await write('/a', '1', none)).toMatchObject({ created: true });
      expect(await write('/a', '1', none)).toMatchObject({ created: false });
      expect(await write('/a', '2', none)).toEqual(changed);
      expect(await write('/a', '2', { ifNoneMatch: [sha256('1')] })).toEqual(changed);
      expect(await write('/a', '2', { ifMatch: [sha256('0'), sha256('2')] })).toEqual(changed);
      expect(await write('/a', '2', { ifMatch: [sha256('0'), sha256('1')] })).toMatchObject({ created: false });
      expect(await write('/a', '3', { ifMatch: [] })).toEqual(changed);
      expect(await write('/a', null, { ifMatch: [sha256('1')] })).toEqual(changed);
      expect(await seen('/a')).toBe('2');
      expect(await write('/a', null, { ifMatch: [sha256('2')] })).toEqual({ removed: true });
    });

    it('where a name would be a file and a folder; an agent that made it so meanwhile loses what is in the way', async () => {
      const { id, write, workspace, told, changed } = await desk(t());
      await t().iterate(id, { files: [changed('/a%_/b', '1'), changed('/a%_0', '1')] });
      expect(await write('/a%_', 'x')).toEqual({ refused: 'clash', path: '/a%_', by: '/a%_/b' });
      expect(await write('/a%_/b/c', 'x')).toEqual({ refused: 'clash', path: '/a%_/b/c', by: '/a%_/b' });
      await write('/new/file', 'x');
      expect(await write('/new', 'x')).toEqual({ refused: 'clash', path: '/new', by: '/new/file' });
      await write('/a%_/b', null);
      expect(await write('/a%_', 'mine')).toMatchObject({ created: true });
      const { fence } = await t().claim(id);
      await write('/x', 'mine');
      await write('/y/z', 'mine');
      await t().sessions.save(id, fence, aSave(), [
        changed('/x/deep/er', 'its'),
        changed('/y', 'its'),
        changed('/x1', 'its'),
      ]);
      await t().claim(id);
      expect(await workspace()).toEqual({
        ...{ '/a%_': 'mine', '/a%_0': '1', '/new/file': 'x', '/x': 'mine', '/x1': 'its', '/y/z': 'mine' },
      });
      expect((await told()).at(-1)).toEqual({
        files: [
          { path: '/x', bytes: 4 },
          { path: '/y/z', bytes: 4 },
        ],
        removed: ['/x/deep/er', '/y'],
        more: 0,
      });
    });

    it('where the workspace would hold too many, but not where one takes the place of another', async () => {
      const { id, write, changed } = await desk(t());
      const { files } = WORKSPACE_LIMITS;
      await t().iterate(id, { files: Array.from({ length: files - 1 }, (_, i) => changed(`/f${i}`, 'x')) });
      expect(await write('/last', 'x')).toMatchObject({ created: true });
      expect(await write('/more', 'x')).toEqual({ refused: 'full', files: files + 1, bytes: files + 1 });
      expect(await write('/f0', 'longer')).toMatchObject({ created: false });
      await write('/f1', null);
      expect(await write('/more', 'x')).toMatchObject({ created: true });
    });

    it('when the session has ended, and for any other user', async () => {
      const { id, write, seen } = await desk(t());
      await write('/a', '1');
      const stranger = await t().user();
      for (const content of [bytes('2'), null])
        expect(await t().userSessions.writeFile(stranger, id, { path: '/a', content }, randomUUID())).toBeNull();
      await t().rest(id, ENDED);
      expect(await write('/a', '2')).toEqual({ refused: 'ended' });
      expect(await write('/a', null)).toEqual({ refused: 'ended' });
      expect(await seen('/a')).toBe('1');
    });

    it('do nothing more when they are repeated: a key stands for one write, and a refusal does not keep it', async () => {
      const { id, write, seen, told } = await desk(t());
      const [put, gone, refused] = [randomUUID(), randomUUID(), randomUUID()];
      expect(await write('/a', '1', { ifNoneMatch: ['*'] }, put)).toMatchObject({ created: true });
      expect(await write('/a', '1', { ifNoneMatch: ['*'] }, put)).toMatchObject({ file: { bytes: 1 } });
      expect(await write('/a', '2', {}, put)).toEqual({ refused: 'conflict' });
      await t().iterate(id);
      await write('/a', '3');
      expect(await write('/a', '1', {}, put)).toMatchObject({ created: false });
      expect(await seen('/a')).toBe('3');
      expect(await write('/a', null, {}, gone)).toEqual({ removed: true });
      expect(await write('/a', null, {}, gone)).toEqual({ removed: true });
      expect(await write('/b', '1', { ifMatch: ['*'] }, refused)).toEqual({ refused: 'changed' });
      expect(await write('/b', '1', {}, refused)).toMatchObject({ created: true });
      await t().iterate(id, { save: aSave({ turn: says('Go on.') }) });
      expect(await told()).toHaveLength(2);
    });
  });
}
