/** A session that allows fewer tools than its agent has, over the deployments of its life; and what a tool logs. */
import { expect, it } from 'vitest';
import type { AgentSpec, Block } from '../../lib/core/session.ts';
import type { World } from '../../lib/ports/index.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, name: string, input: object = { key: id }): Block => ({ type: 'tool_use', id, name, input });

async function working(script: Script, tools: string[] | null) {
  const offered: string[][] = [];
  const t = testWorld(script);
  await withUser(t, 50_000_000n);
  await t.userSessions.create('u1', newSession({ tools }), null);
  const model: World['model'] = {
    ...t.world.model,
    think: (request, options) => {
      offered.push(request.tools.map(({ name }) => name));
      return t.world.model.think(request, options);
    },
  };
  const journal = async () => (await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
  return { t, offered, journal, world: { ...t.world, model } };
}

it('offers and runs the allowed tools alone, and keeps them and no others when its agent is changed', async () => {
  const script: Script = (_turns, i) =>
    i === 0
      ? [use('a', 'pay'), use('b', 'look')]
      : i === 1
        ? [use('c', 'sleep', { minutes: 60 })]
        : [{ type: 'text', text: 'Done.' }];
  const { t, offered, journal, world } = await working(script, ['look', 'later']);
  await settleDown(t, world);
  expect([t.effects.get('a'), t.effects.get('b')]).toEqual([undefined, 1]);
  const results = (await journal()).filter(({ type }) => type === 'agent.tool.result');
  expect(results.map(({ data }) => data)).toMatchObject([
    {
      is_error: true,
      content: expect.stringContaining(
        'The tool "pay" is not offered here, so nothing was run. These are: look, finish',
      ),
    },
    { is_error: false },
    { name: 'sleep' },
  ]);

  // The next deployment has one more tool that the session allows, and one that it does not.
  const more = (name: string): AgentSpec => {
    const spec = t.world.agent(name)!;
    const [look] = spec.tools;
    return { ...spec, tools: [...spec.tools, { ...look!, name: 'later' }, { ...look!, name: 'other' }] };
  };
  t.setNow(t.now() + 3_600_000);
  await settleDown(t, { ...world, agent: more });
  expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed', tools: ['look', 'later'] });
  const controls = ['finish', 'sleep', 'ask_user', 'narrate'];
  expect(offered).toEqual([
    ['look', ...controls],
    ['look', ...controls],
    ['look', ...controls, 'later'],
  ]);
  expect((await journal()).filter(({ type }) => type === 'agent.head_changed')).toHaveLength(1);
});

it('runs no tool of another agent, whatever the model calls, and begins and charges nothing for it', async () => {
  const script: Script = (_turns, i) =>
    i === 0 ? [use('a', 'pay'), use('b', 'put'), use('c', 'look')] : [{ type: 'text', text: 'Done.' }];
  const { t, journal, world } = await working(script, null);
  const begun: string[] = [];
  const sessions: World['sessions'] = {
    ...world.sessions,
    startTool: (id, fence, call) => {
      begun.push(call);
      return world.sessions.startTool(id, fence, call);
    },
  };
  const looker = (name: string): AgentSpec => {
    const spec = t.world.agent(name)!;
    return { ...spec, tools: spec.tools.filter(({ name: tool }) => !['pay', 'put'].includes(tool)) };
  };
  await settleDown(t, { ...world, sessions, agent: looker });
  expect([...t.effects, ...begun]).toEqual([['c', 1]]);
  const { day } = await t.accounts.budget('u1');
  expect([day.held, day.spent]).toEqual([0n, t.bill.reduce((sum, cost) => sum + cost, 0n)]);
  const results = (await journal()).filter(({ type }) => type === 'agent.tool.result');
  expect(results.map(({ data }) => data)).toMatchObject([
    { name: 'pay', is_error: true, content: expect.stringContaining('"pay" is not offered here') },
    { name: 'put', is_error: true, content: expect.stringContaining('"put" is not offered here') },
    { name: 'look', is_error: false },
  ]);
  expect(results[0]?.data).not.toHaveProperty('duration_ms');
});

it('has no new head where its agent got a tool that it does not allow', async () => {
  const script: Script = (_turns, i) =>
    i === 0 ? [use('a', 'sleep', { minutes: 60 })] : [{ type: 'text', text: 'Done.' }];
  const { t, journal, world } = await working(script, ['look']);
  await settleDown(t, world);
  t.setNow(t.now() + 3_600_000);
  const more = (name: string): AgentSpec => {
    const spec = t.world.agent(name)!;
    return { ...spec, tools: [...spec.tools, { ...spec.tools[0]!, name: 'other' }] };
  };
  await settleDown(t, { ...world, agent: more });
  expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({ status: 'completed' });
  expect((await journal()).filter(({ type }) => type === 'agent.head_changed')).toEqual([]);
});

it('logs what a tool says with its session, and what is no JSON is no reason to fail', async () => {
  const script: Script = (_turns, i) => (i === 0 ? [use('a', 'look')] : [{ type: 'text', text: 'Done.' }]);
  const { t, world } = await working(script, null);
  const lines: object[] = [];
  const log: World['log'] = (line) => {
    JSON.stringify(line, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
    lines.push(line);
  };
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const tools: World['tools'] = {
    ...world.tools,
    run: async (call, context) => {
      context.log('begun', { n: 1 });
      context.log('a circle', circle);
      return world.tools.run(call, context);
    },
  };
  await settleDown(t, { ...world, tools, log });
  const line = { level: 'info', message: 'tool', session: 'ses_1', user: 'u1', fence: 1, tool: 'look' };
  expect(lines.filter((one) => Reflect.get(one, 'tool') === 'look')).toEqual([
    { ...line, said: 'begun', fields: { n: 1 } },
    { ...line, said: expect.stringContaining('not JSON') },
  ]);
  expect(t.effects.get('a')).toBe(1);
});
