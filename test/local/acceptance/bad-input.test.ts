import { request as rawRequest } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MessagesRequest } from '../../../lib/local/messages-api/shape.ts';
import { type Answer, call, reply } from '../../../lib/local/model/answer.ts';
import { types } from './journal.ts';
import { type Json, type Person, type Reply, stage } from './stage.ts';

const local = stage();
const finish = reply(call('finish', { result: 'Done.' }));

let person: Person;
beforeAll(async () => {
  person = await local.person();
});

const post = (body: unknown, headers?: Record<string, string>) => person.call('POST', '/sessions', body, headers);
/** As RFC 9457 has it, with a code to branch on and a sentence to read. */
const problem = ({ status, headers, json }: Reply) => {
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(json).toMatchObject({ status, title: expect.any(String), detail: expect.stringMatching(/\.$/) });
  expect(json.type).toBe(`/docs/errors#${json.code}`);
  return [status, json.code];
};
const sessionsOf = async (user: Person): Promise<number> => (await user.call('GET', '/sessions')).json.data.length;

describe('a session is refused, and nothing is begun', () => {
  it.each([
    ['an unknown model', { model: 'claude-9-ultra' }, 422, 'unknown_model'],
    ['a model that is no text', { model: 5 }, 422, 'invalid_request'],
    ['an unknown agent', { agent: 'poet' }, 422, 'unknown_agent'],
    ['an agent out of the language', { agent: '__proto__' }, 422, 'unknown_agent'],
    ['no goal', { goal: undefined }, 422, 'invalid_request'],
    ['a blank goal', { goal: ' \n\u00a0' }, 422, 'invalid_request'],
    ['a negative cap', { max_cost_microdollars: -1 }, 422, 'invalid_request'],
    ['a fractional cap', { max_cost_microdollars: 10.5 }, 422, 'invalid_request'],
    ['a huge cap', { max_cost_microdollars: 1e300 }, 422, 'invalid_request'],
    ['a cap as text', { max_cost_microdollars: '5' }, 422, 'invalid_request'],
    ['iterations without end', { max_iterations: 100_001 }, 422, 'invalid_request'],
    ['a misspelt field', { max_costs_microdollars: 5 }, 422, 'invalid_request'],
    ['a goal of 2 MB', { goal: 'x'.repeat(2_000_000) }, 413, 'payload_too_large'],
    ['a goal of 300,000 characters', { goal: 'x'.repeat(300_000) }, 422, 'invalid_request'],
  ])('for %s', async (_, wanted, status, code) => {
    const before = await sessionsOf(person);
    expect(problem(await post({ goal: 'Anything', ...wanted }))).toEqual([status, code]);
    expect(await sessionsOf(person)).toBe(before);
  });

  it.each(['{"goal": "x"', 'goal=x', '"x', '{"goal":"\u0007"}'])('for what is not JSON: %j', async (raw) => {
    const answer = await local.ask('POST', '/v1/sessions', { key: person.key, raw });
    expect(problem(answer)).toEqual([400, 'invalid_json']);
  });

  it('without a budget: none is not an unlimited one', async () => {
    for (const budget of [{}, { subscription_budget_microdollars: 0 }]) {
      const id = `poor-${Object.keys(budget).length}`;
      expect((await local.admin('PUT', `/users/${id}`, { tier: 'standard', ...budget })).status).toBe(200);
      const { key } = (await local.admin('POST', `/users/${id}/api-keys`, {})).json;
      expect(problem(await local.ask('POST', '/v1/sessions', { key, body: { goal: 'x' } }))).toEqual([
        403,
        'no_budget',
      ]);
    }
  });
});

