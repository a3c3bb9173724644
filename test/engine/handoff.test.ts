/** Several agents on one allowance, from morning to night: every one hands off before it sleeps, and reads first what it handed off. */
import { describe, expect, it } from 'vitest';
import type { Block, ModelRequest } from '../../lib/core/session.ts';
import type { World } from '../../lib/ports/index.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, type Script, settleDown, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const use = (name: string, input: object): Block => ({
  type: 'tool_use',
  id: `toolu_${Math.random().toString(36).slice(2)}`,
  name,
  input: { ...input },
});
/** What was said since the last reply. */
const said = (turns: ModelRequest['messages']): string =>
  JSON.stringify(turns.slice(turns.findLastIndex(({ role }) => role === 'assistant') + 1));

/** Works until it is told to wind down, then leaves a note and sleeps; ends when it has read a note of its own. */
const diligent: Script = (turns, index) => {
  if (said(turns).includes('Your hand-off note')) return [use('finish', { result: 'Read my own note first.' })];
  if (said(turns).includes('Wind down')) return [use('sleep', { note: `At step ${index}.` })];
  return [use('look', { key: `k${index}` })];
};

const IDS = ['ses_a', 'ses_b', 'ses_c', 'ses_d', 'ses_e', 'ses_f'];

async function team(script: Script, daily: bigint, world?: (t: TestWorld) => World) {
  const t = testWorld(script, { policy: { maxOutputTokens: 2_000, leastOutputTokens: 512, repetitionGuard: false } });
  await withUser(t, daily);
  for (const id of IDS) await t.userSessions.create('u1', newSession({ id }), null);
  await settleDown(t, world?.(t) ?? t.world, 4_000);
  return t;
}

const handedOff = (t: TestWorld) =>
  IDS.filter((id) =>
    t.store.sessions
      .get(id)
      ?.journal.some(({ type, data }) => type === 'agent.sleeping' && String(data.note).startsWith('At step')),
  );

describe('six agents on one day', () => {
  it.each([450_000n, 900_000n])('all hand off before they sleep, on %s µ$ a day', async (daily) => {
    const t = await team(diligent, daily);
    const { day } = await t.accounts.budget('u1');
    expect(handedOff(t)).toEqual(IDS);
    expect(day.spent).toBeLessThanOrEqual(day.ceiling);
    expect(day.spent * 10n).toBeGreaterThan(day.allowance * 7n);
    for (const id of IDS)
      expect(await t.userSessions.get('u1', id)).toMatchObject({ status: 'sleeping', sleepReason: 'allowance' });
    t.setNow(day.resetsAt);
    await settleDown(t, t.world, 4_000);
    for (const id of IDS) {
      expect(await t.userSessions.get('u1', id)).toMatchObject({
        status: 'completed',
        result: 'Read my own note first.',
      });
      expect(faultsOf((await t.userSessions.messages('u1', id))!.data)).toEqual([]);
    }
  });

  it('do so, too, when every seventh request to the database is lost on its way', async () => {
    let asked = 0;
    const lossy = (t: TestWorld): World => {
      const flaky =
        <A extends unknown[], R>(request: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          asked += 1;
          if (asked % 7 === 0) throw new Error('lost');
          return request(...args);
        };
      const { reserve, save, ...rest } = t.world.sessions;
      return { ...t.world, sessions: { ...rest, reserve: flaky(reserve), save: flaky(save) } };
    };
    const t = await team(diligent, 450_000n, lossy);
    const { day } = await t.accounts.budget('u1');
    expect(day.spent + day.held).toBeLessThanOrEqual(day.ceiling);
    expect(handedOff(t).length).toBeGreaterThanOrEqual(IDS.length - 1);
  });
});

describe('three who listen among three who do not, on a day that is short for six', () => {
  it.each([150_000n, 200_000n, 300_000n])(
    'hand off all the same, on %s µ$ a day: it is set aside for them',
    async (daily) => {
      const deaf: Script = (_turns, index) => [use('look', { key: `k${index}` })];
      const listens = (turns: ModelRequest['messages']) => JSON.stringify(turns[0]).includes('Listen.');
      const t = testWorld((turns, index) => (listens(turns) ? diligent : deaf)(turns, index), {
        policy: { maxOutputTokens: 2_000, leastOutputTokens: 512, repetitionGuard: false },
      });
      await withUser(t, daily);
      for (const [i, id] of IDS.entries())
        await t.userSessions.create('u1', newSession({ id, goal: i % 2 ? 'Listen.' : 'Rush.' }), null);
      await settleDown(t, t.world, 4_000);
      expect(handedOff(t)).toEqual(['ses_b', 'ses_d', 'ses_f']);
      const { day } = await t.accounts.budget('u1');
      expect(day.spent).toBeLessThanOrEqual(day.ceiling);
    },
  );
});

describe('an agent with a ladder', () => {
  const models = (t: TestWorld, id: string) => [
    ...new Set(
      t.store.sessions
        .get(id)
        ?.journal.flatMap(({ type, data }) => (type === 'agent.thinking' ? [String(data.model)] : [])),
    ),
  ];

  it('works on with a cheaper model where it would have slept, and is back on its own in the morning', async () => {
    const steps = async (ladder: string[]) => {
      const t = testWorld((_turns, i) => [use('look', { key: `k${i}` })], {
        policy: { maxOutputTokens: 2_000, leastOutputTokens: 512, repetitionGuard: false },
      });
      await withUser(t, 300_000n);
      await t.userSessions.create('u1', newSession({ model: 'claude-opus-5-5', ladder }), null);
      await settleDown(t, t.world, 4_000);
      return t;
    };
    const plain = await steps([]);
    const laddered = await steps(['claude-sonnet-5-5', 'claude-haiku-5-5']);
    expect(models(plain, 'ses_1')).toEqual(['claude-opus-5-5']);
    expect(models(laddered, 'ses_1')).toEqual(['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5']);
    const iterations = (t: TestWorld) => t.store.sessions.get('ses_1')!.iteration;
    expect(iterations(laddered)).toBeGreaterThan(iterations(plain));
    const { day } = await laddered.accounts.budget('u1');
    expect(day.spent).toBe(laddered.bill.reduce((sum, cost) => sum + cost, 0n));
    const before = laddered.store.sessions.get('ses_1')!.journal.length;
    laddered.setNow(day.resetsAt);
    await settleDown(laddered, laddered.world, 4_000);
    const [first] = laddered.store.sessions
      .get('ses_1')!
      .journal.slice(before)
      .filter(({ type }) => type === 'agent.thinking');
    expect(first?.data).toMatchObject({ model: 'claude-opus-5-5' });
  });
});

describe('a session with a share of the day', () => {
  it('cannot starve the rest: the other one gets its money, however eager the first is', async () => {
    const t = testWorld((_turns, i) => [use('look', { key: `k${i}` })], {
      policy: { maxOutputTokens: 2_000, leastOutputTokens: 512, repetitionGuard: false },
    });
    await withUser(t, 600_000n);
    await t.userSessions.create('u1', newSession({ id: 'ses_eager', share: 30 }), null);
    await settleDown(t, t.world, 4_000);
    expect(t.store.sessions.get('ses_eager')!.cost).toBeLessThanOrEqual(198_000n);
    expect(await t.userSessions.get('u1', 'ses_eager')).toMatchObject({ status: 'sleeping', sleepReason: 'allowance' });
    await t.userSessions.create('u1', newSession({ id: 'ses_late' }), null);
    await settleDown(t, t.world, 4_000);
    expect(t.store.sessions.get('ses_late')!.cost).toBeGreaterThan(250_000n);
  });
});
