/**
 * A tool that finds out while it runs that its effect must not happen twice, as the shell does before a POST: a crash at every call of every port,
 * before it took effect and after, and the effect happens at most once.
 */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../../lib/tools/index.ts';
import { crashesAt, dying, type Mode, NEVER } from '../kit/dying.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const script: Script = (_turns, i) =>
  i > 0
    ? [{ type: 'text', text: 'Done.' }]
    : ['read', 'send'].map((name) => ({ type: 'tool_use' as const, id: `t_${name}`, name, input: {} }));

async function run(at: number, mode: Mode) {
  const happened = { read: 0, send: 0 };
  const tool = (name: 'read' | 'send') =>
    defineTool({
      ...{ name, description: name, effect: 'pure', input: z.object({}) },
      async run(_, { once }) {
        if (name === 'send' && !((await once()) && (await once()))) return 'stopped';
        happened[name] += 1;
        return `did ${name}`;
      },
    });
  const t = testWorld(script, { tools: [tool('read'), tool('send')] });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const { world, names } = dying(t.world, at, mode);
  await settleDown(t, world);
  const { data } = (await t.userSessions.messages('u1', 'ses_1'))!;
  return { t, names, happened, told: JSON.stringify(data) };
}

const { names } = await run(NEVER, 'before');

it('is marked before its effect, once, and the other tool is not', () => {
  expect(names.filter((name) => name === 'sessions.startTool')).toHaveLength(1);
});

it.each(crashesAt(names))('call %d, %s, %s it took effect', async (at, name, mode) => {
  const { t, happened, told } = await run(at, mode);
  expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed', result: 'Done.' });
  expect(happened.send).toBeLessThanOrEqual(1);
  expect(happened.read).toBeGreaterThan(0);
  // What was not marked is run again; what was is told.
  if (name === 'sessions.startTool' && mode === 'after')
    expect([happened.send, told]).toEqual([0, expect.stringContaining('Interrupted: the outcome is unknown')]);
  else if (!told.includes('Interrupted')) expect(happened.send).toBe(1);
});
