/** Files of users over HTTP: put, changed under a condition, removed, and refused with a sentence. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WORKSPACE_LIMITS } from '../../lib/core/workspace.ts';
import { api } from './kit.ts';

const tagOf = (body: string | Uint8Array) => `"${createHash('sha256').update(body).digest('hex')}"`;

async function desk() {
  const t = api();
  const key = await t.user('ada');
  const id = await t.start(key);
  await t.asleep(id);
  const base = `/v1/sessions/${id}/files`;
  const put = (path: string, raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    t.call('PUT', `${base}/${path}`, { key, raw, headers });
  const remove = (path: string, headers: Record<string, string> = {}) =>
    t.call('DELETE', `${base}/${path}`, { key, headers });
  const read = (path: string, headers: Record<string, string> = {}) =>
    t.call('GET', `${base}/${path}`, { key, headers });
  const names = async () => (await t.call('GET', base, { key })).json.data.map(({ path }: { path: string }) => path);
  return { ...t, key, id, base, put, remove, read, names };
}

describe('PUT and DELETE of a file', () => {
  it('puts bytes as they are, whatever their type, and says by its status whether they are new', async () => {
    const { put, read, hono, base, key } = await desk();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const first = await put('data/all.bin', bytes, { 'content-type': 'image/png' });
    expect([first.status, first.headers.get('etag')]).toEqual([201, tagOf(bytes)]);
    expect(first.json).toEqual({
      ...{ path: '/data/all.bin', bytes: 256, mode: 0o644, updated_at: '2026-11-10T08:00:00.000Z' },
    });
    const response = await hono.request(`${base}/data/all.bin`, { headers: { authorization: `Bearer ${key}` } });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get('etag')).toBe(tagOf(bytes));
    const second = await put('data/all.bin', '{"not": "parsed"', { 'content-type': 'application/json' });
    expect([second.status, (await read('data/all.bin')).text]).toEqual([200, '{"not": "parsed"']);
    expect((await put('empty', '')).json).toMatchObject({ bytes: 0 });
    expect((await read('empty')).headers.get('etag')).toBe(tagOf(''));
  });

  it('keeps to the ETag of what was read, so that nobody writes over what they have not seen', async () => {
    const { put, read, remove } = await desk();
    expect((await put('a', '1', { 'if-none-match': '*' })).status).toBe(201);
    const etag = (await read('a')).headers.get('etag')!;
    expect((await put('a', '2', { 'if-none-match': '*' })).json).toMatchObject({
      status: 412,
      code: 'precondition_failed',
    });
    expect((await put('a', '2', { 'if-match': `"other", ${etag}` })).status).toBe(200);
    const late = await put('a', '3', { 'if-match': etag });
    expect([late.status, late.json.detail]).toEqual([412, expect.stringContaining('read it again')]);
    for (const header of [`W/${tagOf('2')}`, 'nonsense', '"*"'])
      expect((await put('a', '3', { 'if-match': header })).status, header).toBe(412);
    expect((await remove('a', { 'if-match': etag })).status).toBe(412);
    expect((await read('a', { 'if-none-match': tagOf('2') })).status).toBe(304);
    expect((await remove('a', { 'if-match': '*' })).status).toBe(204);
    expect((await put('b', '1', { 'if-match': '*' })).status).toBe(412);
    expect([(await remove('a')).status, (await read('a')).status]).toEqual([404, 404]);
  });

  it.each([
    ['%2e%2e%2fx', 'shortest form'],
    ['a/..%2f..%2fx', 'shortest form'],
    ['a//b', 'shortest form'],
    ['a/', 'shortest form'],
    ['/%2fetc/passwd', 'shortest form'],
    ['a%00b', 'control character'],
    ['a%0ab', 'control character'],
    ['%09', 'control character'],
    [`${'x'.repeat(256)}`, 'longer than 255'],
    [`${'x/'.repeat(600)}y`, 'longer than 1024'],
    ['.history/000001.md', '.history'],
    ['.history', '.history'],
    ['workspace%2f.history%2fx', '.history'],
  ])('refuses the path %s, and writes nothing', async (path, why) => {
    const { put, remove, names } = await desk();
    for (const answer of [await put(path, 'x'), await remove(path)]) {
      expect([answer.status, answer.json.code]).toEqual([422, 'invalid_request']);
      expect(answer.json.detail).toContain(why);
    }
    expect(await names()).toEqual(['/notes/a b.md']);
  });

  it('keeps names as they are: of any language, composed or not, with signs that an address has', async () => {
    const { put, read, names } = await desk();
    const odd = [
      'é.txt',
      'e\u0301.txt',
      '👩‍🚀.md',
      'a%b?c#d',
      "it's ~ (1)&+.md",
      '-rf',
      '\u202egnp.exe',
      'C:\\x',
      '__proto__',
    ];
    for (const name of odd) expect((await put(encodeURIComponent(name), name)).json.path, name).toBe(`/${name}`);
    for (const name of odd) expect((await read(encodeURIComponent(name))).text, name).toBe(name);
    expect((await names()).sort()).toEqual([...odd.map((name) => `/${name}`), '/notes/a b.md'].sort());
    for (const same of ['/x.md', 'x.md', '/workspace/x.md', 'workspace/x.md']) await put(same, same);
    expect((await read('x.md')).text).toBe('workspace/x.md');
  });

  it('refuses what is too large, a part of a file, a folder in its place, and a workspace that is full', async () => {
    const { put, world, id, names } = await desk();
    const most = WORKSPACE_LIMITS.fileBytes;
    expect((await put('large', new Uint8Array(most))).status).toBe(201);
    expect((await put('larger', new Uint8Array(most + 1))).json).toMatchObject({
      status: 413,
      code: 'payload_too_large',
    });
    expect((await put('a', 'x', { 'content-range': 'bytes 0-0/2' })).json).toMatchObject({ code: 'invalid_request' });
    expect((await put('a', 'x', { 'content-encoding': 'gzip' })).json).toMatchObject({ code: 'invalid_request' });
    const clash = await put('notes', 'x');
    expect([clash.status, clash.json.code, clash.json.detail]).toEqual([
      ...[409, 'file_clash', expect.stringContaining('/notes/a b.md is in the way of /notes')],
    ]);
    const { files } = world.store.sessions.get(id)!;
    for (let i = 0; i < 9; i++)
      files.set(`/f${i}`, { path: `/f${i}`, content: new Uint8Array(most), mode: 0o644, updatedAt: 0 });
    const full = await put('b', 'x');
    expect([full.status, full.json.code]).toEqual([409, 'workspace_full']);
    expect(full.json.detail).toContain('50000008 bytes');
    expect(await names()).not.toContain('/b');
  });

  it('changes nothing of an ended session, and says how it ended', async () => {
    const { put, remove, read, world, id } = await desk();
    const row = world.store.sessions.get(id)!;
    row.state = { state: 'ended', outcome: 'cancelled', result: null, error: null };
    for (const answer of [await put('a', 'x'), await remove('notes/a%20b.md')])
      expect([answer.status, answer.json.code, answer.json.detail]).toEqual([
        ...[409, 'session_ended', expect.stringContaining('cancelled')],
      ]);
    expect((await read('notes/a%20b.md')).text).toBe('# Moons');
  });

  it('wakes nobody and sends no hint: a message does', async () => {
    const { put, world, id } = await desk();
    const hints = world.queue.sent.length;
    await put('a', 'x');
    expect(world.queue.sent).toHaveLength(hints);
    expect(world.store.sessions.get(id)).toMatchObject({ due: Date.parse('2026-11-11T00:00:00Z') });
  });
});
