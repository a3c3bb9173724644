/** Shared memories over HTTP: made, read, changed under a condition, removed, and refused with a sentence. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MEMORY_LIMITS } from '../../lib/core/shared-memory.ts';
import { api } from './kit.ts';

const tagOf = (body: string) => `"${createHash('sha256').update(body).digest('hex')}"`;
const BASE = '/v1/memories/team/entries';

async function desk() {
  const t = api();
  const key = await t.user('ada');
  const ask = (method: string, path: string, raw?: string, headers: Record<string, string> = {}) =>
    t.call(method, path, { key, headers, ...(raw !== undefined && { raw }) });
  return { ...t, key, ask };
}

describe('a memory', () => {
  it('asks the database for no path that cannot be one', async () => {
    const { ask, world } = await desk();
    await ask('PUT', `${BASE}/a`, 'x');
    world.memories.entry = () => Promise.reject(new Error('invalid byte sequence'));
    for (const path of ['a%00b', 'a%20b', '../a']) expect((await ask('GET', `${BASE}/${path}`)).status, path).toBe(404);
  });

  it('is made by its first entry, read, listed and removed', async () => {
    const { ask, call, user } = await desk();
    expect((await ask('GET', '/v1/memories')).json).toEqual({ data: [], next_cursor: null });
    const made = await ask('PUT', `${BASE}/rules/tone.md`, 'Be brief.', { 'content-type': 'application/json' });
    expect([made.status, made.headers.get('etag'), made.json]).toEqual([
      ...[201, tagOf('Be brief.')],
      {
        ...{ path: 'rules/tone.md', bytes: 9, source: 'person', session_id: null },
        updated_at: '2026-11-10T08:00:00.000Z',
      },
    ]);
    const read = await ask('GET', `${BASE}/rules/tone.md`);
    expect([read.status, read.text, read.headers.get('content-disposition')]).toEqual([
      ...[200, 'Be brief.', "attachment; filename*=UTF-8''tone.md"],
    ]);
    expect((await ask('GET', `${BASE}/rules/tone.md`, undefined, { 'if-none-match': tagOf('Be brief.') })).status).toBe(
      304,
    );
    expect((await ask('GET', BASE)).json).toEqual({ data: [made.json], next_cursor: null });
    const listed = { name: 'team', entries: 1, bytes: 9, updated_at: '2026-11-10T08:00:00.000Z' };
    expect((await ask('GET', '/v1/memories')).json).toEqual({ data: [listed], next_cursor: null });
    const bob = await user('bob');
    for (const path of ['/v1/memories/team', BASE, `${BASE}/rules/tone.md`])
      for (const method of path === '/v1/memories/team' ? ['DELETE'] : path === BASE ? ['GET'] : ['GET', 'DELETE'])
        expect((await call(method, path, { key: bob })).status, `${method} ${path}`).toBe(404);
    expect((await ask('DELETE', '/v1/memories/team')).status).toBe(204);
    expect((await ask('DELETE', '/v1/memories/team')).json).toMatchObject({ status: 404, code: 'not_found' });
    expect((await ask('GET', BASE)).status).toBe(404);
  });

  it('keeps to the ETag of what was read', async () => {
    const { ask } = await desk();
    await ask('PUT', `${BASE}/a`, '1', { 'if-none-match': '*' });
    expect((await ask('PUT', `${BASE}/a`, '2', { 'if-none-match': '*' })).json).toMatchObject({
      code: 'precondition_failed',
    });
    expect((await ask('PUT', `${BASE}/a`, '2', { 'if-match': tagOf('1') })).status).toBe(200);
    expect((await ask('DELETE', `${BASE}/a`, undefined, { 'if-match': tagOf('1') })).status).toBe(412);
    expect((await ask('DELETE', `${BASE}/a`, undefined, { 'if-match': tagOf('2') })).status).toBe(204);
    expect((await ask('DELETE', `${BASE}/a`)).status).toBe(404);
  });

  it('is refused with a sentence where a name, a place or the room is wrong, and nothing is written', async () => {
    const { ask, start, call, key } = await desk();
    await ask('PUT', `${BASE}/a`, '1');
    const refused = async (path: string, raw: string) => {
      const { status, json } = await ask('PUT', path, raw);
      return [status, json.code, json.detail];
    };
    expect(await refused(`${BASE}/untrusted/x`, 'x')).toEqual([
      422,
      'invalid_request',
      expect.stringContaining('where only agents write'),
    ]);
    expect(await refused(`${BASE}/caf%C3%A9`, 'x')).toEqual([
      422,
      'invalid_request',
      expect.stringContaining('letters, digits'),
    ]);
    expect(await refused(`${BASE}/a/b`, 'x')).toEqual([
      409,
      'file_clash',
      expect.stringContaining('a is in the way of a/b'),
    ]);
    const most = 'x'.repeat(MEMORY_LIMITS.bytes);
    expect(await refused(`${BASE}/b`, most)).toEqual([
      409,
      'memory_full',
      expect.stringContaining('2 entries and 200001 bytes'),
    ]);
    expect(await refused(`${BASE}/b`, `${most}x`)).toEqual([413, 'payload_too_large', expect.any(String)]);
    expect(await refused('/v1/memories/Team/entries/a', 'x')).toEqual([
      422,
      'invalid_request',
      expect.stringContaining('name: Must be 1 to 64'),
    ]);
    expect((await ask('GET', '/v1/memories?cursor=%21')).status).toBe(422);
    expect((await ask('GET', '/v1/memories')).json.data).toMatchObject([{ name: 'team', bytes: 1 }]);
    const body = { goal: 'x', memory: 'Not a name' };
    expect((await call('POST', '/v1/sessions', { key, body })).json.detail).toContain('memory: Must be 1 to 64');
    const files = [{ path: 'memory/a.md', content: 'x' }];
    const first = await call('POST', '/v1/sessions', { key, body: { goal: 'x', memory: 'team', files } });
    expect([first.status, first.json.detail]).toEqual([
      422,
      expect.stringContaining('files.0.path: Cannot be written'),
    ]);
    const id = await start(key, { memory: 'team' });
    expect((await ask('GET', `/v1/sessions/${id}`)).json.memory).toBe('team');
    const file = await ask('PUT', `/v1/sessions/${id}/files/memory/a.md`, 'x');
    expect([file.status, file.json.detail]).toEqual([422, expect.stringContaining("which is the session's memory")]);
  });

  it('goes along by name with an exported session, which counts as one that has read text from outside', async () => {
    const { ask, start, asleep, call, key, world } = await desk();
    const id = await start(key, { memory: 'team' });
    await asleep(id);
    const { json } = await ask('GET', `/v1/sessions/${id}/export`);
    expect(json.session.memory).toBe('team');
    const copy = await call('POST', '/v1/sessions/import', { key, body: json });
    expect([copy.status, copy.json.memory]).toEqual([201, 'team']);
    expect(world.store.sessions.get(copy.json.id)?.memory).toMatchObject({ outside: true, shared: null });
  });
});
