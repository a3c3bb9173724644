/** The whole workspace as one archive. */
import { createGzipDecoder, unpackTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

async function desk() {
  const t = api();
  const key = await t.user('ada');
  const id = await t.start(key);
  await t.asleep(id);
  const path = `/v1/sessions/${id}/files:archive`;
  const download = () => t.hono.request(path, { headers: { authorization: `Bearer ${key}` } });
  const put = (name: string, raw: string | Uint8Array<ArrayBuffer>) =>
    t.call('PUT', `/v1/sessions/${id}/files/${encodeURIComponent(name)}`, { key, raw });
  return { ...t, key, id, path, download, put };
}

const unpacked = async (response: Response) => unpackTar(response.body!.pipeThrough(createGzipDecoder()));

describe('GET files:archive', () => {
  it('has every file, also of a long name, in the order of their paths, and what was put last', async () => {
    const { download, put } = await desk();
    const long = `${'folder/'.repeat(60)}é ${'x'.repeat(150)}.md`;
    await put(long, 'long');
    await put('empty', '');
    await put(
      'bytes',
      Uint8Array.from({ length: 256 }, (_, i) => i),
    );
    const response = await download();
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="ses_\w+\.tar\.gz"$/);
    const entries = await unpacked(response);
    expect(entries.map(({ header }) => header.name)).toEqual(['bytes', 'empty', long, 'notes/a b.md']);
    expect(entries.map(({ header }) => [header.type, header.mode])).toEqual(Array(4).fill(['file', 0o644]));
    const texts = entries.map(({ data }) => new TextDecoder().decode(data));
    expect([texts[1], texts[2], texts[3]]).toEqual(['', 'long', '# Moons']);
    expect([...entries[0]!.data!]).toEqual(Array.from({ length: 256 }, (_, i) => i));
    expect(entries[3]!.header.mtime).toEqual(new Date('2026-11-10T08:00:00Z'));
  });

  it('is read in pages, each file once', async () => {
    const { download, world, id } = await desk();
    const { files } = world.store.sessions.get(id)!;
    for (const name of ['a', 'b', 'c', 'd']) {
      const content = new Uint8Array(3_000_000).fill(name.charCodeAt(0));
      files.set(`/${name}`, { path: `/${name}`, content, mode: 0o755, updatedAt: world.now() });
    }
    const entries = await unpacked(await download());
    expect(entries.map(({ header, data }) => `${header.name} ${data?.length} ${data?.[0]}`)).toEqual([
      ...['a 3000000 97', 'b 3000000 98', 'c 3000000 99', 'd 3000000 100', 'notes/a b.md 7 35'],
    ]);
  });

  it('of an empty workspace is an empty archive', async () => {
    const { download, world, id } = await desk();
    world.store.sessions.get(id)!.files.clear();
    expect(await unpacked(await download())).toEqual([]);
  });

  it('breaks off, and does not end as if it were whole, where a page cannot be read', async () => {
    let pages = 0;
    const t = api(({ userSessions }) => ({
      userSessions: {
        ...userSessions,
        fileContents: async (...asked) => {
          if (pages++ > 0) throw new Error('away');
          return { ...(await userSessions.fileContents(...asked))!, next: '/a' };
        },
      },
    }));
    const key = await t.user('ada');
    const id = await t.start(key);
    await t.asleep(id);
    const response = await t.hono.request(`/v1/sessions/${id}/files:archive`, {
      headers: { authorization: `Bearer ${key}` },
    });
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(t.lines.filter(({ message }) => message === 'an archive broke off')).toHaveLength(1);
  });

  it.each(['PATCH', 'PUT', 'DELETE'])('takes no %s', async (method) => {
    const { call, key, path } = await desk();
    const answer = await call(method, path, { key, ...(method !== 'DELETE' && { body: {} }) });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST']);
  });

  it('is nowhere else', async () => {
    const { call, key, id } = await desk();
    for (const name of ['files:other', 'filesarchive', 'files:archive/x', 'xfiles:archive'])
      expect((await call('GET', `/v1/sessions/${id}/${name}`, { key })).status, name).toBe(404);
  });
});
