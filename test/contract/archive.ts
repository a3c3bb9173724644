/** Many files of a user at once: all of them or none, and each told of once. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { WORKSPACE_LIMITS } from '../../lib/core/workspace.ts';
import { bytes, desk } from './files.ts';
import { anEnd, contract, ENDED, type Factory, type Steps } from './harness.ts';

const TAKEN = { taken: true };

async function archiveDesk(t: Steps) {
  const given = await desk(t);
  const writeAll = (
    files: [path: string, text: string, mode?: number][],
    operation: string = randomUUID(),
    whose = given.user,
  ) =>
    t.userSessions.writeFiles(
      ...([whose, given.id] as const),
      files.map(([path, text, mode = null]) => ({ path, content: bytes(text), mode })),
      operation,
    );
  const modes = async () =>
    (await t.userSessions.fileList(given.user, given.id))!.data.map(({ path, mode }) => [path, mode & 0o777]);
  return { ...given, writeAll, modes };
}

export function archiveContract(name: string, factory: Factory): void {
  contract(`${name}: an archive of a user`, factory, (t) => {
    it('is seen at once, taken by the next claim, and told of without what was there already', async () => {
      const { id, write, writeAll, workspace, told, listed, modes, changed } = await archiveDesk(t());
      await t().iterate(id, { files: [changed('/same', '1'), changed('/old', '1'), changed('/run', '1')] });
      await write('/mine', 'first');
      const sent: [string, string, number?][] = [
        ...([
          ['/same', '1'],
          ['/old', '22'],
          ['/mine', 'second'],
          ['/run', '1', 0o755],
        ] as [string, string, number?][]),
        ...([['/é/new', '', 0o600]] as [string, string, number?][]),
      ];
      expect(await writeAll(sent)).toEqual(TAKEN);
      expect(await listed()).toEqual(['/mine', '/old', '/run', '/same', '/é/new']);
      expect(await modes()).toEqual([
        ...[
          ['/mine', 0o644],
          ['/old', 0o644],
          ['/run', 0o755],
          ['/same', 0o644],
          ['/é/new', 0o600],
        ],
      ]);
      const { pending } = await t().claim(id);
      expect(pending.received).toEqual({
        files: [
          { path: '/mine', bytes: 6 },
          { path: '/old', bytes: 2 },
          { path: '/run', bytes: 1 },
          { path: '/é/new', bytes: 0 },
        ],
        ...{ removed: [], more: 0 },
      });
      expect(await told()).toHaveLength(1);
      expect(await workspace()).toEqual({ '/mine': 'second', '/old': '22', '/run': '1', '/same': '1', '/é/new': '' });
    });

    it('keeps an owner from ending the session, unless all of it was there already', async () => {
      const { id, writeAll } = await archiveDesk(t());
      await writeAll([['/a', '1']]);
      await t().iterate(id);
      const { fence } = await t().claim(id);
      await writeAll([['/a', '1']]);
      await writeAll([]);
      expect(await t().sessions.save(id, fence, anEnd(), [])).toMatchObject({ state: 'ended' });
      const other = await archiveDesk(t());
      const owner = await t().claim(other.id);
      await other.writeAll([['/a', '1']]);
      expect(await t().sessions.save(other.id, owner.fence, anEnd(), [])).toMatchObject({ state: 'ready' });
    });

    it('is refused whole where one of its names is a folder of another, or of what is there', async () => {
      const { id, writeAll, listed, changed } = await archiveDesk(t());
      await t().iterate(id, { files: [changed('/dir/file', '1'), changed('/file', '1')] });
      const clash = (path: string, by: string) => ({ refused: 'clash', path, by });
      expect(
        await writeAll([
          ['/a', '1'],
          ['/dir', '1'],
        ]),
      ).toEqual(clash('/dir', '/dir/file'));
      expect(
        await writeAll([
          ['/a', '1'],
          ['/file/x/y', '1'],
        ]),
      ).toEqual(clash('/file/x/y', '/file'));
      expect(
        await writeAll([
          ['/a', '1'],
          ['/a/b', '1'],
        ]),
      ).toEqual(clash('/a/b', '/a'));
      expect(await listed()).toEqual(['/dir/file', '/file']);
      expect((await t().claim(id)).pending.received).toBeUndefined();
      expect(
        await writeAll([
          ['/dir0', '1'],
          ['/dir-', '1'],
          ['/file.x', '1'],
        ]),
      ).toEqual(TAKEN);
    });

    it('is refused whole where the workspace would hold too much, but may make a full one smaller', async () => {
      const { id, write, writeAll, listed, changed } = await archiveDesk(t());
      const { files } = WORKSPACE_LIMITS;
      await t().iterate(id, { files: Array.from({ length: files - 1 }, (_, i) => changed(`/f${i}`, 'xx')) });
      const full = { refused: 'full', files: files + 1, bytes: 2 * files };
      expect(
        await writeAll([
          ['/n1', 'x'],
          ['/n2', 'x'],
        ]),
      ).toEqual(full);
      expect(await listed()).not.toContain('/n1');
      expect(
        await writeAll([
          ['/n1', 'x'],
          ['/f1', 'longer'],
        ]),
      ).toEqual(TAKEN);
      expect(
        await writeAll([
          ['/n1', ''],
          ['/f1', 'x'],
        ]),
      ).toEqual(TAKEN);
      await write('/f0', null);
      expect(await writeAll([['/n2', 'x']])).toEqual(TAKEN);
    });

    it('does nothing more when it is repeated; a refusal does not keep the key, and strangers find nothing', async () => {
      const { id, write, writeAll, seen, told } = await archiveDesk(t());
      const [key, refused] = [randomUUID(), randomUUID()];
      expect(await writeAll([['/a', '1']], key)).toEqual(TAKEN);
      await write('/a', '2');
      expect(await writeAll([['/a', '1']], key)).toEqual(TAKEN);
      expect(await writeAll([['/a', '3']], key)).toEqual({ refused: 'conflict' });
      expect(await seen('/a')).toBe('2');
      expect(await writeAll([['/a/b', '1']], refused)).toMatchObject({ refused: 'clash' });
      expect(await writeAll([['/b', '1']], refused)).toEqual(TAKEN);
      expect(await writeAll([['/c', '1']], randomUUID(), await t().user())).toBeNull();
      await t().iterate(id);
      expect(await told()).toHaveLength(1);
      await t().rest(id, ENDED);
      expect(await writeAll([['/c', '1']])).toEqual({ refused: 'ended' });
      expect(await writeAll([['/a', '1']], key)).toEqual(TAKEN);
      expect(await seen('/c')).toBeNull();
    });

    it('has nothing of what git keeps, as lists have nothing; an export has it', async () => {
      const { user, id, write, listed, changed } = await desk(t());
      await write('/a', '1');
      await t().iterate(id, { files: [changed('/.git-state/site/state', 'kept'), changed('/.git-stated', 'mine')] });
      expect(await listed()).toEqual(['/.git-stated', '/a']);
      const page = await t().userSessions.fileContents(user, id, { after: '', bytes: 1e6 });
      expect(page?.data.map(({ path }) => path)).toEqual(['/.git-stated', '/a']);
      const snapshot = await t().transfer.read(user, id, 1e6);
      const paths = snapshot && 'files' in snapshot ? snapshot.files.map(({ path }) => path) : [];
      expect(paths).toEqual(['/.git-state/site/state', '/.git-stated', '/a']);
    });
  });
}
