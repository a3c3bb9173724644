/** Out, in, and out again; and an imported session goes on as if it had always been there. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshMemory, Memory } from '../../lib/core/memory.ts';
import type { Block } from '../../lib/core/session.ts';
import { faultsOf as historyFaults } from '../kit/history.ts';
import { newSession, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';
import { finish, ID, invoke, SCENARIOS, text, USER, use } from '../upgrade/scenarios.ts';
import { elsewhere, exported, faultsOf, imported, timeless } from './kit.ts';

const RUNS = Number(process.env.CIRCADIAN_RUNS ?? 150);

/** What an import changes on purpose: it is at rest, it costs nothing, and its checkpoint says nothing of money or of another account. */
const atRest = (doc: ReturnType<typeof timeless>, state: string, resume: unknown) => {
  const { journal, iteration, checkpoint, tool_calls: calls } = doc;
  const paused = { seq: journal.length + 1, at: 'then', iteration, type: 'agent.paused', data: expect.anything() };
  const before = journal.at(-1).data.error?.code === 'imported';
  return {
    ...doc,
    ...{ state: expect.objectContaining({ state }), desired: 'run', cost_microdollars: 0, ledger: [] },
    journal: state === 'paused' && !before ? [...journal, paused] : journal,
    tool_calls: calls.map((call: { done_at: unknown }) => (call.done_at === null ? { ...call, started: true } : call)),
    checkpoint: {
      ...Memory.parse(checkpoint),
      ...{
        counted: null,
        windDown: null,
        rung: null,
        beforeSleep: null,
        unaffordable: false,
        failures: 0,
        doubts: 0,
        waits: 0,
      },
      ...{ thoughts: freshMemory().thoughts, head: null, told: null },
      resume,
    },
  };
};

/** Three generations: the first differs from the original in what rests, the second not at all. */
async function threeGenerations(t: TestWorld) {
  const original = await exported(t);
  expect(await faultsOf(original)).toEqual([]);
  const t2 = await elsewhere(t, (_turns, i) => finish(i + 1_000));
  const view = await imported(t2, original);
  const copy = await exported(t2, 'ses_2');
  expect(copy.journal[0].data.imported_from).toEqual({ session_id: ID, exported_at: original.exported_at });
  expect(timeless(copy)).toEqual(atRest(timeless(original), copy.state.state, copy.checkpoint.resume));
  expect(['paused', 'waiting', 'ended']).toContain(copy.state.state);
  await imported(t2, copy, 'ses_3');
  expect(timeless(await exported(t2, 'ses_3'))).toEqual(timeless(copy));
  return { t2, view, original, copy };
}

/** Nothing moves by itself; then a user resumes or answers, and it comes to its end, paid for here alone. */
async function goesOn(t2: TestWorld) {
  expect(await settleDown(t2)).toBe(0);
  const before = await t2.userSessions.get(USER, 'ses_2');
  const wish = { type: 'message', content: 'Go on.' } as const;
  const resumed = before?.status === 'paused' ? ({ type: 'resume' } as const) : wish;
  await t2.userSessions.command(USER, 'ses_2', resumed, 'op-resume');
  for (let n = 0; n < 3 && (await t2.userSessions.get(USER, 'ses_2'))?.completedAt === null; n++) {
    await settleDown(t2);
    const now = await t2.userSessions.get(USER, 'ses_2');
    if (now?.status === 'sleeping') t2.setNow(now.wakeAt!);
    if (now?.status === 'waiting_for_input') await t2.userSessions.command(USER, 'ses_2', wish, `op-${n}`);
  }
  const after = (await t2.userSessions.get(USER, 'ses_2'))!;
  expect(historyFaults((await t2.userSessions.messages(USER, 'ses_2'))!.data)).toEqual([]);
  expect(after.cost).toBe(t2.bill.reduce((a, b) => a + b, 0n));
  expect((await t2.accounts.budget(USER)).spent).toBe(after.cost);
  const journal = (await t2.userSessions.events(USER, 'ses_2', { after: 0, limit: 10_000 }))!;
  expect(journal.map(({ seq }) => seq)).toEqual(journal.map((_, i) => i + 1));
  return after;
}

describe.each(Object.keys(SCENARIOS))('a session %s', (name) => {
  it('comes back whole, and goes on to its end', async () => {
    const t = await SCENARIOS[name]!();
    const { t2, view, original } = await threeGenerations(t);
    expect(view).toMatchObject({ cost: 0n, iterationNumber: original.iteration });
    if (view.completedAt !== null) return expect(name).toMatch(/ended/);
    expect(await goesOn(t2)).toMatchObject({ status: 'completed', result: 'Done.' });
  });
});

