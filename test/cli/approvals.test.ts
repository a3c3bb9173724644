/** Calls that wait for a person's decision, decided from the command line. */
import { expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { newId } from '../../lib/ids.ts';
import { aSave, aSettlement } from '../contract/harness.ts';
import { served } from './kit.ts';

const EXPIRES = Date.parse('2026-12-10T08:00:00Z');

/** A session whose call of `pay` waits for its user. */
async function waiting() {
  const made = await served();
  const id = await made.start(made.key);
  const { sessions } = made.world;
  const claim = await sessions.claim(id, newId('inv'));
  if ('claimed' in claim) throw new Error('not claimed');
  const hold = { n: 1, least: 1n, wanted: 1n, model: 'claude-sonnet-5-5', handOff: false, journal: [] };
  await sessions.reserve(id, claim.fence, hold);
  const call = { id: 'toolu_1', name: 'pay', input: { to: 'a\u001b[2J', amount: 5 } };
  await sessions.settle(id, claim.fence, aSettlement({ calls: [call] }));
  const request = {
    ...{
      id: call.id,
      tool: call.name,
      input: call.input,
      edited: false,
      schema: { type: 'object' },
      expiresAt: EXPIRES,
    },
    ...{ argsSha: 'a'.repeat(64), toolSha: 'b'.repeat(64) },
  };
  const to = { state: 'waiting', question: 'Decide.', kind: 'approval' } as const;
  const suspension = { to, due: EXPIRES, memory: freshMemory(), journal: [] };
  await sessions.save(id, claim.fence, aSave({ open: [call.id], requests: [request], suspension }), []);
  return { ...made, id };
}

it('shows the call, and lets it run once it is approved', async () => {
  const { circadian, id } = await waiting();
  const { out } = await circadian(['inbox']);
  expect(out).toContain('may it call pay {"to":"a\\u001b[2J","amount":5}');
  expect(out).toContain(`→ circadian deny ${id} toolu_1\n`);
  const [, command = ''] = /→ circadian (approve .* --sha \w{32})\n/.exec(out) ?? [];
  expect((await circadian(['show', id])).out).toContain(command);
  expect(await circadian(['watch', id])).toMatchObject({ code: 12 });
  expect((await circadian(['approve', id, 'toolu_2'])).code).toBe(5);
  const unnamed = await circadian(['approve', id]);
  expect([unnamed.code, unnamed.err]).toEqual([2, expect.stringContaining(`circadian ${command}\n`)]);
  const other = await circadian(['approve', id, 'toolu_1', '--sha', '0'.repeat(32)]);
  expect([other.code, other.err]).toEqual([5, expect.stringContaining('is not what was shown')]);
  expect((await circadian(['inbox', '--json'])).out).toContain('toolu_1');
  expect(await circadian(command.split(' '))).toMatchObject({ code: 0, out: 'pay is approved.  toolu_1\n', err: '' });
  expect((await circadian(['inbox'])).out).toBe('Nobody waits for you.\n');
});

it('tells the agent why it may not', async () => {
  const { circadian, id, t, key } = await waiting();
  const ran = await circadian(['deny', '@last', '-r', 'Too much.', '--json']);
  expect([ran.code, ran.err]).toEqual([0, '']);
  const { data } = (await t.call('GET', `/v1/sessions/${id}/events`, { key })).json;
  expect(data.at(-1)).toMatchObject({ type: 'agent.approval_decided', decision: 'deny', reason: 'Too much.' });
});
