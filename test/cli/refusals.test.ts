/** What is said where a command is not right, or the address is no Circadian. */
import { expect, it, onTestFinished } from 'vitest';
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
