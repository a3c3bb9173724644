/**
 * A user's stop stops: at the claim, before money is held, in the stream, before each tool. Commands come in between two awaits of the
 * drive; heartbeats beat when the test says so.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { costMicrodollars } from '../../lib/budget/pricing.ts';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import { type SessionCommand, Stopped, type WorkerSessions, type World } from '../../lib/ports/index.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const HEARTBEAT_MS = 15_000;
const hint = { sessionId: 'ses_1', userId: 'u1' };
const limits = { remaining: () => 300_000 };
const use = (name: string): Block => ({ type: 'tool_use', id: name, name, input: { key: name } });
const STOPS = ['pause', 'cancel'] as const;
const stateOf = { pause: 'paused', cancel: 'cancelled' } as const;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** An agent that calls three tools at once and then is done. */
const started = async (): Promise<TestWorld> => {
  const t = testWorld((_turns, i) => (i === 0 ? ['look', 'pay', 'put'].map(use) : [{ type: 'text', text: 'Done.' }]));
  await withUser(t, 10_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  return t;
};
let operations = 0;
const wish = (t: TestWorld, type: Exclude<SessionCommand['type'], 'message'>) =>
  t.userSessions.command('u1', 'ses_1', { type }, `op-${++operations}`);
const statusOf = async (t: TestWorld) => (await t.userSessions.get('u1', 'ses_1'))?.status;
const results = async (t: TestWorld) =>
  Object.fromEntries(
    (await t.userSessions.messages('u1', 'ses_1'))!.data.flatMap(({ content }) =>
      content.flatMap((block) =>
        block.type === 'tool_result'
          ? [[(block as { tool_use_id: string }).tool_use_id, (block as { content: string }).content]]
          : [],
      ),
    ),
  );

/** The same world, but something happens right after a request of this name took effect, or right before. */
const around = (world: World, name: keyof WorkerSessions, when: 'before' | 'after', act: () => unknown): World => {
  const method = world.sessions[name] as (...args: never[]) => Promise<unknown>;
  const wrapped = async (...args: never[]) => {
    if (when === 'before') await act();
    const answer = await method(...args);
    if (when === 'after') await act();
    return answer;
  };
  return { ...world, sessions: { ...world.sessions, [name]: wrapped } };
};

describe.each(STOPS)('%s', (type) => {
  const rest = async (t: TestWorld) => {
    await settleDown(t);
    expect(await statusOf(t)).toBe(stateOf[type]);
    expect(t.store.sessions.get('ses_1')?.state.state).toBe(type === 'pause' ? 'paused' : 'ended');
    expect(faultsOf((await t.userSessions.messages('u1', 'ses_1'))!.data, type === 'pause')).toEqual([]);
  };

  it('before the claim: nothing is held or bought', async () => {
    const t = await started();
    await wish(t, type);
    await drive(t.world, hint, limits);
    await rest(t);
    expect([t.bill, t.store.holds.size]).toEqual([[], 0]);
  });

  it('after the claim, before the model is called: nothing is held or bought', async () => {
    const t = await started();
    await drive(
      around(t.world, 'claim', 'after', () => wish(t, type)),
      hint,
      limits,
    );
    await rest(t);
    expect([t.bill, t.store.holds.size]).toEqual([[], 0]);
  });

  it('while the tokens are counted: nothing is held or bought', async () => {
    const t = await started();
    t.world.policy.countTokens = 'always';
    const count = async () => {
      await wish(t, type);
      return null;
    };
    await drive({ ...t.world, model: { ...t.world.model, count } }, hint, limits);
    await rest(t);
    expect([t.bill, t.store.holds.size]).toEqual([[], 0]);
  });

  it('in the stream: cut at the next heartbeat, and charged its exact input and the most that it could have said', async () => {
    const t = await started();
    const usage = { input_tokens: 900, output_tokens: 1 };
    let most = 0;
    let reason: unknown;
    const think: World['model']['think'] = async (request, { signal }) => {
      most = request.max_tokens;
      await wish(t, type);
      await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
      reason = signal.reason;
      return {
        type: 'failed',
        failure: { proof: 'cut', usage, model: request.model, message: 'cut', stopped: signal.aborted },
      };
    };
    await drive({ ...t.world, model: { ...t.world.model, think } }, hint, limits);
    expect(reason).toBeInstanceOf(Stopped);
    const cost = costMicrodollars({
      model: 'claude-sonnet-5-5',
      usage: { ...usage, output_tokens: most },
      at: t.now(),
    });
    expect([...t.store.ledger.values()]).toMatchObject([{ class: 'unknown', cost, usage }]);
    expect([...t.store.holds.values()]).toMatchObject([{ class: 'unknown' }]);
    await rest(t);
    expect(t.store.ledger.size).toBe(1);
    expect(t.effects.size).toBe(0);
  });

  it('as the reply is settled: the reply is kept, and none of its tools is run', async () => {
    const t = await started();
    await drive(
      around(t.world, 'settle', 'before', () => wish(t, type)),
      hint,
      limits,
    );
    expect(t.effects.size).toBe(0);
    await rest(t);
    expect(t.bill).toHaveLength(1);
    expect(t.effects.size).toBe(0);
    if (type === 'cancel') return;
    await wish(t, 'resume');
    await settleDown(t);
    expect(await results(t)).toEqual({ look: 'did look', pay: 'did pay', put: 'did put' });
    expect(t.bill).toHaveLength(2);
  });

  it('in a tool: that one ends, the next are not run, and the agent is told', async () => {
    const t = await started();
    const run: World['tools']['run'] = async (call, context) => {
      if (call.name === 'look') {
        await wish(t, type);
        await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
      }
      return t.world.tools.run(call, context);
    };
    await drive({ ...t.world, tools: { ...t.world.tools, run } }, hint, limits);
    expect([...t.effects.keys()]).toEqual(['look']);
    const notRun = expect.stringContaining('Not run: the person stopped the session');
    expect(await results(t)).toEqual({ look: 'did look', pay: notRun, put: notRun });
    await rest(t);
  });

  it('while a tool that happens once is marked as started: it is not run', async () => {
    const t = await started();
    const stopNow = async () => {
      await wish(t, type);
      await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
    };
    await drive(around(t.world, 'startTool', 'after', stopNow), hint, limits);
    expect([...t.effects.keys()]).toEqual(['look']);
    expect((await results(t)).pay).toContain('Not run: the person stopped the session');
    await rest(t);
  });

  it('in a tool, and no heartbeat comes before one that happens once: it is not even marked', async () => {
    const t = await started();
    const run: World['tools']['run'] = async (call, context) => {
      if (call.name === 'look') await wish(t, type);
      return t.world.tools.run(call, context);
    };
    await drive({ ...t.world, tools: { ...t.world.tools, run } }, hint, limits);
    expect([...t.effects.keys()]).toEqual(['look']);
    const notRun = expect.stringContaining('Not run: the person stopped the session');
    expect(await results(t)).toEqual({ look: 'did look', pay: notRun, put: notRun });
    expect(t.store.sessions.get('ses_1')?.calls.find(({ name }) => name === 'pay')?.startedBy).toBeNull();
    await rest(t);
  });

  it.each([
    ['a second and more', 1_001, 1],
    ['less', 1_000, 0],
  ])('in a tool that took %s: whether the next one, which may be repeated, is looked out for', async (_, ms, looks) => {
    const t = testWorld((_turns, i) => (i === 0 ? ['look', 'put'].map(use) : [{ type: 'text', text: 'Done.' }]));
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    let beats = 0;
    const counted = around(t.world, 'heartbeat', 'after', () => {
      beats += 1;
    });
    const run: World['tools']['run'] = async (call, context) => {
      if (call.name === 'look') {
        await wish(t, type);
        t.store.real += ms;
      }
      return t.world.tools.run(call, context);
    };
    await drive({ ...counted, tools: { ...t.world.tools, run } }, hint, limits);
    expect([beats, t.effects.has('put')]).toEqual([looks, looks === 0]);
    await rest(t);
  });

  it('is not taken back by an older heartbeat whose answer comes late', async () => {
    const t = await started();
    const late = Promise.withResolvers<void>();
    let beats = 0;
    const heartbeat: WorkerSessions['heartbeat'] = async (id, fence) => {
      const answer = await t.world.sessions.heartbeat(id, fence);
      beats += 1;
      if (beats === 1) await late.promise;
      return answer;
    };
    const run: World['tools']['run'] = async (call, context) => {
      if (call.name === 'look') {
        await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
        await wish(t, type);
        await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
        late.resolve();
        await vi.advanceTimersByTimeAsync(0);
      }
      return t.world.tools.run(call, context);
    };
    const world = { ...t.world, sessions: { ...t.world.sessions, heartbeat }, tools: { ...t.world.tools, run } };
    await drive(world, hint, limits);
    expect(beats).toBe(2);
    expect([...t.effects.keys()]).toEqual(['look']);
    await rest(t);
  });
});

it('a user who changes his mind in time loses nothing', async () => {
  const t = await started();
  const twice = async () => {
    await wish(t, 'pause');
    await wish(t, 'resume');
  };
  await drive(around(t.world, 'claim', 'after', twice), hint, limits);
  await settleDown(t);
  expect(await statusOf(t)).toBe('completed');
  expect(t.bill).toHaveLength(2);
});

it('messages at every step of an iteration are told once, in order, at the next safe point', async () => {
  const steps = ['claim', 'reserve', 'settle', 'startTool', 'save'] as const;
  for (const step of steps) {
    for (const when of ['before', 'after'] as const) {
      const t = await started();
      let said = 0;
      const speak = async () => {
        for (const n of said === 0 ? [1, 2] : [])
          await t.userSessions.command('u1', 'ses_1', { type: 'message', content: `m${n}` }, `op-${++operations}`);
        said += 1;
      };
      await drive(around(t.world, step, when, speak), hint, limits);
      await settleDown(t);
      const told = JSON.stringify((await t.userSessions.messages('u1', 'ses_1'))!.data).match(/"m\d"/g);
      expect([step, when, told, await statusOf(t)]).toEqual([step, when, ['"m1"', '"m2"'], 'completed']);
    }
  }
});
