import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loopback } from '../kit/loopback.ts';
import { served } from './kit.ts';

describe('people', () => {
  it('are asked, and answer', async () => {
    const { circadian, start, rest, key } = await served();
    expect((await circadian(['inbox'])).out).toBe('Nobody waits for you.\n');
    const id = await start(key);
    await rest(id, { state: 'waiting', question: 'Which moons?', choices: ['Of Mars', 'All'] } as never, [
      ['agent.waiting_for_input', { question: 'Which moons?' }],
    ]);
    const { out } = await circadian(['inbox']);
    expect(out).toContain('? Waiting for you  Count the moons.');
    expect(out).toContain(`  Which moons?\n`);
    expect(out).toContain(`→ circadian answer ${id} "…"`);
    expect(await circadian(['approve', id])).toMatchObject({
      code: 5,
      err: expect.stringContaining('waits with no call'),
    });
    expect((await circadian(['answer', id, 'Of Mars'])).code).toBe(0);
    expect((await circadian(['inbox', '--json'])).out).toBe('[]\n');
  });
});

/** The API behind a machine that may answer in its place. */
async function between(
  answer: (request: Request, forward: typeof fetch) => Response | null | Promise<Response | null>,
) {
  const made = await served();
  const through = async (request: Request) => (await answer(request, fetch)) ?? (await fetch(request));
  return { ...made, client: { fetch: through as never, retries: 0 } };
}

describe('money', () => {
  it('is shown as a bar, and topped up', async () => {
    const { circadian } = await served();
    expect((await circadian(['budget'])).out).toMatch(
      /^Today {2}\$0\.00 of \$1\.00 {2}[·│]{48} {2}\$0\.900 left for work\n.*winds down \$0\.900 · ceiling \$1\.10 · resets in 16 h 0 m/,
    );
    const { out } = await circadian(['topup', '2', '--today']);
    expect(out).toMatch(/^\$2\.00 were added for today\..*\nToday {2}\$0\.00 of \$3\.00/);
    expect(JSON.parse((await circadian(['budget', '--json'])).out)).toMatchObject({
      daily_budget_microdollars: 3_000_000,
    });
    expect((await circadian(['budget', 'days'])).out).toMatch(
      /\n2026-11-10 {2}\$0\.00 \(0 %\) +\$3\.00 +\$3\.30 +\$2\.00\n/,
    );
    expect((await circadian(['usage'])).out).toBe('Nothing was spent.\n');
    expect((await circadian(['usage', '--csv', '--by', 'model'])).out).toMatch(/^"?key"?,/);
  });

  it('is not said to be missing where it was added', async () => {
    let added = false;
    const { circadian, asked, client } = await between((request) => {
      if (added) return new Response('down', { status: 503 });
      added = request.method === 'POST';
      return null;
    });
    expect(await circadian(['topup', '2', '--today'], {}, client)).toMatchObject({ code: 0, err: '' });
    expect(asked).toContain('/v1/budget/top-ups');
  });

  it.each([
    ['topup', '2', '--today'],
    ['run', "Count the moons' mass.", '--cap', '1'],
  ])('is spent once by what is given again: %s', async (...args) => {
    let lost = true;
    const { circadian, client } = await between(async (request, forward) => {
      if (request.method !== 'POST' || !lost) return null;
      lost = false;
      await forward(request);
      throw new TypeError('fetch failed');
    });
    const first = await circadian(args, {}, client);
    expect([first.code, first.out]).toEqual([8, '']);
    const key = /--idempotency-key (\S+)\n$/.exec(first.err)?.[1] ?? 'none';
    expect(first.err).toContain(`Given again like this, it is made once:\n  → circadian ${args[0]} `);
    expect((await circadian([...args, '--idempotency-key', key], {}, client)).code).toBe(0);
    const { out } = await circadian(args[0] === 'run' ? ['ls', '--json'] : ['budget', '--json']);
    expect(args[0] === 'run' ? JSON.parse(out).length : JSON.parse(out).daily_budget_microdollars).toBe(
      args[0] === 'run' ? 1 : 3_000_000,
    );
  });

  it('may have been added where Ctrl-C came in between', async () => {
    const stop = new AbortController();
    const silent = await loopback(() => {
      stop.abort();
      return new Promise(() => {});
    });
    onTestFinished(() => silent[Symbol.asyncDispose]());
    const { circadian, env } = await served();
    const machine = { env: { ...env, CIRCADIAN_URL: silent.url }, signal: stop.signal };
    const ran = await circadian(['topup', '2', '--idempotency-key', 'mine'], machine);
    expect([ran.code, ran.out]).toEqual([130, '']);
    expect(ran.err).toMatch(/not known\.\n.*\n {2}→ circadian topup 2 --idempotency-key mine\n$/);
  });

  it('is never guessed', async () => {
    const { circadian } = await served();
    for (const amount of ['5,00', '-5', 'five', '', '1e3', '0.0000001'])
      expect([amount, (await circadian(['topup', '--', amount])).code]).toEqual([amount, 2]);
  });
});

