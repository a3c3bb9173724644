/** A folder whose local system has gone: the file that names it stays, and what a command does then costs no money elsewhere. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeProfiles } from '../../cli/settings.ts';
import { loopback } from '../kit/loopback.ts';
import { served } from './kit.ts';

type Answer = (request: Request) => Response | Promise<Response>;

/** A deployment with a profile, and a folder whose `.circadian/env` names what gives this answer; null: nothing listens there any more. */
async function folderOf(answer: Answer | null, { profile = true } = {}) {
  const deployment = await served();
  const { folder, url, key, asked } = deployment;
  const other = await loopback(answer ?? (() => new Response()));
  const end = () => other[Symbol.asyncDispose]();
  if (answer) onTestFinished(end);
  else await end();
  mkdirSync(join(folder, '.circadian'));
  const file = join(folder, '.circadian/env');
  writeFileSync(
    file,
    `CIRCADIAN_URL='${other.url}'\nCIRCADIAN_API_KEY='ck_local'\nCIRCADIAN_ADMIN_KEY='admin-local'\n`,
  );
  const env = { HOME: folder };
  if (profile) writeProfiles({ env }, { current: 'work', profiles: { work: { url, key } } });
  const within = (cwd: string, ...args: string[]) => deployment.circadian(args, { env, cwd }, { retries: 0 });
  const circadian = Object.assign((...args: string[]) => within(folder, ...args), { in: within });
  return { circadian, asked, file, folder, url, local: other.url };
}

describe('where nothing answers any more', () => {
  it.each([
    ['ls'],
    ['run', 'Write a haiku.'],
    ['topup', '5'],
    ['whoami'],
    ['admin', 'users', 'ls'],
    ['clock', '+1d'],
    ['openapi'],
    ['open'],
    ['smoke'],
  ])('`circadian %s` says so and what to do, and the usual profile is not asked', async (...args) => {
    const { circadian, asked, file, local } = await folderOf(null);
    const { code, out, err } = await circadian(...args);
    expect([code, out]).toEqual([8, '']);
    expect(err).toContain(
      `✕ \`circadian dev\` is not running here: nothing answers at ${local}, which ${file} names. Start it, or name a profile with --profile work.\n`,
    );
    expect(asked).toEqual([]);
  });

  it('a profile that is named takes its place', async () => {
    const { circadian, asked } = await folderOf(null);
    expect(await circadian('ls', '--profile', 'work')).toMatchObject({ code: 0 });
    expect(asked).toContain('/v1/sessions');
  });

  it('the doctor says the same, and scripts are told by the code', async () => {
    const { circadian, file } = await folderOf(null);
    const doctor = await circadian('doctor');
    expect([doctor.code, doctor.out]).toEqual([1, expect.stringContaining('✕ `circadian dev` is not running here')]);
    expect(doctor.out.trimEnd()).toMatch(/→ circadian dev$/);
    const { code, err } = await circadian('ls', '--json');
    expect([code, JSON.parse(err)]).toEqual([
      8,
      { code: 'unreachable', exit: 8, request: null, message: expect.stringContaining(file) },
    ]);
  });

  it('a deployment is named by its address where there is no profile', async () => {
    const { circadian } = await folderOf(null, { profile: false });
    expect((await circadian('ls')).err).toMatch(/Start it, or name a deployment with --url\.\n {2}→ circadian dev\n$/);
  });
});

