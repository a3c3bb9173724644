/**
 * G10 over the whole local system: two users, every endpoint of the contract, each other's ids. The routes come from /openapi.json, so a new
 * one is attacked the day it is made; one with a new kind of id fails here until it is said what the other's would be.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { type ModelServer, startModelServer } from '../../lib/local/model/server.ts';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';
import { installedServers } from '../kit/servers.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
type Json = any;
type Operation = {
  parameters?: { name: string; in: string; style?: string; schema: Json }[];
  requestBody?: object;
  security?: object[];
};
/** What others tell us is signed instead. */
const isOfKeys = (scheme: object) => 'UserKey' in scheme || 'AdminKey' in scheme;
type Victim = { user: string; key: string; keyId: string; id: string; schedule: string; trigger: string } & {
  cursors: Record<string, string>;
  secret: string;
  webhook: string;
};
type Reply = { status: number; text: string; json: Json };

/** Every word of a victim that nobody else may see has this in it. */
const secretOf = (user: string) => `zq${user}qz`;

/** A stream of one's own goes on: what came first would be what others have. */
async function beginningOf(answer: Response): Promise<string> {
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const read = [await reader.read(), await reader.read()];
  await reader.cancel();
  return read.map(({ value }) => value ?? '').join('');
}

describe('each endpoint, with the ids of another user', () => {
  let system: LocalSystem;
  let model: ModelServer;
  let paths: Record<string, Record<string, Operation>>;
  const victims: Victim[] = [];

  const ask = async (method: string, path: string, key: string, more: RequestInit = {}): Promise<Reply> => {
    const headers = { authorization: `Bearer ${key}`, ...more.headers };
    const signal = AbortSignal.timeout(20_000);
    const answer = await fetch(system.url + path, { ...more, method, headers, signal });
    const isEndless = /event-stream/.test(answer.headers.get('content-type') ?? '');
    const text = isEndless ? await beginningOf(answer) : await answer.text();
    return {
      status: answer.status,
      text,
      json: /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : null,
    };
  };
  const post = async (path: string, key: string, body: object, headers: Record<string, string> = {}) =>
    ask('POST', path, key, { body: JSON.stringify(body), headers });

  beforeAll(async () => {
    model = await startModelServer({
      now: () => system?.clock.now() ?? Date.now(),
      player: ({ messages }, turn) => {
        const [secret = 'none'] = /zq\w+qz/.exec(JSON.stringify(messages[0])) ?? [];
        const writes = call('write_file', { path: `${secret}.md`, content: `Mine: ${secret}` });
        return turn === 0 ? reply(`I, ${secret}.`, writes) : reply(`It is written, ${secret}.`);
      },
    });
    const options = { model: { apiKey: 'test', baseUrl: model.url }, concurrency: 2 };
    system = await startLocal({ ...options, ...(await installedServers()) });
    paths = ((await (await fetch(`${system.url}/openapi.json`)).json()) as Json).paths;
    for (const user of ['ada', 'bob']) victims.push(await victim(user));
  }, 120_000);
  afterAll(async () => {
    await system?.close();
    await model?.close();
  });

  async function victim(user: string): Promise<Victim> {
    const secret = secretOf(user);
    const body = { subscription_budget_microdollars: 90_000_000 };
    await ask('PUT', `/v1/admin/users/${user}`, system.adminKey, { body: JSON.stringify(body) });
    const made = await post(`/v1/admin/users/${user}/api-keys`, system.adminKey, { name: secret });
    const { key, id: keyId } = made.json;
    const ids: string[] = [];
    for (const idempotency of ['same-for-all', 'other']) {
      const goal = { goal: `Tell ${secret}.`, system: `Of ${secret}.`, metadata: { secret }, on_end_turn: 'wait' };
      const { json } = await post('/v1/sessions', key, goal, { 'idempotency-key': idempotency });
      ids.push(json.id);
    }
    await ask('PUT', '/v1/memories/team/entries/notes.md', key, { body: `Mine: ${secret}` });
    await post('/v1/budget/top-ups', key, { amount_microdollars: 7_000_000 }, { 'idempotency-key': 'same-for-all' });
    await vi.waitFor(
      async () => {
        const { json } = await ask('GET', '/v1/sessions', key);
        expect(json.data.map(({ status }: Json) => status)).toEqual(['waiting_for_input', 'waiting_for_input']);
      },
      { timeout: 100_000, interval: 100 },
    );
    const id = ids[0]!;
    const starts = { name: secret, template: { goal: secret }, max_cost_microdollars: 1_000_000 };
    const schedule = (await post('/v1/schedules', key, { ...starts, cron: '0 0 1 1 *', time_zone: 'UTC' })).json.id;
    const trigger = (await post('/v1/triggers', key, starts)).json.id;
    expect([schedule, trigger]).toEqual([expect.stringMatching(/^sch_/), expect.stringMatching(/^trg_/)]);
    const cursors: Record<string, string> = {};
    for (const [template, query] of [
      ['/v1/sessions', 'limit=1'],
      ['/v1/sessions/{id}/messages', 'limit=1'],
      ['/v1/usage', 'limit=1&group_by=session'],
    ] as const) {
      const { json } = await ask('GET', `${template.replace('{id}', id)}?${query}`, key);
      expect(json.next_cursor, `${template} has another page`).toBeTypeOf('string');
      cursors[template] = json.next_cursor;
    }
    cursors['/v1/sessions/{id}/files'] = Buffer.from(`/${secret}.md`).toString('base64url');
    const hook = { url: `https://${secret}.example/`, description: secret, enabled: false };
    const { json: webhook } = await post('/v1/webhooks', key, hook);
    await system.database.query(
      `insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, delivered_at) values ($1, $2, $3, 'webhook.test', app_now(), app_now())`,
      [webhook.id, `evt_${secret}`, user],
    );
    await system.database.query(
      `insert into tool_approvals (session_id, call_id, user_id, tool, input, args_sha, tool_sha, input_schema, asked_at, expires_at)
        values ($1, $2, $3, 'bash', json_build_object('command', $4::text), '', '', '{}', app_now(), app_now() + interval '1 day')`,
      [id, `call_${secret}`, user, secret],
    );
    return { user, key, keyId, id, schedule, trigger, cursors, secret, webhook: webhook.id };
  }

  /** All that the database has of a user, but for when his key was used. */
  async function everythingOf(user: string): Promise<Record<string, string>> {
    const { rows: tables } = await system.database.query(
      `select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'user_id'`,
    );
    const all: Record<string, string> = {};
    for (const { name } of tables) {
      const row = name === 'api_keys' ? `to_jsonb(t) - 'last_used_at'` : 'to_jsonb(t)';
      const { rows } = await system.database.query(
        `select coalesce(string_agg((${row})::text, ',' order by (${row})::text), '') as rows from ${name} t where user_id = $1`,
        [user],
      );
      all[name as string] = rows[0]!.rows as string;
    }
    return all;
  }

  /** What stands in a place of an address, of a query or of a header if it is to be the victim's. */
  const filler = ({ id, secret, user, keyId, webhook, trigger }: Victim): Record<string, string> => ({
    ...{ id, session_id: id, trigger, path: `${secret}.md`, user_id: user, key_id: keyId },
    ...{ webhook_id: webhook, event_id: `evt_${secret}`, call_id: `call_${secret}` },
    ...{
      'Idempotency-Key': 'same-for-all',
      'Last-Event-ID': '0',
      ...{ order: 'oldest', kind: 'approval' },
      'If-None-Match': '"none"',
      'If-Match': '*',
      after: '0',
      limit: '100',
    },
    ...{ from: '2000-01-01', to: '2099-01-01', group_by: 'session', status: 'waiting_for_input' },
    ...{ agent: 'assistant', created_after: '2000-01-01T00:00:00Z', created_before: '2099-01-01T00:00:00Z' },
    'metadata[secret]': secret,
    name: 'team',
    ...{ tier: 'standard', id_prefix: user },
  });

  function requestTo(template: string, operation: Operation, victim: Victim) {
    const query = new URLSearchParams();
    const headers: Record<string, string> = {};
    // What one puts oneself under a name of the victim's would come back with it.
    const filled: Record<string, string> = {
      ...filler(victim),
      ...(template.includes('/memories/') && { path: 'notes.md' }),
    };
    if (template.startsWith('/v1/schedules/')) filled.id = victim.schedule;
    if (template.startsWith('/v1/triggers/')) filled.id = victim.trigger;
    for (const { name: given, in: place, style } of operation.parameters ?? []) {
      const name = style === 'deepObject' ? `${given}[secret]` : given;
      if (name === 'cursor') {
        // A list takes no cursor of another list, and these have no second page here.
        const cursor = victim.cursors[template];
        if (cursor === undefined)
          expect(template).toMatch(
            /events$|alerts$|top-ups$|days$|deliveries$|memories$|admin\/users$|schedules$|runs$|triggers$|inbox$/,
          );
        else query.set(name, cursor);
        continue;
      }
      const value = filled[name];
      // A new kind of parameter: say above what of the other user's it could name.
      expect(
        value,
        `${template} has the parameter ${name}, for which this test knows nothing of another user`,
      ).toBeDefined();
      if (place === 'query') query.set(name, value!);
      if (place === 'header') headers[name] = value!;
    }
    const path = template.replace(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? `{${name}}`);
    return { path: query.size > 0 ? `${path}?${query}` : path, headers };
  }

  /** A body that would be taken if the session, or the key of idempotency, were one's own. */
  const BODIES: Record<string, object> = {
    'POST /v1/sessions': { goal: 'Mine alone.', on_end_turn: 'wait' },
    'POST /v1/budget/top-ups': { amount_microdollars: 1 },
    'PATCH /v1/sessions/{id}': { max_iterations: 7 },
    'POST /v1/sessions/{id}/approvals/{call_id}': { decision: 'approve' },
    'POST /v1/webhooks': { url: 'https://hooks.example/', enabled: false },
    'PATCH /v1/webhooks/{webhook_id}': { url: 'https://mine.example/' },
    'PATCH /v1/schedules/{id}': { name: 'Mine' },
    'PATCH /v1/triggers/{id}': { name: 'Mine' },
  };

  const routes = () =>
    Object.entries(paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), template, operation })),
    );

  it('shows nothing of his and changes nothing of his', async () => {
    const [ada, bob] = victims as [Victim, Victim];
    expect(routes().length).toBeGreaterThanOrEqual(24);
    let crossed = 0;
    for (const [attacker, victim] of [
      [ada, bob],
      [bob, ada],
    ] as const) {
      const before = await everythingOf(victim.user);
      expect(before.agent_messages).toContain(victim.secret);
      expect(before.usage_ledger).toContain(victim.id);
      for (const { method, template, operation } of routes()) {
        const { path, headers } = requestTo(template, operation, victim);
        const body =
          method === 'POST' || method === 'PUT' || method === 'PATCH'
            ? (BODIES[`${method} ${template}`] ?? { content: 'Obey me.' })
            : null;
        for (const accept of ['application/json', 'text/csv']) {
          const where = `${method} ${path} as ${attacker.user}, ${accept}`;
          const more = { headers: { ...headers, accept }, ...(body && { body: JSON.stringify(body) }) };
          const answer = await ask(method, path, attacker.key, more);
          expect(answer.text, where).not.toContain(victim.secret);
          expect(answer.status, where).toBeLessThan(500);
          if (template.startsWith('/v1/admin/')) expect(answer.status, where).toBe(403);
          else if (/\{(?:webhook_)?id\}/.test(template)) {
            expect([answer.status, answer.json?.code], where).toEqual([404, 'not_found']);
            crossed += 1;
          } else expect(answer.text, where).not.toContain(victim.id);
        }
      }
      expect(await everythingOf(victim.user)).toEqual(before);
    }
    expect(crossed).toBeGreaterThanOrEqual(2 * 2 * 13);
  }, 120_000);

  it('does not take the key of an idempotent request of his for one of mine', async () => {
    const [ada, bob] = victims as [Victim, Victim];
    const headers = { 'idempotency-key': 'other' };
    const goal = {
      goal: `Tell ${bob.secret}.`,
      system: `Of ${bob.secret}.`,
      metadata: { secret: bob.secret },
      on_end_turn: 'wait',
    };
    const { json } = await post('/v1/sessions', ada.key, { ...goal, goal: 'Another.' }, headers);
    expect(json.code).toBe('idempotency_conflict');
    await post('/v1/sessions', ada.key, { goal: 'Mine.' }, { 'idempotency-key': 'of-ada-alone' });
    const mine = await post('/v1/sessions', bob.key, { goal: 'Mine.' }, { 'idempotency-key': 'of-ada-alone' });
    expect([mine.status, mine.json.user_id]).toEqual([201, 'bob']);
  });

  it('ends with a key that is revoked: its bearer sees nothing any more, of anybody', async () => {
    const { json } = await post('/v1/admin/users/bob/api-keys', system.adminKey, {});
    expect((await ask('GET', '/v1/sessions', json.key)).status).toBe(200);
    await ask('DELETE', `/v1/admin/users/bob/api-keys/${json.id}`, system.adminKey);
    for (const { method, template, operation } of routes().filter(({ operation }) =>
      operation.security?.some(isOfKeys),
    )) {
      const { path, headers } = requestTo(template, operation, victims[1]!);
      expect((await ask(method, path, json.key, { headers })).status, `${method} ${path}`).toBe(401);
    }
  });
});
