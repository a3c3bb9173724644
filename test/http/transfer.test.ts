import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isKnownModel } from '../../lib/budget/index.ts';
import { MOST_BYTES } from '../../lib/transfer/document.ts';
import { ADMIN, api } from './kit.ts';

/** One who has a session with a file, asleep; and how to ask for its file. */
async function withSession() {
  const stage = api(() => ({ isKnownModel }));
  const key = await stage.user('lovelace');
  const id = await stage.start(key, { system: 'Be brief.', metadata: { ticket: 7 } });
  await stage.asleep(id);
  const file = async () => (await stage.call('GET', `/v1/sessions/${id}/export`, { key })).json;
  const put = (raw: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, as = key) =>
    stage.call('POST', '/v1/sessions/import', { key: as, raw, headers });
  return { ...stage, key, id, file, put };
}

describe('an export', () => {
  it('is a file with all of the session, without a user or a key in it', async () => {
    const { call, key, id } = await withSession();
    const answer = await call('GET', `/v1/sessions/${id}/export`, { key });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${id}.json"`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.json).toMatchObject({
      ...{ format: 'circadian.session', version: 1, iteration: 0, cost_microdollars: 0 },
      session: { id, goal: 'Count the moons.', system: 'Be brief.', metadata: { ticket: 7 }, max_iterations: 150 },
      state: { state: 'sleeping', until: '2026-11-11T00:00:00.000Z', reason: 'allowance' },
      messages: [{ n: 1, role: 'user', content: [{ type: 'text', text: 'Count the moons.' }] }],
      files: [{ path: '/notes/a b.md', mode: 0o644, content: Buffer.from('# Moons').toString('base64') }],
      journal: [
        { seq: 1, type: 'agent.started' },
        { seq: 2, type: 'agent.sleeping' },
      ],
      ledger: [],
    });
    for (const secret of ['lovelace', key, key.split('_')[1], ADMIN]) expect(answer.text).not.toContain(secret);
  });

  it('comes packed to whoever takes gzip', async () => {
    const { hono, key, id, file } = await withSession();
    const ask = (accepted: string) =>
      hono.request(`/v1/sessions/${id}/export`, {
        headers: { authorization: `Bearer ${key}`, 'accept-encoding': accepted },
      });
    const packed = await ask('br, gzip');
    expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual(['gzip', 'accept-encoding']);
    expect(JSON.parse(gunzipSync(await packed.arrayBuffer()).toString())).toEqual(await file());
    for (const none of ['', 'br', 'gzip;q=0', 'identity'])
      expect((await ask(none)).headers.get('content-encoding')).toBeNull();
  });

  it('of one that holds too much is refused with its size', async () => {
    const { call, key, id, world } = await withSession();
    const row = world.store.sessions.get(id)!;
    row.files.set('/big', { path: '/big', content: new Uint8Array(17_000_000), mode: 0o644, updatedAt: 0 });
    const answer = await call('GET', `/v1/sessions/${id}/export`, { key });
    expect([answer.status, answer.json.code]).toEqual([413, 'payload_too_large']);
    expect(answer.json.detail).toMatch(/holds 17000\d+ bytes.*one by one/);
  });

  it('is never larger than an import may be, whatever of the session is large', async () => {
    const { call, put, key, id, world } = await withSession();
    const row = world.store.sessions.get(id)!;
    const ask = () => call('GET', `/v1/sessions/${id}/export`, { key });
    const fill = (path: string, bytes: number) =>
      row.files.set(path, { path, content: new Uint8Array(bytes), mode: 0o644, updatedAt: 0 });
    for (const path of ['/a', '/b']) fill(path, 4_500_000);
    fill('/c', 0);
    // Three bytes of a file are four of the document, so it can be filled to within three of the limit.
    const most = Math.floor((MOST_BYTES - (await ask()).text.length) / 4) * 3;
    fill('/c', most);
    const full = await ask();
    expect(full.status).toBe(200);
    expect(full.text.length).toBeGreaterThan(MOST_BYTES - 4);
    expect((await put(Uint8Array.from(gzipSync(full.text)))).status).toBe(201);
    fill('/c', most + 1);
    const over = await ask();
    expect([over.status, over.json.code]).toEqual([413, 'payload_too_large']);
    expect(over.json.detail).toBe(
      `The session holds ${full.text.length + 4} bytes, and a file may have ${MOST_BYTES}. Nothing was changed; read its messages, events and files one by one.`,
    );
    expect((await put(Uint8Array.from(gzipSync(`${full.text}    `)))).status).toBe(413);
  });
});

