/** What only rows show of files that users write: versions, bounds in bytes, and two writers at once. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { aSave, aSettlement } from '../contract/harness.ts';
import { onPostgres } from '../money/kit.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

onPostgres('files of users', (t, db) => {
  const versions = (id: string, path: string) =>
    db().rows(`select iteration, convert_from(content, 'UTF8') as content, superseded_at is null as now from workspace_files
      where session_id = '${id}' and path = '${path}' order by iteration`);

  it('are versions of their own: what the agent wrote in the same iteration, and after it, stays beside them', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    const put = (path: string, text: string) =>
      t().userSessions.writeFile(user, id, { path, content: bytes(text) }, randomUUID());
    const agent = (path: string, text: string) => ({ path, content: bytes(text), mode: 0o644 });
    await put('/first', 'mine');
    await t().iterate(id, { files: [agent('/first', 'its 1')] });
    const { fence } = await t().claim(id);
    await put('/both', 'mine');
    await t().hold(id, fence, 10n);
    await t().sessions.settle(id, fence, aSettlement());
    await t().sessions.save(id, fence, aSave(), [agent('/both', 'its 2')]);
    await put('/own', 'mine');
    await t().iterate(id, { files: [agent('/own', 'its 3')] });
    expect(await versions(id, '/first')).toEqual([
      { iteration: '0', content: 'mine', now: 'f' },
      { iteration: '1', content: 'its 1', now: 't' },
    ]);
    expect(await versions(id, '/both')).toEqual([
      { iteration: '2', content: 'its 2', now: 'f' },
      { iteration: '3', content: 'mine', now: 't' },
    ]);
    expect(await versions(id, '/own')).toEqual([
      { iteration: '2', content: 'mine', now: 'f' },
      { iteration: '3', content: 'its 3', now: 't' },
    ]);
  });

  it('stay within the bytes of a workspace, but may always become smaller', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    const write = (path: string, text: string, treeBytes: number) =>
      db().database.call<object>(
        ...(['write_file', user, id, randomUUID()] as const),
        JSON.stringify({ path, content: Buffer.from(text).toString('base64'), most: { files: 10, treeBytes } }),
      );
    expect(await write('/a', '12345', 5)).toMatchObject({ created: true });
    expect(await write('/b', '1', 5)).toEqual({ refused: 'full', files: 2, bytes: 6 });
    expect(await write('/a', '123456', 5)).toEqual({ refused: 'full', files: 1, bytes: 6 });
    expect(await write('/a', '1234', 3)).toMatchObject({ created: false });
  });

  it('of many at once, one is made and the others see it', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    const put = (text: string) =>
      t().userSessions.writeFile(user, id, { path: '/a', content: bytes(text), ifNoneMatch: ['*'] }, randomUUID());
    const answers = await Promise.all(['1', '2', '3', '4'].map(put));
    expect(answers.filter((answer) => 'created' in answer!)).toHaveLength(1);
    expect(answers.filter((answer) => 'refused' in answer!)).toHaveLength(3);
    expect((await t().claim(id)).pending.received?.files).toEqual([{ path: '/a', bytes: 1 }]);
  });

  it('go with the session, and leave nothing behind', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    await t().userSessions.writeFile(user, id, { path: '/a', content: bytes('1') }, randomUUID());
    await t().userSessions.remove(user, id);
    await t().rest(id, { state: 'ended', outcome: 'cancelled', result: null, error: null });
    while ((await db().database.call<number>('purge', 1, null)) > 0);
    expect(await db().rows(`select count(*) as n from workspace_inbox where session_id = '${id}'`)).toEqual([
      { n: '0' },
    ]);
  });
});
