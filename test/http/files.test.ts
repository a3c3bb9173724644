import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

async function workspace(files: Record<string, string | Uint8Array> = {}) {
  const made = api();
  const key = await made.user('ada');
  const id = await made.start(key);
  await made.asleep(id);
  const row = made.world.store.sessions.get(id);
  for (const [path, text] of Object.entries(files)) {
    const content = typeof text === 'string' ? new TextEncoder().encode(text) : text;
    row?.files.set(path, { path, content, mode: 0o644, updatedAt: made.world.now() });
  }
  const base = `/v1/sessions/${id}/files`;
  const read = async (path: string) => made.hono.request(base + path, { headers: { authorization: `Bearer ${key}` } });
  return { ...made, key, base, read };
}

describe('files', () => {
  it('are listed', async () => {
    const { call, key, base } = await workspace();
    expect((await call('GET', base, { key })).json).toEqual({
      data: [{ path: '/notes/a b.md', bytes: 7, mode: 0o644, updated_at: '2026-11-10T08:00:00.000Z' }],
      next_cursor: null,
    });
  });

  it('are listed in pages', async () => {
    const { call, key, base } = await workspace({ '/a': '1', '/b': '2' });
    const first = (await call('GET', `${base}?limit=2`, { key })).json;
    const second = (await call('GET', `${base}?limit=2&cursor=${first.next_cursor}`, { key })).json;
    const paths = [first, second].map(({ data }) => data.map(({ path }: { path: string }) => path));
    expect(paths).toEqual([['/a', '/b'], ['/notes/a b.md']]);
    expect(second.next_cursor).toBeNull();
  });

  it('are read by their path, with slashes as they are or escaped', async () => {
    const { read } = await workspace();
    for (const path of ['/notes/a%20b.md', '/notes%2Fa%20b.md', '/./notes//a%20b.md', '/x/..%2fnotes/a%20b.md']) {
      const response = await read(path);
      expect([response.status, await response.text()], path).toEqual([200, '# Moons']);
    }
  });

  it('come as they are, to the byte', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { read } = await workspace({ '/bytes': bytes, '/empty': '' });
    const response = await read('/bytes');
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-length')).toBe('256');
    const empty = await read('/empty');
    expect([empty.status, await empty.text()]).toEqual([200, '']);
  });

  it('are never a page of our origin', async () => {
    const files = {
      '/x.html': '<script>alert(1)</script>',
      '/x.svg': '<svg onload="alert(1)"/>',
      '/"é\r\n\'.txt': 'x',
      '/100%.txt': 'y',
    };
    const { read } = await workspace(files);
    for (const path of Object.keys(files)) {
      const { headers, status } = await read(`/${encodeURIComponent(path.slice(1))}`);
      expect(status, path).toBe(200);
      expect(headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain('sandbox');
      expect(headers.get('content-disposition')).toMatch(/^attachment; filename\*=UTF-8''[\w.%-]+$/);
    }
  });

  it.each(['/..%2f..%2fetc%2fpasswd', '/%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '/etc/passwd%00', '/nope', '/'])(
    '%s is not found',
    async (path) => {
      const { call, key, base } = await workspace();
      const answer = await call('GET', base + path, { key });
      expect([answer.status, answer.json?.code]).toEqual([404, 'not_found']);
    },
  );
});