describe('lists', () => {
  it('are made, shown and deleted', async () => {
    const { circadian } = await served();
    const made = await circadian([
      'schedules',
      'add',
      'morning',
      '0 8 * * 1-5',
      'Read the news.',
      '--cap',
      '0.50',
      '--json',
    ]);
    expect([made.code, made.err]).toEqual([0, '']);
    const { id, max_cost_microdollars } = JSON.parse(made.out);
    expect(max_cost_microdollars).toBe(500_000);
    expect((await circadian(['schedules'])).out).toMatch(
      /^✓ on {2}morning {2}0 8 \* \* 1-5 UTC {2}2026-11-11 08:00 UTC/,
    );
    expect((await circadian(['schedules', 'pause', id])).out).toBe(`${id} is paused.\n`);
    expect((await circadian(['schedules', 'rm', id])).code).toBe(0);
    expect((await circadian(['webhooks', 'add', 'https://example.com/x'])).out).toMatch(/\nsecret whsec_/);
    expect((await circadian(['webhooks'])).out).toContain('https://example.com/x');
    expect((await circadian(['memory'])).out).toBe('No memory.\n');
  });

  it('of users and keys are the operator’s', async () => {
    const { circadian } = await served();
    expect(
      (
        await circadian([
          'admin',
          'users',
          'set',
          'bob',
          '--tier',
          'standard',
          '--budget',
          '30',
          '--renewal',
          '2026-12-01',
        ])
      ).out,
    ).toContain('$30.00 a cycle to 2026-12-01');
    expect((await circadian(['admin', 'users', 'ls'])).out).toMatch(/ada .*\nbob /s);
    expect((await circadian(['admin', 'stop', 'A price is wrong.', '--json'])).out).toContain('"stopped":true');
    expect((await circadian(['admin', 'go'])).out).toBe('Agents that are due go on within a minute.\n');
    const key = (await circadian(['admin', 'keys', 'new', 'bob'])).out.trim();
    expect(
      (await circadian(['whoami'], { env: { CIRCADIAN_API_KEY: key, ...{ CIRCADIAN_URL: (await served()).url } } }))
        .code,
    ).toBe(4);
    const [{ id }] = JSON.parse((await circadian(['admin', 'keys', 'ls', 'bob', '--json'])).out);
    expect((await circadian(['admin', 'keys', 'revoke', 'bob', id])).out).toBe(`${id} is revoked.\n`);
  });
});

describe('a failure', () => {
  it.each([
    [2, ['lss'], /unknown command 'lss'/],
    [2, ['run'], /missing required argument/],
    [2, ['run', 'Go.', '--cap', 'much'], /Give dollars, as 2\.50/],
    [2, ['files', 'pull', '@last', '-o', ''], /Name a folder; \. is the one you are in/],
    [2, ['run', ''], /goal: Must/],
    [2, ['run', 'Go.', '-m', 'gpt'], /gpt/],
    [
      3,
      ['show', 'ses_00000000000000000000000000'],
      /There is no such session.*\n.*not_found · req_.*\n {2}→ circadian ls/,
    ],
    [2, ['usage', '--by', 'moon'], /Allowed choices/],
  ])('ends with %i: %j', async (code, args, said) => {
    const { circadian } = await served();
    const ran = await circadian(args as string[]);
    expect([ran.code, ran.out]).toEqual([code, '']);
    expect(ran.err).toMatch(said as RegExp);
  });

  it('has the code of its kind', async () => {
    const { circadian, url, start, complete, key, t, env } = await served();
    const id = await start(key);
    await complete(id);
    expect((await circadian(['cancel', id])).code).toBe(5);
    expect((await circadian(['ls'], { env: { ...env, CIRCADIAN_API_KEY: 'ck_wrong' } })).code).toBe(4);
    expect((await circadian(['ls'], { env: { ...env, CIRCADIAN_API_KEY: '' } })).code).toBe(4);
    expect((await circadian(['ls'], { env: { ...env, CIRCADIAN_URL: 'http://127.0.0.1:1' } })).code).toBe(8);
    await t.call('PUT', '/v1/admin/users/poor', { key: env.CIRCADIAN_ADMIN_KEY, body: { tier: 'standard' } });
    const poor = (await t.call('POST', '/v1/admin/users/poor/api-keys', { key: env.CIRCADIAN_ADMIN_KEY, body: {} }))
      .json.key;
    expect(await circadian(['run', 'Go.'], { env: { ...env, CIRCADIAN_API_KEY: poor } })).toMatchObject({ code: 6 });
    const { err } = await circadian(['--json', 'show', 'ses_00000000000000000000000000']);
    expect(JSON.parse(err)).toMatchObject({ code: 'not_found', exit: 3, request: expect.stringMatching(/^req_/) });
    expect(url).toContain('127.0.0.1');
  });
});