describe('an import', () => {
  it('is a new session of mine: same history and files, nothing charged, at rest', async () => {
    const { call, key, id, file, put } = await withSession();
    const sent = await file();
    const answer = await put(JSON.stringify(sent));
    expect(answer.status).toBe(201);
    const { json } = answer;
    expect(json.id).not.toBe(id);
    expect(answer.headers.get('location')).toBe(`/v1/sessions/${json.id}`);
    expect(json).toMatchObject({
      status: 'paused',
      cost_microdollars: 0,
      user_id: 'lovelace',
      error: { code: 'imported' },
    });
    expect(json.error.message).toMatch(/until you resume it/);
    const content = await call('GET', `/v1/sessions/${json.id}/files/notes/a%20b.md`, { key });
    expect(content.text).toBe('# Moons');
    const { data } = (await call('GET', `/v1/sessions/${json.id}/events`, { key })).json;
    expect(data.map(({ type }: { type: string }) => type)).toEqual(['agent.started', 'agent.sleeping', 'agent.paused']);
    expect(data[0].imported_from).toEqual({ session_id: id, exported_at: sent.exported_at });
    const resumed = await call('POST', `/v1/sessions/${json.id}/resume`, { key });
    expect([resumed.status, resumed.json.status]).toEqual([200, 'working']);
  });

  it('takes over the rules of the web, and what git keeps, which no list of files shows', async () => {
    const { call, user, start, asleep, world } = api(() => ({ isKnownModel, credentials: ['GITHUB'] }));
    const key = await user('ada');
    const web = {
      ...{ allow: ['example.com'], deny: ['example.com/private'], searches_per_day: 5 },
      shell: [{ host: 'api.github.com', methods: ['GET', 'POST'], secret: 'GITHUB' }],
      git: [{ host: 'github.com/me/site', push: true, secret: 'GITHUB' }],
    };
    const id = await start(key, { web });
    await asleep(id);
    const path = '/.git-state/site/state';
    const kept = { path, content: new TextEncoder().encode('kept'), mode: 0o644, updatedAt: world.now() };
    world.store.sessions.get(id)!.files.set(path, kept);
    const { json } = await call('GET', `/v1/sessions/${id}/export`, { key });
    const copy = (await call('POST', '/v1/sessions/import', { key, body: json })).json;
    expect(copy.web).toEqual(web);
    for (const session of [id, copy.id]) {
      const base = `/v1/sessions/${session}/files`;
      expect((await call('GET', base, { key })).json.data.map((file: { path: string }) => file.path)).toEqual([
        '/notes/a b.md',
      ]);
      const files = await world.sessions.files(session);
      expect(files.map((file) => [file.path, new TextDecoder().decode(file.content)])).toContainEqual([path, 'kept']);
      const refused = await call('PUT', `${base}/.git-state/x`, { key, raw: 'x' });
      expect([refused.status, refused.json.detail]).toEqual([422, expect.stringContaining('keeps for git')]);
    }
  });

  it('takes it packed, whatever the headers say', async () => {
    const { file, put } = await withSession();
    const packed = Uint8Array.from(gzipSync(JSON.stringify(await file())));
    expect((await put(packed)).status).toBe(201);
    expect((await put(packed, { 'content-encoding': 'gzip', 'content-type': 'application/json' })).status).toBe(201);
  });

  it('of another’s file is mine, and says nothing of the other', async () => {
    const { user, file, put } = await withSession();
    const bob = await user('bob');
    const { status, json } = await put(JSON.stringify(await file()), {}, bob);
    expect([status, json.user_id]).toEqual([201, 'bob']);
    expect(JSON.stringify(json)).not.toContain('lovelace');
  });

  it('happens once per key, and the key is not for another file', async () => {
    const { call, key, file, put } = await withSession();
    const [doc, headers] = [await file(), { 'idempotency-key': 'again' }];
    const first = await put(JSON.stringify(doc), headers);
    const second = await put(Uint8Array.from(gzipSync(JSON.stringify(doc))), headers);
    expect([second.status, second.json.id]).toEqual([201, first.json.id]);
    const other = await put(JSON.stringify({ ...doc, iteration: 9 }), headers);
    expect([other.status, other.json.code]).toEqual([409, 'idempotency_conflict']);
    expect((await call('GET', '/v1/sessions', { key })).json.data).toHaveLength(2);
    const bad = await put(JSON.stringify(doc), { 'idempotency-key': 'x'.repeat(256) });
    expect([bad.status, bad.json.code]).toEqual([422, 'invalid_request']);
  });

  it('is one session more, for who may have so many at a time', async () => {
    const { call, world, file, put } = await withSession();
    const body = { tier: 'economy', subscription_budget_microdollars: 1_000_000, subscription_renewal_date: null };
    await call('PUT', '/v1/admin/users/eve', { key: ADMIN, body });
    const { key } = (await call('POST', '/v1/admin/users/eve/api-keys', { key: ADMIN, body: {} })).json;
    const text = JSON.stringify(await file());
    expect((await put(text, {}, key)).status).toBe(201);
    expect((await put(text, {}, key)).status).toBe(201);
    const third = await put(text, {}, key);
    expect([third.status, third.json.code]).toEqual([409, 'too_many_sessions']);
    expect([...world.store.sessions.values()].filter(({ userId }) => userId === 'eve')).toHaveLength(2);
  });

  it('is refused with a sentence, and leaves nothing behind', async () => {
    const stage = await withSession();
    const doc = await stage.file();
    const poor = await stage.user('poor', 0);
    const text = JSON.stringify(doc);
    const session = (change: object) => JSON.stringify({ ...doc, session: { ...doc.session, ...change } });
    const cases: [body: string | Uint8Array<ArrayBuffer>, status: number, code: string, detail: RegExp, as?: string][] =
      [
        ['', 400, 'invalid_json', /not JSON/],
        ['{"format":', 400, 'invalid_json', /not JSON/],
        [Uint8Array.of(0xff, 0xfe, 0x00), 400, 'invalid_json', /not UTF-8/],
        [Uint8Array.of(0x1f, 0x8b, 8, 0, 1), 400, 'invalid_json', /compression is damaged/],
        [Uint8Array.from(gzipSync(text)).slice(0, -20), 400, 'invalid_json', /compression is damaged/],
        ['x'.repeat(4_500_001), 413, 'payload_too_large', /4500000 bytes/],
        [Uint8Array.from(gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '))), 413, 'payload_too_large', /16777216 bytes/],
        ['null', 422, 'invalid_request', /no export of a session/],
        [JSON.stringify({ ...doc, version: 2 }), 422, 'invalid_request', /newer version/],
        [session({ goal: 'Another.' }), 422, 'invalid_request', /what the first message says/],
        [text.replace('moons', 'mo\\u0000ons'), 422, 'invalid_request', /NUL/],
        ['['.repeat(1_000_000), 422, 'invalid_request', /nested more than 72 levels/],
        [`${'['.repeat(72)}${']'.repeat(72)}`, 422, 'invalid_request', /no export of a session/],
        [
          session({ metadata: {} }).replace('"metadata":{', `"metadata":{"a":${'['.repeat(9_999)}${']'.repeat(9_999)}`),
          422,
          'invalid_request',
          /levels deep/,
        ],
        [session({ agent: 'nobody' }), 422, 'unknown_agent', /nobody/],
        [session({ model: 'gpt' }), 422, 'unknown_model', /gpt/],
        [session({ model: 'claude-3-opus-20240229' }), 422, 'retired_model', /take claude-opus-5-5/],
        [
          JSON.stringify({ ...doc, checkpoint: { ...doc.checkpoint, successor: 'claude-3-opus-20240229' } }),
          ...([422, 'retired_model', /take claude-opus-5-5/] as const),
        ],
        [session({ effort: 'extreme' }), 422, 'invalid_request', /session.effort/],
        [session({ model: 'claude-haiku-4-5', effort: 'low' }), 422, 'invalid_request', /takes none/],
        [session({ max_output_tokens: 200_000 }), 422, 'invalid_request', /at most 128000/],
        [session({ model_ladder: ['gpt'] }), 422, 'unknown_model', /gpt/],
        [text, 403, 'no_budget', /no subscription budget/, poor],
      ];
    const before = structuredClone(stage.world.store.sessions);
    for (const [body, status, code, detail, as] of cases) {
      const answer = await stage.put(body, {}, as);
      expect([answer.status, answer.json.code], String(detail)).toEqual([status, code]);
      expect(answer.json.detail).toMatch(detail);
    }
    expect(stage.world.store.sessions).toEqual(before);
    expect(stage.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
