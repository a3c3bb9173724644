/** A folder whose local system has gone: the file that names it stays, and what a command does then costs no money elsewhere. */
import { mkdirSync, writeFileSync } from 'node:fs';
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
  const circadian = (...args: string[]) => deployment.circadian(args, { env }, { retries: 0 });
  return { circadian, asked, file, local: other.url };
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

const another = { code: 'unauthorized', detail: 'The key is not known.', status: 401 };

it.each<[string, Answer]>([
  ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
  ['nothing that is known', () => new Response('Not found', { status: 404 })],
  ['as a local system with other keys does', () => Response.json(another, { status: 401 })],
])('what answers there with %s is said to be another program', async (_, answer) => {
  const { circadian, asked, file, local } = await folderOf(answer);
  const { code, err } = await circadian('ls');
  expect(code).not.toBe(0);
  expect(err).toContain(`✕ What answers at ${local} is not the local system that ${file} tells of`);
  expect(err).toMatch(/or name a profile with --profile work\.\n {2}→ circadian dev --port 0\n$/);
  expect(asked).toEqual([]);
});

it('what the local system itself refuses is said in its own words', async () => {
  const gone = { code: 'not_found', detail: 'There is no such session.', status: 404 };
  const { circadian } = await folderOf(() => Response.json(gone, { status: 404 }));
  expect(await circadian('show', `ses_${'0'.repeat(26)}`)).toMatchObject({
    code: 3,
    err: expect.stringContaining('✕ There is no such session.'),
  });
});