describe('money and users are refused', () => {
  it.each([-1, 0, 0.5, 1e300, 2 ** 53, '5', null, {}])('a top-up of %j', async (amount_microdollars) => {
    const before = await person.budget();
    const answer = await person.call('POST', '/budget/top-ups', { amount_microdollars });
    expect(problem(answer)).toEqual([422, 'invalid_request']);
    expect(await person.budget()).toEqual(before);
  });

  it.each([
    [{ tier: 'platinum' }, 'unknown_tier'],
    [{ tier: 'toString' }, 'unknown_tier'],
    [{ subscription_budget_microdollars: -5 }, 'invalid_request'],
    [{ subscription_budget_microdollars: 0.5 }, 'invalid_request'],
    [{ subscription_budget_microdollars: '1000000' }, 'invalid_request'],
    [{ subscription_renewal_date: '2026-02-30' }, 'invalid_request'],
    [{ subscription_renewal_date: '0000-01-01' }, 'invalid_request'],
    [{ subscription_renewal_date: '1969-12-31' }, 'invalid_request'],
    [{ wake_policy: 'never' }, 'invalid_request'],
  ])('a user with %j', async (change, code) => {
    expect(problem(await local.admin('PUT', '/users/refused', change))).toEqual([422, code]);
    expect((await local.admin('GET', '/users/refused')).status).toBe(404);
  });

  it('the most that JSON carries exactly is taken, and split without a fault', async () => {
    const budget = Number.MAX_SAFE_INTEGER;
    const whale = await local.person({ subscription_budget_microdollars: budget });
    expect((await whale.budget()).daily_budget_microdollars).toBe(Math.floor(budget / 20));
    const more = await whale.call('POST', '/budget/top-ups', { amount_microdollars: 1, spread: 'today' });
    expect(problem(more)).toEqual([422, 'invalid_request']);
    const { id } = await whale.start([finish]);
    await whale.until(id, { status: 'completed' });
  });
});

describe('a key', () => {
  it.each([
    ['missing', null],
    ['unknown', 'ck_0000_nobody'],
    ['of no known form', 'x'.repeat(5_000)],
    ['that is an injection', `ck_1_' or 1=1 --`],
  ])('%s opens nothing', async (_, key) => {
    for (const path of ['/v1/sessions', '/v1/budget', '/v1/usage', '/v1/admin/users/person-1', '/v1/nowhere']) {
      expect(problem(await local.ask('GET', path, { key }))).toEqual([401, 'unauthorized']);
    }
  });

  it('of the other kind is told so, and a revoked one is unknown', async () => {
    const { key: operator } = { key: local.system.adminKey };
    expect(problem(await local.ask('GET', '/v1/budget', { key: operator }))).toEqual([403, 'forbidden']);
    expect(problem(await person.call('PUT', '/admin/users/x', {}))).toEqual([403, 'forbidden']);
    const { id, key } = (await local.admin('POST', `/users/${person.id}/api-keys`, {})).json;
    expect((await local.ask('GET', '/v1/budget', { key })).status).toBe(200);
    expect((await local.admin('DELETE', `/users/${person.id}/api-keys/${id}`)).status).toBe(204);
    expect(problem(await local.ask('GET', '/v1/budget', { key }))).toEqual([401, 'unauthorized']);
  });

  it('of another user finds nothing of a session on any route, and changes nothing', async () => {
    const { id } = await person.start([
      reply(call('write_file', { path: 'a.txt', content: 'mine' })),
      reply(call('ask_user', { question: 'Well?' })),
    ]);
    const before = await person.until(id, { status: 'waiting_for_input' });
    const thief = await local.person();
    const reads = ['', '/messages', '/events', '/files', '/files/a.txt'].map((rest) => ['GET', rest] as const);
    const writes = ['/messages', '/wake', '/pause', '/resume', '/cancel'].map((rest) => ['POST', rest] as const);
    for (const [method, rest] of [...reads, ...writes, ['DELETE', ''] as const]) {
      const body = rest === '/messages' && method === 'POST' ? { content: 'Tell me all.' } : undefined;
      const answer = await thief.call(method, `/sessions/${id}${rest}`, body);
      expect(problem(answer), `${method} ${rest}`).toEqual([404, 'not_found']);
      expect(answer.json.detail).toBe((await thief.call(method, `/sessions/ses_0${rest}`, body)).json.detail);
    }
    const stream = await thief.call('GET', `/sessions/${id}/events/stream`);
    expect(problem(stream)).toEqual([404, 'not_found']);
    expect(await thief.call('GET', '/sessions')).toMatchObject({ json: { data: [], next_cursor: null } });
    expect(await person.get(id)).toEqual(before);
  });
});

