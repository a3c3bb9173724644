/** A message with attachments: what the agent reads, and what is refused before anything is taken. */
import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

async function talking() {
  const t = api();
  const key = await t.user('ada');
  const { json } = await t.call('POST', '/v1/sessions', { key, body: { goal: 'Sort.' } });
  const base = `/v1/sessions/${json.id}`;
  const row = t.world.store.sessions.get(json.id)!;
  const say = (body: object, headers = {}) => t.call('POST', `${base}/messages`, { key, body, headers });
  return { ...t, key, base, row, say };
}

describe('attachments of a message', () => {
  it('are files of the workspace, by their content or their path, and named to the agent', async () => {
    const { call, key, base, row, say } = await talking();
    await call('PUT', `${base}/files/big.bin`, { key, raw: new Uint8Array([1, 2, 3]) });
    const attachments = [
      { path: 'notes/é.md', content: 'Bonjour ✓' },
      { path: '/workspace/logo.png', content: 'iVBORw0KGgo=', encoding: 'base64' },
      { path: '/big.bin' },
    ];
    const headers = { 'idempotency-key': 'one' };
    for (const _ of [1, 2]) expect((await say({ content: 'Look.', attachments }, headers)).status).toBe(202);
    expect(row.inbox.map(({ content }) => content)).toEqual([
      'Look.\n\n[attached, for read_file: "notes/é.md", "logo.png", "big.bin"]',
    ]);
    expect((await call('GET', `${base}/files/notes/%C3%A9.md`, { key })).text).toBe('Bonjour ✓');
    expect((await call('GET', `${base}/files`, { key })).json.data).toHaveLength(3);
    const other = [{ path: '/big.bin', content: 'else' }];
    expect((await say({ content: 'Look.', attachments: other }, headers)).json.code).toBe('idempotency_conflict');
  });

  it.each([
    [[{ path: '../x', content: '' }], 'attachments.0.path', 'shortest form'],
    [[{ path: '.history/x' }], 'attachments.0.path', '.history'],
    [[{ path: 'a' }, { path: '/a', content: '' }], 'attachments.1.path', 'another of these files'],
    [
      [
        { path: 'a/b', content: '' },
        { path: 'a', content: '' },
      ],
      'attachments.1.path',
      'folder of another',
    ],
    [[{ path: 'a', content: '%%%', encoding: 'base64' }], 'attachments.0.content', 'base64'],
    [[{ path: 'a', content: 'x', encoding: 'hex' }], 'attachments.0.encoding', 'text, base64'],
    [[{ path: 'a', content: 'x', type: 'image/png' }], 'attachments.0.type', 'Unknown field'],
    [[{ path: 'new', content: 'x' }, { path: 'nowhere' }], 'attachments', 'There is no file "nowhere"'],
    [Array.from({ length: 21 }, (_, i) => ({ path: `f${i}`, content: '' })), 'attachments', 'at most 20'],
    ['a', 'attachments', 'a list'],
  ])('are refused with the message: %j', async (attachments, path, why) => {
    const { say, row } = await talking();
    const answer = await say({ content: 'Look.', attachments });
    expect([answer.status, answer.json.code, answer.json.errors[0].path]).toEqual([422, 'invalid_request', path]);
    expect(answer.json.detail).toContain(why);
    expect([row.inbox, [...row.received]]).toEqual([[], []]);
  });

  it('that stand in the way of a file are refused, and so is more text than a message may have', async () => {
    const { say, row } = await talking();
    await say({ content: 'One.', attachments: [{ path: 'a', content: 'x' }] });
    const clash = await say({ content: 'Two.', attachments: [{ path: 'a/b', content: 'x' }] });
    expect([clash.status, clash.json.code]).toEqual([409, 'file_clash']);
    const long = await say({ content: 'x'.repeat(199_990), attachments: [{ path: 'b', content: 'x' }] });
    expect([long.status, long.json.errors[0].path]).toEqual([422, 'content']);
    expect([row.inbox.length, [...row.received.keys()]]).toEqual([1, ['/a']]);
  });
});