describe('a file that names no local system', () => {
  const KEYS = `CIRCADIAN_API_KEY='ck_local'\nCIRCADIAN_ADMIN_KEY='admin-local'\n`;

  it.each([
    ['is empty', ''],
    ['has no address', KEYS],
    ['has an empty address', `CIRCADIAN_URL=''\n${KEYS}`],
    ['names another machine of the network', `CIRCADIAN_URL='http://192.168.1.20:3000'\n${KEYS}`],
    ['names a deployment', `CIRCADIAN_URL='https://evil.example.com'\n${KEYS}`],
    ['names no port', `CIRCADIAN_URL='http://127.0.0.1'\n${KEYS}`],
    ['names a port that there is not', `CIRCADIAN_URL='http://127.0.0.1:99999'\n${KEYS}`],
  ])('keeps commands from the usual profile where it %s', async (_, text) => {
    const { circadian, asked, file } = await folderOf(null);
    writeFileSync(file, text);
    for (const args of [['run', 'Write a haiku.'], ['topup', '5'], ['whoami'], ['smoke'], ['open']]) {
      const { code, out, err } = await circadian(...args);
      expect([code, out]).toEqual([8, '']);
      expect(err).toContain(`✕ ${file} names no local system`);
      expect(err).toMatch(/or name a profile with --profile work\.\n {2}→ circadian dev\n$/);
    }
    expect(asked).toEqual([]);
  });

  it('keeps them from it in the folders within, too, and nearer than one that names one', async () => {
    const { circadian, asked, file, folder } = await folderOf(null);
    const within = join(folder, 'project/src');
    mkdirSync(within, { recursive: true });
    const nearer = join(folder, 'project/.circadian/env');
    mkdirSync(join(folder, 'project/.circadian'));
    writeFileSync(nearer, '');
    expect((await circadian.in(within, 'topup', '5')).err).toContain(`✕ ${nearer} names no local system`);
    rmSync(nearer);
    writeFileSync(file, '');
    expect((await circadian.in(within, 'topup', '5')).err).toContain(`✕ ${file} names no local system`);
    expect(asked).toEqual([]);
  });

  it('is no hindrance where a profile or an address is named, even if it cannot be read', async () => {
    const { circadian, asked, file, url } = await folderOf(null);
    rmSync(file);
    mkdirSync(file);
    expect((await circadian('whoami')).err).toContain(`✕ ${file} names no local system`);
    expect(await circadian('ls', '--profile', 'work')).toMatchObject({ code: 0 });
    expect(await circadian('ls', '--url', url)).toMatchObject({ code: 0 });
    expect(asked.filter((path) => path === '/v1/sessions')).toHaveLength(2);
  });
});

it('an address that ends in a slash is the local system', async () => {
  const { circadian, asked, file, local } = await folderOf(null);
  writeFileSync(file, `CIRCADIAN_URL='${local}/'\nCIRCADIAN_API_KEY='ck_local'\n`);
  expect((await circadian('topup', '5')).err).toContain(`nothing answers at ${local}, which ${file} names`);
  expect(asked).toEqual([]);
});

describe('a file without a key', () => {
  const ASKED = [['run', 'Write a haiku.'], ['topup', '5'], ['whoami'], ['admin', 'users', 'ls'], ['smoke']];

  it.each(ASKED)('says to `circadian %s` that nothing runs where nothing answers', async (...args) => {
    const { circadian, asked, file, local } = await folderOf(null);
    writeFileSync(file, `CIRCADIAN_URL='${local}'\n`);
    const { code, err } = await circadian(...args);
    expect([code, asked]).toEqual([8, []]);
    expect(err).toContain(`✕ \`circadian dev\` is not running here: nothing answers at ${local}, which ${file} names.`);
    expect(err).not.toContain('login');
  });

  it.each(ASKED)('says to `circadian %s` what writes it where something answers', async (...args) => {
    const { circadian, asked, file, local } = await folderOf(() => Response.json({ status: 'ok' }));
    writeFileSync(file, `CIRCADIAN_URL='${local}'\n`);
    const { code, err } = await circadian(...args);
    expect([code, asked]).toEqual([4, []]);
    const what = args[0] === 'admin' ? "operator's key" : 'API key';
    expect(err).toBe(
      `✕ There is no ${what} in ${file}: \`circadian dev\` writes it when it starts.\n  → circadian dev\n`,
    );
  });
});

it.each<[string, Answer]>([
  ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['nothing that is known', () => new Response('Not found', { status: 404 })],
])('what answers there with %s is said to be another program', async (_, answer) => {
  const { circadian, asked, file, local } = await folderOf(answer);
  const { code, err } = await circadian('ls');
  expect(code).not.toBe(0);
  expect(err).toContain(`✕ What answers at ${local} is not the local system that ${file} tells of`);
  expect(err).toMatch(/or name a profile with --profile work\.\n {2}→ circadian dev --port 0\n$/);
  expect(asked).toEqual([]);
});

it('what answers there and does not know the key is another program, or has revoked it', async () => {
  const refused = { code: 'unauthorized', detail: 'The key is not known.', status: 401 };
  const { circadian, asked, file, local } = await folderOf(() => Response.json(refused, { status: 401 }));
  const { code, err } = await circadian('ls');
  expect([code, asked]).toEqual([4, []]);
  expect(err).toContain(
    `✕ What answers at ${local} does not take the key that ${file} tells of: another program has its port, or its key was revoked. Start it anew`,
  );
  expect(err).toMatch(/or name a profile with --profile work\.\n {2}→ circadian dev --port 0\n$/);
});

it('what the local system itself refuses is said in its own words', async () => {
  const gone = { code: 'not_found', detail: 'There is no such session.', status: 404 };
  const { circadian } = await folderOf(() => Response.json(gone, { status: 404 }));
  expect(await circadian('show', `ses_${'0'.repeat(26)}`)).toMatchObject({
    code: 3,
    err: expect.stringContaining('✕ There is no such session.'),
  });
});
