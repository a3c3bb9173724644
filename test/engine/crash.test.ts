/**
 * A crash at every call of every port, before it took effect and after (the reply is lost): the session still ends with the same work
 * done, nothing doubled, and the bill covered. On the memory world; test/crash/ does it with real processes and a real database.
 */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Block } from '../../lib/core/session.ts';
import { defineTool } from '../../lib/tools/index.ts';
import { crashesAt, dying, type Mode, NEVER } from '../kit/dying.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id,
  name,
  input,
});

const work: Script = (_turns, i) => {
  if (i === 0) return [use('t0', 'look', { key: 'a' }), use('t1', 'pay', { key: 'b' }), use('t2', 'put', { key: 'c' })];
  if (i === 1) return [use('t3', 'narrate', { phase_name: 'Middle', text: 'On.' }), use('s1', 'search', { key: 'e' })];
  if (i === 2) return [use('t4', 'pay', { key: 'd' }), use('s2', 'order', { key: 'f' })];
  return [{ type: 'text', text: 'Done.' }];
};

const [SEARCH, ORDER] = [5_000n, 9_000n];

/** Two tools that cost money, and what their vendors charged: one that may be asked again, one whose effect may happen once. */
const paidTools = () => {
  const charges: bigint[] = [];
  const input = z.object({ key: z.string() });
  const tool = (name: string, effect: 'pure' | 'once', cost: bigint) =>
    defineTool({
      ...{ name, description: name, effect, input, price: 10_000n },
      run: ({ key }) => {
        charges.push(cost);
        return { content: `found ${key}`, isError: false, cost };
      },
    });
  return { charges, tools: [tool('search', 'pure', SEARCH), tool('order', 'once', ORDER)] };
};

const run = async (at: number, mode: Mode) => {
  const { tools, charges } = paidTools();
  const t = testWorld(work, { tools });
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  const { world, names } = dying(t.world, at, mode);
  await settleDown(t, world);
  return { t, names, charges };
};

it('repeats a call of an idempotent tool with its key, and no call has the key of another', async () => {
  const { names } = await run(NEVER, 'before');
  const put = names.findLastIndex((name, i) => name === 'tools.run' && names.indexOf('sessions.save') > i);
  const { t } = await run(put + 1, 'after');
  const [first, second, ...others] = t.attempts.get('c') ?? [];
  expect([second, others]).toEqual([first, []]);
  const keys = ['a', 'b', 'c', 'd'].map((key) => t.attempts.get(key)?.[0]);
  expect(new Set(keys).size).toBe(4);
});

describe('a crash at every port call', async () => {
  const { names } = await run(NEVER, 'before');

  it('covers every request of an iteration', () => {
    for (const name of [
      'sessions.claim',
      'sessions.reserve',
      'model.think',
      'sessions.settle',
      'sessions.startTool',
      'sessions.holdTool',
      'tools.run',
      'sessions.save',
      'queue.send',
      'live.open',
      'live.mirror',
    ]) {
      expect(names).toContain(name);
    }
  });

  it.each(crashesAt(names))('call %d, %s, %s it took effect', async (at, _name, mode) => {
    const { t, charges } = await run(at, mode);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({
      status: 'completed',
      result: 'Done.',
      iterationNumber: 4,
    });
    expect(faultsOf((await t.userSessions.messages('u1', 'ses_1'))!.data)).toEqual([]);
    for (const key of ['b', 'd']) expect(t.effects.get(key) ?? 0).toBeLessThanOrEqual(1);
    expect(charges.filter((cost) => cost === ORDER).length).toBeLessThanOrEqual(1);
    expect(new Set(t.attempts.get('c')).size, 'an idempotent tool sees one key, however often it is tried').toBe(1);
    const { day } = await t.accounts.budget('u1');
    const billed = [...t.bill, ...charges].reduce((a, b) => a + b, 0n);
    expect(day.held).toBe(0n);
    expect(day.spent).toBeGreaterThanOrEqual(billed);
    expect(t.bill.length).toBeLessThanOrEqual(5);
    const journal = (await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
    expect(journal.map((row) => row.seq)).toEqual(journal.map((_row, i) => i + 1));
    expect(journal.filter((row) => row.type === 'agent.completed')).toHaveLength(1);
  });
});