describe('text that cannot be stored', () => {
  it('is mended in goal, system, metadata and messages: NUL and lone surrogates become U+FFFD', async () => {
    const played = local.script([reply(call('ask_user', { question: 'Go on?' })), finish], 'a\0b\ud800c\udfff😀');
    const body = { goal: played.goal, system: 'Be\0 kind', metadata: { 'k\0': '\ud800' } };
    const { status, json } = await post(body);
    expect([status, json.goal.slice(0, 8)]).toEqual([201, 'a\ufffdb\ufffdc\ufffd😀']);
    expect(json.metadata).toEqual({ 'k\ufffd': '\ufffd' });
    await person.until(json.id, { status: 'waiting_for_input' });
    await person.wish(json.id, 'messages', { content: 'yes\0\udc00!' });
    await person.until(json.id, { status: 'completed' });
    expect(JSON.stringify(played.requests[1])).toContain('yes\ufffd\ufffd!');
    played.done();
  });

  it('is mended in what the model says, in tool inputs and in tool results', async () => {
    const odd = 'x\0y\ud800z';
    const { id, done } = await person.start([
      reply(`Odd: ${odd}`, call('write_file', { path: 'odd.txt', content: odd })),
      reply(call('bash', { command: `printf 'a\\000b\\377c'; echo '${odd}' > more.txt; cat odd.txt` })),
      reply(call('finish', { result: `Said ${odd}` })),
    ]);
    expect(await person.until(id, { status: 'completed' })).toMatchObject({ result: 'Said x\ufffdy\ufffdz' });
    const { json } = await person.call('GET', `/sessions/${id}/messages`);
    expect(JSON.stringify(json)).not.toMatch(/\\u0000|\\ud800/);
    expect((await person.call('GET', `/sessions/${id}/files/odd.txt`)).text).toBe('x\ufffdy\ufffdz');
    done();
  });
});

describe('a model that errs is told, and the session lives', () => {
  const results = ({ messages }: MessagesRequest): Json[] =>
    [messages.at(-1)?.content ?? []].flat().filter((block: Json) => block.type === 'tool_result');

  it('for a tool that does not exist, arguments of the wrong shape, and input that is no JSON', async () => {
    const wrong: Answer = reply(
      call('launch_rocket', { to: 'moon' }),
      call('write_file', { file: 1 }),
      call('read_file', { path: '../../etc/passwd' }),
      call('sleep', { minutes: -5, note: 7 }),
      call('finish', { result: 7 }),
    );
    const cut = reply(call('bash', {}, { json: '{"command": "ls' }));
    const { id, requests, done } = await person.start([wrong, cut, finish]);
    await person.until(id, { status: 'completed' });
    const told = results(requests[1]!);
    expect(told.map(({ is_error }) => is_error)).toEqual([true, true, true, true, true]);
    expect(told[0].content).toContain('The tool "launch_rocket" is not offered here');
    expect(told[1].content).toMatch(/do not fit.*path/s);
    expect(told[3].content).toMatch(/do not fit/);
    expect(JSON.stringify(requests[2]?.messages.at(-1))).toContain('cut off');
    expect(types(await person.journal(id)).at(-1)).toBe('agent.completed');
    done();
  });

  it('by a result of 50 MB, cut in the middle with a note of how much', async () => {
    const ten = (from: string, to: string) => `cat ${`${from} `.repeat(10)}${to}`;
    const script = [`printf 'start%4994s\\n' x > a`, ten('a', '> b'), ten('b', '> c'), ten('c', '> d'), ten('d', '')];
    const command = `cd /tmp; ${script.join('; ')}; echo the end`;
    const { id, requests, done } = await person.start([reply(call('bash', { command })), finish]);
    await person.until(id, { status: 'completed' });
    const [result] = results(requests[1]!);
    expect(result.is_error, result.content.slice(-500)).toBeUndefined();
    expect(result.content.length).toBeLessThan(100_000);
    expect(result.content).toMatch(/^start .* of 50,000,\d{3} characters were cut.* x\nthe end$/s);
    done();
  });
});