describe('what an import makes of', () => {
  const statusOf = async (name: string) => {
    const t = await SCENARIOS[name]!();
    const t2 = await elsewhere(t, (_turns, i) => finish(i + 1_000));
    return { t2, view: await imported(t2, await exported(t)) };
  };

  it('work and sleep is a pause that says why, and what to do', async () => {
    for (const name of [
      'between two iterations',
      'asleep for want of money',
      'asleep as the agent wished',
      'past its ceiling',
    ]) {
      const { view } = await statusOf(name);
      expect(view).toMatchObject({ status: 'paused', error: { code: 'imported' }, wakeAt: null });
      expect(view.error?.message).toMatch(/resume/);
    }
  });

  it('a question is the question; its answer moves it on', async () => {
    const { t2, view } = await statusOf('waiting for an answer');
    expect(view).toMatchObject({ status: 'waiting_for_input', question: 'Red or blue?' });
    await t2.userSessions.command(USER, 'ses_2', { type: 'message', content: 'Red.' }, 'op');
    await settleDown(t2);
    expect((await t2.userSessions.get(USER, 'ses_2'))?.status).toBe('completed');
  });

  it('a question that was paused is the question again once it is resumed', async () => {
    const { t2 } = await statusOf('paused while it waited');
    await t2.userSessions.command(USER, 'ses_2', { type: 'resume' }, 'op');
    await settleDown(t2);
    expect(await t2.userSessions.get(USER, 'ses_2')).toMatchObject({
      status: 'waiting_for_input',
      question: 'Red or blue?',
    });
  });

  it('a sleep that the agent wished goes on until then, once it is resumed', async () => {
    const { t2 } = await statusOf('asleep as the agent wished');
    await t2.userSessions.command(USER, 'ses_2', { type: 'resume' }, 'op');
    await settleDown(t2);
    const until = Date.parse('2026-11-22T11:30:00Z');
    expect(await t2.userSessions.get(USER, 'ses_2')).toMatchObject({
      status: 'sleeping',
      sleepReason: 'agent',
      wakeAt: until,
    });
  });

  it('a message on its way reaches the agent, once', async () => {
    const { t2, view } = await statusOf('waiting, with a message on its way');
    expect(view.status).toBe('paused');
    await goesOn(t2);
    const said = JSON.stringify((await t2.userSessions.messages(USER, 'ses_2'))!.data);
    expect(said.split('Blue.')).toHaveLength(2);
  });

  it('tool calls under way: what could have had an effect outside is not repeated, the others run', async () => {
    const { t2 } = await statusOf('with tool calls under way');
    await goesOn(t2);
    expect([...t2.effects.keys()]).toEqual(['a']);
    const results = JSON.stringify((await t2.userSessions.messages(USER, 'ses_2'))!.data);
    expect(results).toContain('Interrupted: the outcome is unknown');
  });

  it('an exact count of tokens: nothing, since it would bound the next hold', async () => {
    const t = await SCENARIOS['between two iterations']!();
    const doc = await exported(t);
    expect(doc.checkpoint.counted.tokens).toBeGreaterThan(0);
    doc.checkpoint.counted.tokens = 0;
    const t2 = await elsewhere(t, (_turns, i) => finish(i + 1_000));
    await imported(t2, doc);
    expect(t2.store.sessions.get('ses_2')!.memory).toMatchObject({ counted: null });
  });

  it('the iterations so far: they count against the limit', async () => {
    const t = await SCENARIOS['between two iterations']!();
    const doc = await exported(t);
    const t2 = await elsewhere(t, (_turns, i) => finish(i + 1_000));
    await imported(t2, { ...doc, session: { ...doc.session, max_iterations: 2 } });
    await t2.userSessions.command(USER, 'ses_2', { type: 'resume' }, 'op');
    await settleDown(t2);
    expect((await t2.userSessions.get(USER, 'ses_2'))?.outcome).toBe('iteration_limit_reached');
    expect(t2.bill).toEqual([]);
  });
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('look', 'put', 'pay', 'two') },
  fc.constantFrom('narrate', 'ask', 'nap', 'say', 'fail', 'cut'),
);
const life = fc.record({
  steps: fc.array(step, { maxLength: 12 }),
  /** After so many invocations it is taken out; the last may have died before its save. */
  invocations: fc.nat(14),
  killed: fc.boolean(),
  pending: fc.array(fc.record({ at: fc.nat(14), what: fc.constantFrom('message', 'pause', 'resume', 'wake') }), {
    maxLength: 3,
  }),
});

const replies =
  (steps: string[]) =>
  (_turns: unknown, i: number): Block[] | never => {
    const key = `k${i}`;
    switch (steps[i]) {
      case undefined:
        return finish(i);
      case 'two':
        return [text('Both.'), use(`x${i}`, 'look', { key }), use(`y${i}`, 'pay', { key: `${key}y` })];
      case 'narrate':
        return [use(`n${i}`, 'narrate', { phase_name: key, text: 'Hm.' })];
      case 'ask':
        return [use(`q${i}`, 'ask_user', { question: key })];
      case 'nap':
        return [use(`z${i}`, 'sleep', { minutes: 5, note: key })];
      case 'say':
        return [text(`I say ${key}. \u{1f319}`)];
      case 'fail':
        return [use(`f${i}`, 'nothing_like_it', { key })];
      case 'cut':
        return [use(`c${i}`, 'put', { wrong: key })];
      default:
        return [use(`t${i}`, steps[i]!, { key })];
    }
  };

describe('any life', () => {
  it('comes back whole, goes on to its end, and pays nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(life, async ({ steps, invocations, killed, pending }) => {
        const t = testWorld(replies(steps));
        await withUser(t, 10_000_000n);
        await t.userSessions.create(USER, newSession({ onEndTurn: 'wait' }), null);
        const dies = { ...t.world, sessions: { ...t.world.sessions, save: () => Promise.reject(new Error('killed')) } };
        for (let i = 0; i < invocations; i++) {
          for (const { what } of pending.filter(({ at }) => at === i)) {
            const wish = what === 'message' ? { type: what, content: `Said ${i}.` } : { type: what as 'wake' };
            await t.userSessions.command(USER, ID, wish, `op-${i}-${what}`);
          }
          const now = t.store.sessions.get(ID)!;
          if (now.due > t.now() && Number.isFinite(now.due)) t.setNow(now.due);
          await invoke(t, 1, killed && i === invocations - 1 ? dies : t.world);
        }
        const { t2, view } = await threeGenerations(t);
        if (view.completedAt !== null) return;
        await goesOn(t2);
        for (const key of t2.paid) expect([...t.paid], 'done twice').not.toContain(key);
      }),
      { numRuns: RUNS },
    );
  });
});
