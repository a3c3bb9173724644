/** Archives of users over HTTP: all of the files are in the workspace, or none and a sentence says why. */
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { zip } from '../kit/zip.ts';
import { api } from './kit.ts';

const tar = async (files: Record<string, string>) =>
  Uint8Array.from(
    gzipSync(
      await packTar(
        Object.entries(files).map(([name, body]) => ({ header: { name, size: Buffer.byteLength(body) }, body })),
      ),
    ),
  );

async function desk() {
  const t = api();
  const key = await t.user('ada');
  const session = async () => {
    const id = await t.start(key);
    await t.asleep(id);
    const base = `/v1/sessions/${id}/files`;
    const upload = (raw: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, by = key) =>
      t.call('POST', `${base}:archive`, { key: by, raw, headers });
    const read = async (path: string) => (await t.call('GET', `${base}/${encodeURIComponent(path)}`, { key })).text;
    const list = async () =>
      (await t.call('GET', base, { key })).json.data.map(({ path, mode }: { path: string; mode: number }) => [
        path,
        mode,
      ]);
    const names = async () => (await list()).map(([path]: [string]) => path);
    const download = async () => {
      const answer = await t.hono.request(`${base}:archive`, { headers: { authorization: `Bearer ${key}` } });
      return new Uint8Array(await answer.arrayBuffer());
    };
    return { id, upload, read, list, names, download };
  };
  return { ...t, key, session, ...(await session()) };
}

describe('POST files:archive', () => {
  it('puts all files in, beside and over those that are there, and wakes nobody', async () => {
    const { upload, read, names, world } = await desk();
    const hints = world.queue.sent.length;
    const answer = await upload(await tar({ './a': 'new', 'notes/a b.md': '# Stars', 'e\u0301': 'two', é: 'one' }));
    expect([answer.status, answer.json]).toEqual([200, { files: 4, bytes: 16 }]);
    expect((await names()).sort()).toEqual(['/a', '/e\u0301', '/notes/a b.md', '/é']);
    expect([await read('a'), await read('notes/a b.md'), await read('é')]).toEqual(['new', '# Stars', 'one']);
    expect(world.queue.sent).toHaveLength(hints);
  });

  it('takes back what a download gave, as it was', async () => {
    const { upload, session, list, download } = await desk();
    await upload(
      zip([
        { name: 'run.sh', data: 'ls', mode: 0o100755 },
        { name: `${'f/'.repeat(99)}é`, data: '' },
      ]),
    );
    const other = await session();
    expect((await other.upload(await download())).json).toEqual({ files: 3, bytes: 9 });
    expect(await other.list()).toEqual(await list());
    expect(await other.read('run.sh')).toBe('ls');
  });

  it.each<[string, string]>([
    ['../x', 'is not in its shortest form'],
    ['a/../../x', 'is not in its shortest form'],
    ['/etc/passwd', 'begins with a slash'],
    ['a//b', 'is not in its shortest form'],
    ['a\u0001b', 'holds a control character'],
    ['a\nb', 'holds a control character'],
    ['.history/000001.md', 'lies in .history'],
    ['./.history', 'lies in .history'],
    ['./first', 'comes twice'],
    ['x'.repeat(256), 'longer than 255 bytes'],
  ])('with a file %j is refused, and nothing of it is taken', async (name, why) => {
    const { upload, names } = await desk();
    for (const archive of [await tar({ first: '1', [name]: '2' }), zip([{ name: 'first' }, { name }])]) {
      const answer = await upload(archive);
      expect([answer.status, answer.json.code]).toEqual([422, 'invalid_archive']);
      expect(answer.json.detail).toContain(why);
      expect(answer.json.detail).toContain('Nothing was written and nothing was spent');
      expect(await names()).toEqual(['/notes/a b.md']);
    }
  });

  it('with a name that is no UTF-8 is refused: two of them could be one', async () => {
    const { upload } = await desk();
    const answer = await upload(zip([{ name: Uint8Array.from([0x61, 0xe9]) }]));
    expect([answer.status, answer.json.detail]).toEqual([422, expect.stringContaining('is not UTF-8')]);
  });

  it('is refused whole where a file is in the way, and where the session has ended', async () => {
    const { upload, names, world, id } = await desk();
    const clash = await upload(await tar({ first: '1', notes: '2' }));
    expect([clash.status, clash.json.code]).toEqual([409, 'file_clash']);
    expect(clash.json.detail).toContain('/notes/a b.md is in the way of /notes');
    expect((await upload(await tar({ x: '1', 'x/y': '2' }))).json.detail).toContain('/x is in the way of /x/y');
    const { files } = world.store.sessions.get(id)!;
    for (let i = 0; i < 10; i++)
      files.set(`/f${i}`, { path: `/f${i}`, content: new Uint8Array(4_999_999), mode: 0o644, updatedAt: 0 });
    const full = await upload(await tar({ first: '1', second: '2'.repeat(9) }));
    expect([full.status, full.json.code, await names()]).toEqual([
      ...[409, 'workspace_full', expect.not.arrayContaining(['/first'])],
    ]);
    world.store.sessions.get(id)!.state = { state: 'ended', outcome: 'cancelled', result: null, error: null };
    expect((await upload(await tar({ first: '1' }))).json).toMatchObject({ status: 409, code: 'session_ended' });
  });

  it('does nothing more under its Idempotency-Key, and says so of another archive', async () => {
    const { upload, read } = await desk();
    const headers = { 'idempotency-key': 'first' };
    const first = await tar({ a: '1' });
    expect((await upload(first, headers)).status).toBe(200);
    await upload(await tar({ a: '2' }));
    expect((await upload(first, headers)).json).toEqual({ files: 1, bytes: 1 });
    expect(await read('a')).toBe('2');
    expect((await upload(await tar({ a: '3' }), headers)).json.code).toBe('idempotency_conflict');
    expect((await upload(first, { 'idempotency-key': '' })).json.code).toBe('invalid_request');
  });

  it('is refused when it is too large, no archive, or not of this user', async () => {
    const { upload, user, call, key } = await desk();
    expect((await upload(new Uint8Array(4_500_001))).json).toMatchObject({ status: 413, code: 'payload_too_large' });
    const bomb = await upload(Uint8Array.from(gzipSync(Buffer.alloc(13_000_000))));
    expect([bomb.status, bomb.json.detail]).toEqual([413, expect.stringContaining('unpacks to more than 12000000')]);
    expect((await upload(Uint8Array.from(Buffer.from('{"files":[]}')))).json.code).toBe('invalid_archive');
    expect((await upload(await tar({ a: '1' }), {}, await user('bob'))).status).toBe(404);
    expect((await call('POST', '/v1/sessions/ses_none/files:archive', { key, raw: await tar({}) })).status).toBe(404);
  });
});
