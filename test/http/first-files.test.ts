/** Files that a request for a session brings along: all of them or no session. */
import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

const goal = 'Count the moons.';

describe('files of a new session', () => {
  it('are in its workspace, as text or as bytes', async () => {
    const { call, user } = api();
    const key = await user('ada');
    const files = [
      { path: 'notes/é.md', content: 'Bonjour ✓' },
      { path: '/bytes', content: 'AP/+', encoding: 'base64' },
      { path: '/workspace/empty', content: '' },
    ];
    const made = await call('POST', '/v1/sessions', { key, body: { goal, files } });
    expect(made.status).toBe(201);
    const base = `/v1/sessions/${made.json.id}/files`;
    const { json } = await call('GET', base, { key });
    expect(json.data.map(({ path, bytes }: { path: string; bytes: number }) => [path, bytes])).toEqual([
      ['/bytes', 3],
      ['/empty', 0],
      ['/notes/é.md', 11],
    ]);
    expect((await call('GET', `${base}/notes/%C3%A9.md`, { key })).text).toBe('Bonjour ✓');
  });

  it.each([
    [[{ path: '../x', content: '' }], 'files.0.path', 'shortest form'],
    [
      [
        { path: 'a', content: '' },
        { path: '/a', content: '' },
      ],
      'files.1.path',
      'another of these files',
    ],
    [
      [
        { path: 'a', content: '' },
        { path: 'a/b', content: '' },
      ],
      'files.0.path',
      'folder of another',
    ],
    [[{ path: '.history/x', content: '' }], 'files.0.path', '.history'],
    [[{ path: 'a', content: '%%%', encoding: 'base64' }], 'files.0.content', 'base64'],
    [[{ path: 'a', content: 'QQ', encoding: 'base64' }], 'files.0.content', 'base64'],
    [[{ path: 'a', content: 'x', encoding: 'hex' }], 'files.0.encoding', 'text, base64'],
    [[{ path: 'a' }], 'files.0.content', 'required'],
    [[{ path: 'a', content: 'x', mode: 511 }], 'files.0.mode', 'Unknown field'],
    [Array.from({ length: 101 }, (_, i) => ({ path: `f${i}`, content: '' })), 'files', 'at most 100'],
  ])('are refused whole: %j', async (files, path, why) => {
    const { call, user, world } = api();
    const answer = await call('POST', '/v1/sessions', { key: await user('ada'), body: { goal, files } });
    expect([answer.status, answer.json.code, answer.json.errors[0].path]).toEqual([422, 'invalid_request', path]);
    expect(answer.json.detail).toContain(why);
    expect(world.store.sessions.size).toBe(0);
  });
});