describe('an Idempotency-Key', () => {
  it('starts one session for the same body, also at the same time, and refuses another body', async () => {
    const before = await sessionsOf(person);
    const { goal } = local.script([finish]);
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => post({ goal }, headers)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(problem(await post({ goal: 'Other' }, headers))).toEqual([409, 'idempotency_conflict']);
    expect(await sessionsOf(person)).toBe(before + 1);
    await person.until(answers[0]!.json.id, { status: 'completed', iteration_number: 1 });
  });

  it("adds a top-up once, and is each user's own", async () => {
    const [one, two] = [await local.person({ daily: 1_000 }), await local.person({ daily: 1_000 })];
    const topUp = (user: Person, amount_microdollars: number) =>
      user.call('POST', '/budget/top-ups', { amount_microdollars, spread: 'today' }, { 'idempotency-key': 'k' });
    for (const user of [one, one, two]) {
      expect((await topUp(user, 500)).json.daily_budget_microdollars).toBe(1_500);
    }
    expect(problem(await topUp(one, 501))).toEqual([409, 'idempotency_conflict']);
    expect((await one.budget()).daily_budget_microdollars).toBe(1_500);
  });
});

describe('whatever else comes in', () => {
  it.each([
    ['GET', '/v1/nowhere', 404, 'not_found'],
    ['GET', '/v1/sessions/ses_nobody', 404, 'not_found'],
    ['GET', '/v1/sessions/%00', 404, 'not_found'],
    ['GET', '/v1/sessions/%E0%A4%A', 404, 'not_found'],
    ['GET', '/v1/sessions?limit=-1', 422, 'invalid_request'],
    ['GET', '/v1/sessions?cursor=%00', 422, 'invalid_request'],
    ['GET', '/v1/usage?group_by=mood', 422, 'invalid_request'],
    ['GET', '/v1/usage?from=0000-01-01', 422, 'invalid_request'],
    ['GET', '/v1/usage?to=0000-01-01', 422, 'invalid_request'],
    ['DELETE', '/v1/budget', 405, 'method_not_allowed'],
    ['PATCH', '/v1/sessions', 405, 'method_not_allowed'],
    ['GET', '/local/nowhere', 404, 'not_found'],
  ])('%s %s → %i', async (method, path, status, code) => {
    expect(problem(await local.ask(method, path, { key: person.key }))).toEqual([status, code]);
  });

  it('headers that are too large are refused by the server, and it goes on', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { 'x-padding': 'x'.repeat(100_000) };
      rawRequest(`${local.system.url}/v1/budget`, { headers }, (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end();
    });
    expect(status).toBe(431);
    expect((await person.call('GET', '/budget')).status).toBe(200);
  });

  it('a command for a session that has ended says so', async () => {
    const { id } = await person.start([finish]);
    await person.until(id, { status: 'completed' });
    for (const what of ['wake', 'pause', 'resume', 'cancel']) {
      expect(problem(await person.call('POST', `/sessions/${id}/${what}`))).toEqual([409, 'session_ended']);
    }
    const late = await person.call('POST', `/sessions/${id}/messages`, { content: 'Still there?' });
    expect(problem(late)).toEqual([409, 'session_ended']);
  });
});

it('nothing failed on the way', () => expect(local.failures).toEqual([]));
