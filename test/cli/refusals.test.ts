/** What is said where a command is not right, or the address is no Circadian. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { spoken } from '../../cli/place.ts';
import { loopback } from '../kit/loopback.ts';
import { served } from './kit.ts';

it('says so for scripts in JSON, also where the command is not right', async () => {
  const { circadian } = await served();
  for (const args of [
    ['run', '--json'],
    ['--json', 'lss'],
    ['topup', 'x', '--json'],
  ]) {
    const { code, err } = await circadian(args);
    expect([code, JSON.parse(err)]).toEqual([2, expect.objectContaining({ exit: 2, message: expect.any(String) })]);
  }
});

it.each([
  ['no Circadian', 8, () => new Response('<html>', { status: 502 })],
  ['no Circadian', 1, () => new Response('<html>')],
])('prints no contract of what is %s: %i', async (_, code, answer) => {
  const other = await loopback(answer);
  onTestFinished(() => other[Symbol.asyncDispose]());
  const { circadian, env } = await served();
  expect(await circadian(['openapi'], { env: { ...env, CIRCADIAN_URL: other.url } })).toMatchObject({ code, out: '' });
});

it("takes no text for the operator's answer", async () => {
  const other = await loopback(() => new Response('Hello.'));
  onTestFinished(() => other[Symbol.asyncDispose]());
  const { circadian, env } = await served();
  const { code, err } = await circadian(['admin', 'users', 'ls'], { env: { ...env, CIRCADIAN_URL: other.url } });
  expect([code, err]).toEqual([1, '✕ What answers there is no Circadian: look at the address.\n']);
});

it.each([
  ['no-such', ['schedules', 'pause', 'no-such'], 'circadian schedules'],
  ['no-such', ['webhooks', 'rm', 'no-such'], 'circadian webhooks'],
  ['no-such', ['memory', 'ls', 'no-such'], 'circadian memory'],
  ['no-such', ['admin', 'users', 'show', 'no-such'], 'circadian admin users ls'],
])('names what lists the things that %s is none of: %j', async (_, args, next) => {
  const { circadian } = await served();
  const { code, err } = await circadian(args);
  expect([code, err.split('\n').at(-2)]).toEqual([3, `  → ${next}`]);
});

it('shows the files of a session that has none of that name', async () => {
  const { circadian, start, key } = await served();
  const id = await start(key);
  const { code, err } = await circadian(['files', 'cat', id, 'gone.md']);
  expect([code, err.split('\n').at(-2)]).toEqual([3, `  → circadian files ls ${id}`]);
});

it('asks for the key of the address that was named', async () => {
  const { circadian, env, url } = await served();
  const other = 'http://127.0.0.1:9';
  const none = await circadian(['ls', '--url', other]);
  expect([none.code, none.err]).toEqual([
    4,
    `✕ There is no API key for ${other}.\n  → circadian login --url ${other}\n`,
  ]);
  const wrong = { env: { ...env, CIRCADIAN_API_KEY: 'ck_wrong', CIRCADIAN_ADMIN_KEY: 'wrong' } };
  const refused = await circadian(['ls', '--url', url], wrong);
  expect([refused.code, refused.err]).toEqual([4, expect.stringMatching(`  → circadian login --url ${url}\n$`)]);
  const operator = await circadian(['admin', 'users', 'ls'], wrong);
  expect([operator.code, operator.err]).toEqual([4, expect.stringMatching('  → circadian login --admin\n$')]);
});

it('takes no key with a space in it', async () => {
  const { circadian, env, url } = await served();
  const { code, err } = await circadian(['ls'], { env: { ...env, CIRCADIAN_API_KEY: 'ck one' } });
  expect([code, err]).toEqual([4, `✕ The API key for ${url} has a space or a line end in it.\n  → circadian login\n`]);
});

it('names options and dollars to people, and fields and microdollars to scripts', async () => {
  const { circadian } = await served();
  const args = ['run', 'Count the moons.', '--cap', '0'];
  expect((await circadian(args)).err).toMatch(/^✕ Not valid: --cap: Must be at least \$0\.000001\. /);
  expect(JSON.parse((await circadian([...args, '--json'])).err).message).toContain(
    'max_cost_microdollars: Must be at least 1.',
  );
  const fault = 'Allows no step: the first one alone needs 31280 or more; 69213 is enough for it';
  const errors = [
    { path: 'max_cost_microdollars', message: fault },
    { path: 'daily_share_percent', message: 'Must be at most 100' },
    { path: 'goal', message: 'Is required' },
  ];
  const message = `Not valid: ${errors.map((one) => `${one.path}: ${one.message}`).join('; ')}.`;
  expect(spoken({ message, errors })).toBe(
    'Not valid: --cap: Allows no step: the first one alone needs $0.03128 or more; $0.069213 is enough for it; --share: Must be at most 100; goal: Is required.',
  );
});

it.each([
  [['ls', '--status', ''], 'Give at least one'],
  [['ls', '--limit', '0'], 'from 1 on'],
  [['logs', '@last', '--only', ','], 'Give at least one'],
  [['usage', '--from', 'yesterday'], 'Give a day, as 2026-12-01.'],
  [['usage', '--to', '2026-02-30'], 'Give a day, as 2026-12-01.'],
  [['schedules', 'add', 'a', '0 8 * * *'], '(circadian schedules add --help says what there is)'],
])('refuses %j before it asks', async (args, said) => {
  const { circadian, asked } = await served();
  const { code, err } = await circadian(args);
  expect([code, err, asked]).toEqual([2, expect.stringContaining(said), []]);
});

it('says of a filter that nothing fits, and not that there is nothing', async () => {
  const { circadian, start, key } = await served();
  await start(key);
  expect((await circadian(['ls', '--status', 'failed'])).out).toBe('No such session.\n');
  const { code, err } = await circadian(['ls', '--status', 'asleep']);
  expect([code, err]).toEqual([2, expect.stringMatching(/status: Must be one of .*sleeping/)]);
});

it('watches the budget on a terminal alone', async () => {
  const { circadian } = await served();
  const { code, err } = await circadian(['budget', '--watch']);
  expect([code, err]).toEqual([2, '✕ It is seen to move on a terminal alone.\n  → circadian budget\n']);
});

it('says which folder or file cannot be written', async () => {
  const { circadian, start, key, folder } = await served();
  const id = await start(key);
  const { code, err } = await circadian(['export', id, '-o', 'none/s.json']);
  expect([code, err]).toEqual([1, `✕ ${folder}/none/s.json cannot be written (ENOENT).\n`]);
  writeFileSync(join(folder, 'taken'), '');
  const project = await circadian(['init', 'taken/x']);
  expect([project.code, project.err]).toEqual([1, `✕ ${folder}/taken/x cannot be written (ENOTDIR).\n`]);
});

it('says which folder cannot be pulled into, what was written, and that nothing is lost', async () => {
  const { circadian, start, complete, key, folder } = await served();
  const id = await start(key);
  await complete(id);
  writeFileSync(join(folder, 'taken'), '');
  symlinkSync(join(folder, 'gone'), join(folder, 'dangling'));
  mkdirSync(join(folder, 'full/notes/a b.md'), { recursive: true });
  mkdirSync(join(folder, 'half'));
  writeFileSync(join(folder, 'half/notes'), '');
  const kept = '0 files were written before it. Nothing is lost: the files stay on the server.';
  const next = '  → the same with -o and a folder that you may write to\n';
  for (const [args, said] of [
    [['taken'], `${folder}/taken is no folder.`],
    [['taken/x/y'], `${folder}/taken is no folder.`],
    [['half'], `${folder}/half/notes is no folder.`],
    [['dangling'], `${folder}/dangling cannot be written (EEXIST).`],
    [['full', '--force'], `${folder}/full/notes/a b.md cannot be written (EISDIR).`],
    [['n'.repeat(300)], `${folder}/${'n'.repeat(300)} cannot be written (ENAMETOOLONG).`],
  ] as const) {
    const { code, out, err } = await circadian(['files', 'pull', id, '-o', ...args]);
    expect([code, out, err]).toEqual([1, '', `✕ ${said} ${kept}\n${next}`]);
  }
  const { err } = await circadian(['files', 'pull', id, '-o', 'taken', '--json']);
  expect(JSON.parse(err)).toMatchObject({ exit: 1, message: `${folder}/taken is no folder. ${kept}` });
});