it('is left at once by Ctrl-C, also where nobody answers', async () => {
  const stop = new AbortController();
  const silent = await loopback(() => {
    stop.abort();
    return new Promise(() => {});
  });
  onTestFinished(() => silent[Symbol.asyncDispose]());
  const { circadian, env } = await served();
  const ran = await circadian(['ls'], { env: { ...env, CIRCADIAN_URL: silent.url }, signal: stop.signal });
  expect(ran).toEqual({ code: 130, out: '', err: '' });
});

it('says so where an answer breaks off', async () => {
  const beginning = new TextEncoder().encode('# Moo');
  const breaking = await loopback(
    (_request, socket) =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(beginning),
          pull: () => void setImmediate(() => socket.destroySoon()),
        }),
      ),
  );
  onTestFinished(() => breaking[Symbol.asyncDispose]());
  const { circadian, env } = await served();
  const args = ['files', 'cat', `ses_${'0'.repeat(26)}`, 'a.txt'];
  const { code, err } = await circadian(args, { env: { ...env, CIRCADIAN_URL: breaking.url } });
  expect([code, err]).toEqual([8, expect.stringContaining('broke off in the middle of an answer')]);
});

describe('the machine', () => {
  it('is looked at from its address to the money', async () => {
    const { circadian, env } = await served();
    const { code, out } = await circadian(['doctor']);
    expect([code, out.match(/^✓/gm)?.length]).toEqual([0, 5]);
    expect(out).toMatch(/Its clock is \d+ d \d+ h ahead\.\n$/);
    const wrong = await circadian(['doctor'], { env: { ...env, CIRCADIAN_API_KEY: 'ck_wrong' } });
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/✕ .*\n {2}→ circadian login\n$/);
  });

  it('completes commands, and prints the contract', async () => {
    const { circadian } = await served();
    for (const shell of ['bash', 'zsh', 'fish'])
      expect((await circadian(['completion', shell])).out).toContain('--cap');
    expect((await circadian(['completion', 'cmd'])).code).toBe(2);
    expect(JSON.parse((await circadian(['openapi'])).out).openapi).toMatch(/^3\.1/);
    expect((await circadian(['open'])).out).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/app\n$/);
    expect((await circadian(['--version'])).out).toBe('1.2.3\n');
  });

  it('has no clock to move where the system is not local', async () => {
    const { circadian } = await served();
    expect(await circadian(['clock', '+1d'])).toMatchObject({
      code: 5,
      err: expect.stringContaining('no local system'),
    });
  });
});

it('writes keys where only their owner reads them', async () => {
  const { circadian, folder, url, key, env } = await served();
  const { CIRCADIAN_URL, CIRCADIAN_API_KEY, CIRCADIAN_ADMIN_KEY, ...bare } = env;
  const login = await circadian(['login', '--url', url, '--name', 'home'], {
    env: bare,
    input: async () => `${key}\n`,
  });
  expect(login).toMatchObject({ code: 0, out: 'home is kept, and the usual one: you are ada.\n' });
  const path = join(folder, '.config/circadian/config.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await circadian(['whoami'], { env: bare })).out).toContain(`${url} (profile home)`);
  writeFileSync(path, readFileSync(path), { mode: 0o644 });
  const asked: string[] = [];
  const secret = async (question: string) => {
    asked.push(question);
    return CIRCADIAN_ADMIN_KEY;
  };
  expect((await circadian(['login', '--admin'], { env: bare, secret })).code).toBe(0);
  expect(asked).toEqual([`Operator's key for ${url}: `]);
  expect((await circadian(['admin', 'users', 'ls'], { env: bare })).code).toBe(0);
  expect((await circadian(['profiles'], { env: bare })).out).toBe(`*  home  ${url}  operator, too\n`);
  const refused = await circadian(['login', '--name', 'bad'], { env: bare, input: async () => 'ck_wrong' });
  expect(refused.code).toBe(4);
  expect((await circadian(['use', 'bad'], { env: bare })).code).toBe(2);
  expect((await circadian(['logout'], { env: bare })).code).toBe(0);
  expect((await circadian(['whoami'], { env: bare })).code).toBe(4);
  expect(readFileSync(path, 'utf8')).not.toContain(key);
});
