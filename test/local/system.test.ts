import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';

/** The whole system as `npm start` has it, with the model's answers given by the test. */
let system: LocalSystem;
const failures: string[] = [];
beforeAll(async () => {
  const onLog = (line: string) => void (/"level":"error"/.test(line) && failures.push(line));
  system = await startLocal({ startAt: Date.parse('2026-11-10T08:00:00Z'), concurrency: 2, onLog });
});
afterAll(() => system?.close());

type Json = Record<string, unknown>;
const request = async (method: string, path: string, body?: unknown, key = system.apiKey) => {
  const response = await fetch(system.url + path, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Json };
};
const model = () => system.model ?? expect.unreachable('the system has its own model server');

/** Reads the event stream until the named event. */
const follow = async (id: unknown, until: string): Promise<string[]> => {
  const hangUp = new AbortController();
  const headers = { authorization: `Bearer ${system.apiKey}` };
  const response = await fetch(`${system.url}/v1/sessions/${id}/events/stream`, { headers, signal: hangUp.signal });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes(`event: ${until}\n`)) break;
  }
  hangUp.abort();
  return [...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name ?? '');
};

describe('a local system', () => {
  it('takes a session from POST to its result, through queue, child process and model', async () => {
    model().answerNext(
      reply('I write it down.', call('write_file', { path: 'poem.md', content: 'night\n' })),
      reply(call('finish', { result: 'The poem is in poem.md.' })),
    );
    const { status, body } = await request('POST', '/v1/sessions', { goal: 'A poem about sleep' });
    expect(status).toBe(201);
    expect(await follow(body.id, 'agent.completed')).toContain('agent.tool.called');
    const done = (await request('GET', `/v1/sessions/${body.id}`)).body;
    expect(done).toMatchObject({ status: 'completed', result: 'The poem is in poem.md.', iteration_number: 2 });
    const file = await fetch(`${system.url}/v1/sessions/${body.id}/files/poem.md`, {
      headers: { authorization: `Bearer ${system.apiKey}` },
    });
    expect(await file.text()).toBe('night\n');
    const billed = model()
      .bill()
      .reduce((sum, line) => sum + Number(line.cost_microdollars), 0);
    expect(done.cost_microdollars).toBe(billed);
  });

  it('serves a client that was generated from its contract', async () => {
    model().answerNext(reply(call('finish', { result: 'None.' })));
    const { program } = await import(new URL('../client/program.ts', import.meta.url).href);
    expect(await program(system.url, system.apiKey)).toEqual({
      id: expect.stringMatching(/^ses_/),
      goal: 'Count the moons.',
      working: true,
      types: ['agent.started'],
      model: 'claude-sonnet-5-5',
      left: expect.any(Number),
      problem: 'not_found',
    });
  });

  it('lets a sleeper go on when the clock is moved, before it answers', async () => {
    model().answerNext(
      reply('Enough for today.', call('sleep', { note: 'The rest tomorrow.', until: '2026-11-12T06:00:00Z' })),
    );
    const { body } = await request('POST', '/v1/sessions', { goal: 'Something that takes days' });
    await follow(body.id, 'agent.sleeping');
    const asleep = (await request('GET', `/v1/sessions/${body.id}`)).body;
    expect(asleep.status).toBe('sleeping');
    model().answerNext(reply(call('finish', { result: 'Done on another day.' })));
    const moved = await request('POST', '/local/clock', { now: asleep.wake_at });
    expect(moved.status).toBe(200);
    expect(Date.parse(String(moved.body.now))).toBeGreaterThanOrEqual(Date.parse(String(asleep.wake_at)));
    expect((await request('GET', `/v1/sessions/${body.id}`)).body.status).not.toBe('sleeping');
    await follow(body.id, 'agent.completed');
    const budget = (await request('GET', '/v1/budget')).body;
    expect(budget.date).toBe(String(asleep.wake_at).slice(0, 10));
  });

  it('has a clock that does not go back, and no other local route', async () => {
    expect((await request('POST', '/local/clock', { now: '2026-11-01T00:00:00Z' })).status).toBe(409);
    expect((await request('POST', '/local/clock', { advance_ms: 'much' })).body.code).toBe('invalid_request');
    expect((await request('GET', '/local/other')).status).toBe(404);
  });

  it('knows the operator by the admin key only', async () => {
    const user = {
      tier: 'economy',
      subscription_budget_microdollars: 1_000_000,
      subscription_renewal_date: '2026-12-10',
    };
    expect((await request('PUT', '/v1/admin/users/other', user)).status).toBe(403);
    expect((await request('PUT', '/v1/admin/users/other', user, system.adminKey)).status).toBe(200);
  });

  it('has functions that take the events AWS sends', async () => {
    const { invoker } = system;
    const payloadOf = async (name: string, event: unknown) => {
      const answer = await invoker.invoke(name, event);
      return answer.type === 'buffered' ? answer.payload : expect.unreachable('not a streaming function');
    };
    const messages = (...bodies: string[]) => ({
      Records: bodies.map((body, n) => ({
        messageId: `059f36b4-87a3-44ab-83d2-66197${n}1975a7d`,
        receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
        body,
        attributes: {
          ApproximateReceiveCount: '6',
          SentTimestamp: '1545082649183',
          SenderId: 'AIDAIENQZJOLO23YVJ4VO',
          ApproximateFirstReceiveTimestamp: '1545082649185',
          DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:123456789012:circadian-work',
        },
        messageAttributes: {},
        md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:circadian-dead-letters',
        awsRegion: 'us-east-1',
      })),
    });
    const scheduled = {
      version: '0',
      id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '123456789012',
      time: '2026-11-12T06:01:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:123456789012:rule/recovery'],
      detail: {},
    };
    const alarm = { type: 'alarm', at: '2026-11-12T06:01:00.000Z' };
    for (const event of [scheduled, alarm, { cron: 'recovery' }, { cron: 'midnight' }]) {
      expect(await payloadOf('wake', event)).toEqual({ hinted: 0 });
    }
    expect(await payloadOf('migrate', {})).toEqual({ applied: [] });

    const unknown = JSON.stringify({ sessionId: 'ses_00000000000000000000000000', userId: 'nobody' });
    expect(await payloadOf('iterate', messages(unknown, 'no hint'))).toEqual({ batchItemFailures: [] });
    failures.splice(0, failures.length, ...failures.filter((line) => !line.includes('not a hint')));

    model().answerNext(reply('Which one?', call('ask_user', { question: 'Which one?' })));
    const { body } = await request('POST', '/v1/sessions', { goal: 'Ask me something' });
    await follow(body.id, 'agent.waiting_for_input');
    const dead = messages(JSON.stringify({ sessionId: body.id, userId: system.userId }));
    expect(await payloadOf('deadLetter', dead)).toEqual({ batchItemFailures: [] });
    const { data } = (await request('GET', `/v1/sessions/${body.id}/events`)).body as { data: Json[] };
    expect(data.at(-1)).toMatchObject({ type: 'agent.retrying', reason: 'queue gave up' });
    expect((await request('GET', `/v1/sessions/${body.id}`)).body.status).toBe('waiting_for_input');
  });

  it('had no failure on the way', () => {
    expect(failures).toEqual([]);
  });
});
