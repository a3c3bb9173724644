/**
 * G10, "no secret in events, logs or checkpoints": the whole local system, whose provider and tools repeat the runtime's own secrets wherever
 * they can. Afterwards every table, every key in Redis, every line of the log and every answer is searched for them.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, call, failing, reply } from '../../lib/local/model/answer.ts';
import { type ModelServer, startModelServer } from '../../lib/local/model/server.ts';
import { startRedis } from '../../lib/local/redis.ts';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';

const KEY = 'sk-ant-canary/in+the=mine 0123456789';
const AWS_KEY = 'aws-canary-secret-access-key-0123456789';
/** One replaces the other, so the function is given both in one variable. */
const [OLD_PAYMENTS, NEW_PAYMENTS] = ['whsec-canary-old-0123456789', 'whsec-canary-new-0123456789'];
const CANARIES = [KEY, AWS_KEY, OLD_PAYMENTS, NEW_PAYMENTS].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').slice(0, -4),
  Buffer.from(`x${secret}`).toString('base64').slice(2, -4),
  Buffer.from(secret).toString('hex'),
]);
const wrong = (status: number, type: string): Answer =>
  failing({ kind: 'status', status, type, message: `the key ${KEY} (${encodeURIComponent(AWS_KEY)}) is no good` });
const leaky = `printf '%s' '${KEY}' | tee stolen.txt; printf '%s' '${AWS_KEY}' | base64 -w0; echo; echo '${AWS_KEY}' >&2; false`;

/** What the model says, by the goal. */
const SCRIPTS: Record<string, Answer[]> = {
  refused: [wrong(400, 'invalid_request_error')],
  forbidden: [wrong(401, 'authentication_error')],
  broken: [wrong(500, 'api_error'), reply('It works again.')],
  cut: [
    failing(
      { kind: 'error_event', after: 4, type: 'api_error', message: `stream broke with ${KEY}` },
      reply('Some words.'),
    ),
    reply('It works again.'),
  ],
  talks: [
    reply(`I was given ${KEY}.`, call('bash', { command: leaky })),
    reply(call('write_file', { path: `notes/${AWS_KEY}.md`, content: `My key: ${KEY}` })),
    reply(call('read_file', { path: 'stolen.txt' })),
    reply(call('write_file', { path: 'payments.md', content: `Old: ${OLD_PAYMENTS}, new: ${NEW_PAYMENTS}` })),
    reply(call(AWS_KEY, { [KEY]: KEY })),
    reply(call('narrate', { phase_name: KEY.slice(0, 60), text: `Now ${Buffer.from(KEY).toString('hex')}` })),
    reply(`Done: ${KEY} and ${encodeURIComponent(KEY)}.`),
  ],
};

describe('a secret of the runtime', () => {
  let system: LocalSystem;
  let model: ModelServer;
  let redis: Awaited<ReturnType<typeof startRedis>>;
  const lines: string[] = [];
  beforeAll(async () => {
    redis = await startRedis();
    const turns = new Map<string, number>();
    model = await startModelServer({
      now: () => system?.clock.now() ?? Date.now(),
      player: (request) => {
        const [, goal = ''] = /canary test: (\w+)/.exec(JSON.stringify(request.messages[0])) ?? [];
        const turn = turns.get(goal) ?? 0;
        turns.set(goal, turn + 1);
        return SCRIPTS[goal]?.[turn] ?? reply('Nothing more.');
      },
    });
    system = await startLocal({
      model: { apiKey: KEY, baseUrl: model.url },
      redisUrl: redis.url,
      concurrency: 2,
      env: { AWS_SECRET_ACCESS_KEY: AWS_KEY, STRIPE_WEBHOOK_SECRET: `${OLD_PAYMENTS},${NEW_PAYMENTS}` },
      onLog: (line) => lines.push(line),
    });
  }, 120_000);
  afterAll(async () => {
    await system?.close();
    await model?.close();
    await redis?.close();
  });

  const ask = async (path: string, body?: object): Promise<string> => {
    const headers = { authorization: `Bearer ${system.apiKey}` };
    const init = body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers };
    return (await fetch(`${system.url}/v1${path}`, init)).text();
  };

  it('is in no table, no key, no line and no answer, whoever repeats it', async () => {
    const ids: string[] = [];
    for (const goal of Object.keys(SCRIPTS))
      ids.push(JSON.parse(await ask('/sessions', { goal: `canary test: ${goal}` })).id);
    const done = ['completed', 'failed', 'waiting_for_input', 'paused'];
    await vi.waitFor(
      async () => {
        await system.moveClock(system.clock.now() + 60_000);
        const { data } = JSON.parse(await ask('/sessions'));
        const left = data.filter(({ status }: { status: string }) => !done.includes(status));
        expect(left.map(({ goal, status }: Record<string, string>) => `${goal} ${status}`)).toEqual([]);
      },
      { timeout: 90_000, interval: 300 },
    );

    const everything: Record<string, string> = { log: lines.join('\n') };
    const { rows: tables } = await system.database.query(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    for (const { name } of tables) {
      const { rows } = await system.database.query(`select t::text as row from ${name} t`);
      everything[`table ${name}`] = rows.map(({ row }) => row).join('\n');
    }
    const { rows: files } = await system.database.query(
      `select convert_from(content, 'UTF8') as text from workspace_files`,
    );
    everything.files = JSON.stringify(files);
    const client = new Redis(redis.url);
    for (const key of await client.keys('*')) {
      const type = await client.type(key);
      const value = type === 'hash' ? await client.hgetall(key) : type === 'string' ? await client.get(key) : type;
      everything[`redis ${key}`] = `${key} ${JSON.stringify(value)}`;
    }
    client.disconnect();
    for (const id of ids) {
      for (const part of ['', '/messages', '/events', '/files'])
        everything[`GET ${id}${part}`] = await ask(`/sessions/${id}${part}`);
      everything[`GET ${id} stolen`] = await ask(`/sessions/${id}/files/stolen.txt`);
    }

    // The search is worth something: it finds what was put in its place, in each of the places.
    const whole = Object.values(everything).join('\n');
    expect(whole).toContain('I was given [redacted].');
    expect(everything['table agent_events']).toContain('[redacted]');
    expect(everything['table agent_sessions']).toContain('[redacted]');
    expect(everything['table tool_calls']).toContain('[redacted]');
    expect(everything.files).toContain('My key: [redacted]');
    expect(everything.files).toContain('Old: [redacted], new: [redacted]');
    expect(lines.length).toBeGreaterThan(10);
    for (const [where, text] of Object.entries(everything)) {
      for (const canary of CANARIES) expect(text.includes(canary), `${where} has ${canary}`).toBe(false);
    }
  });
}, 180_000);
