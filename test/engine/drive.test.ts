import { describe, expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { drive } from '../../lib/engine/drive.ts';
import { faultsOf } from '../kit/history.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const text = (value: string): Block => ({ type: 'text', text: value });
const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  type: 'tool_use',
  id,
  name,
  input,
});
const hint = { sessionId: 'ses_1', userId: 'u1' };
const limits = { remaining: () => 300_000 };

const threeSteps: Script = (_turns, i) =>
  i < 3 ? [text(`Step ${i}.`), use(`t${i}`, 'put', { key: `k${i}` })] : [use('end', 'finish', { result: 'Done.' })];

describe('a session from goal to result', () => {
  it('makes one model call an invocation, chains, and ends with its result', async () => {
    const t = testWorld(threeSteps);
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    expect(await settleDown(t)).toBe(4);
    const view = await t.userSessions.get('u1', 'ses_1');
    expect(view).toMatchObject({ status: 'completed', outcome: 'completed', result: 'Done.', iterationNumber: 4 });
    expect(view?.cost).toBe(t.bill.reduce((a, b) => a + b, 0n));
    expect(t.bill).toHaveLength(4);
    expect(t.queue.sent).toHaveLength(3);
    const rows = await t.userSessions.messages('u1', 'ses_1');
    expect(faultsOf(rows!.data)).toEqual([]);
    expect((await t.userSessions.fileList('u1', 'ses_1'))?.data).toHaveLength(3);
  });

  it('sleeps when the day is used, wakes with the next, and stays under the ceiling each day', async () => {
    const t = testWorld(
      (_turns, i) => (i < 30 ? [use(`t${i}`, 'put', { key: `k${i}` })] : [use('end', 'finish', { result: 'Done.' })]),
      {
        policy: { maxOutputTokens: 2_000 },
      },
    );
    await withUser(t, 60_000n);
    await t.userSessions.create('u1', newSession(), null);
    const days = new Set<string>();
    for (let n = 0; n < 20; n++) {
      await settleDown(t);
      const view = (await t.userSessions.get('u1', 'ses_1'))!;
      const { day } = await t.accounts.budget('u1');
      days.add(day.date);
      expect(day.spent + day.held).toBeLessThanOrEqual(day.ceiling);
      if (view.status === 'completed') break;
      expect(view).toMatchObject({ status: 'sleeping', sleepReason: 'allowance', wakeAt: day.resetsAt });
      expect(t.timer.minutes.at(-1)).toBe(day.resetsAt);
      t.setNow(day.resetsAt);
    }
    expect((await t.userSessions.get('u1', 'ses_1'))?.status).toBe('completed');
    expect(days.size).toBeGreaterThan(2);
    expect(faultsOf((await t.userSessions.messages('u1', 'ses_1'))!.data)).toEqual([]);
  });

  it('a hint for a session that is owned, asleep or ended does nothing', async () => {
    const t = testWorld(threeSteps);
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    await settleDown(t);
    const bought = t.bill.length;
    await drive(t.world, hint, limits);
    await drive(t.world, { sessionId: 'ses_none', userId: 'u1' }, limits);
    expect(t.bill).toHaveLength(bought);
  });

  it('the live view may be down all along: a delayed hint stands in, and the work is the same', async () => {
    const t = testWorld(threeSteps);
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    const away = () => Promise.reject(new Error('away'));
    const live = { ...t.live, open: away, mirror: away, draft: away };
    await settleDown(t, { ...t.world, live });
    expect((await t.userSessions.get('u1', 'ses_1'))?.status).toBe('completed');
    expect(t.queue.sent.filter((sent) => sent.delayMs === 60_000)).toHaveLength(4);
  });

  it('those who watch see what the agent thinks while it thinks, and all see it in the journal', async () => {
    const thought = { type: 'thinking', thinking: 'First look.', signature: 's' };
    const t = testWorld((turns, i) => [thought, ...(threeSteps(turns, i) as Block[])]);
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    const open = async () => ({ watched: true });
    const drafts: object[] = [];
    const draft: typeof t.live.draft = async (_, written) => void drafts.push(written);
    await settleDown(t, { ...t.world, live: { ...t.live, open, draft } });
    expect(drafts[0]).toEqual({ iteration: 1, text: '', thought: 'First look.' });
    const journal = await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 100 });
    const thoughts = journal?.filter(({ type }) => type === 'agent.thought').map(({ data }) => data);
    expect(thoughts).toEqual(Array.from({ length: 4 }, () => ({ text: 'First look.' })));
  });

  it('a user who cancels during the call gets their cancel, and the bill is kept', async () => {
    const t = testWorld((turns, i) => {
      void t.userSessions.command('u1', 'ses_1', { type: 'cancel' }, 'op-1');
      return threeSteps(turns, i);
    });
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    await settleDown(t);
    const view = await t.userSessions.get('u1', 'ses_1');
    expect(view).toMatchObject({ status: 'cancelled', outcome: 'cancelled' });
    expect(view?.cost).toBe(t.bill[0]);
    expect(t.effects.size).toBe(0);
    expect(faultsOf((await t.userSessions.messages('u1', 'ses_1'))!.data)).toEqual([]);
  });

  it('a message while the agent works is taken at the next safe point, once, in order', async () => {
    const seen: string[] = [];
    const t = testWorld((turns, i) => {
      if (i === 1) {
        void t.userSessions.command('u1', 'ses_1', { type: 'message', content: 'first' }, 'op-1');
        void t.userSessions.command('u1', 'ses_1', { type: 'message', content: 'second' }, 'op-2');
      }
      seen.push(JSON.stringify(turns.at(-1)));
      return threeSteps(turns, i);
    });
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    await settleDown(t);
    expect(seen[2]).toMatch(/tool_result.*first.*second/);
    expect(seen.filter((s) => s.includes('first'))).toHaveLength(1);
    expect((await t.userSessions.get('u1', 'ses_1'))?.status).toBe('completed');
  });

  it('an agent that this deployment no longer has pauses its sessions with the reason; brought back, they go on', async () => {
    const t = testWorld(threeSteps);
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    await settleDown(t, { ...t.world, agent: () => null });
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({
      status: 'paused',
      error: { code: 'unknown_agent' },
    });
    await t.userSessions.command('u1', 'ses_1', { type: 'resume' }, 'op-1');
    await settleDown(t);
    expect((await t.userSessions.get('u1', 'ses_1'))?.status).toBe('completed');
  });

  it('a checkpoint of a newer version is left as it is, and can still be cancelled', async () => {
    const t = testWorld(threeSteps);
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    const row = t.store.sessions.get('ses_1')!;
    row.memory = { v: 2, plan: 'new' };
    await settleDown(t);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({
      status: 'paused',
      error: { code: 'newer_checkpoint' },
    });
    expect(row.memory).toEqual({ v: 2, plan: 'new' });
    await t.userSessions.command('u1', 'ses_1', { type: 'cancel' }, 'op-1');
    await settleDown(t);
    expect((await t.userSessions.get('u1', 'ses_1'))?.outcome).toBe('cancelled');
  });

  it('a message that comes with the last reply keeps the session from ending', async () => {
    const t = testWorld((_turns, i) => {
      if (i === 0) void t.userSessions.command('u1', 'ses_1', { type: 'message', content: 'One more thing.' }, 'op-1');
      return [text(i === 0 ? 'Finished.' : 'Done that, too.')];
    });
    await withUser(t, 10_000_000n);
    await t.userSessions.create('u1', newSession(), null);
    await settleDown(t);
    expect(await t.userSessions.get('u1', 'ses_1')).toMatchObject({
      status: 'completed',
      result: 'Done that, too.',
      iterationNumber: 2,
    });
  });
});
