/** What `Sessions.claim`, the lease and the fence promise (R1, R2, R4, R6, R11). */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { FenceLost } from '../../lib/ports/index.ts';
import { anEntry } from '../kit/events.ts';
import { anEnd, aSave, aSettlement, contract, DAY_MS, type Factory, MIDNIGHT, START, says } from './harness.ts';

export const claimContract = (name: string, factory: Factory) =>
  contract(`${name}: claim`, factory, (t) => {
    it('gives all that an iteration needs', async () => {
      const user = await t().user();
      const terms = { goal: 'Count to three.', system: 'Be brief.', onEndTurn: 'wait', maxCost: 5_000n } as const;
      const id = await t().session(terms, user);
      const claim = await t().claim(id);
      expect(claim).toMatchObject({ fence: 1, attempts: 1, iteration: 0, cost: 0n, state: { state: 'ready' } });
      expect(claim.facts).toEqual({
        ...{
          id,
          userId: user,
          goal: 'Count to three.',
          agent: 'assistant',
          model: 'claude-haiku-5-5',
          tier: 'economy',
        },
        ...{
          system: 'Be brief.',
          onEndTurn: 'wait',
          maxIterations: 150,
          maxCost: 5_000n,
          ladder: [],
          effort: null,
          maxOutputTokens: null,
          tools: null,
          mcp: ['notes'],
          web: null,
          memoryName: null,
          approvals: null,
          resultSchema: null,
          offerChoices: false,
          wakePolicy: 'auto',
        },
      });
      expect(claim.history).toEqual([{ n: 1, role: 'user', content: says('Count to three.') }]);
      expect(claim.calls).toEqual([]);
      expect(claim.pending).toEqual({ desired: 'run', wakeRequested: false, inbox: [] });
      expect(claim.day).toMatchObject({ date: '2026-11-10', allowance: 1_000_000n, ceiling: 1_100_000n, spent: 0n });
      expect(claim.day).toMatchObject({ held: 0n, resetsAt: MIDNIGHT });
      expect(Math.abs(claim.at - START)).toBeLessThan(60_000);
    });

    it('answers a repeat as the first time', async () => {
      const id = await t().session();
      const invocation = randomUUID();
      const first = await t().claim(id, invocation);
      const again = await t().claim(id, invocation);
      expect({ ...again, at: 0 }).toEqual({ ...first, at: 0 });
    });

    it('counts the claims of the session today, and says how many are allowed', async () => {
      const id = await t().session();
      for (const today of [1, 2, 3]) {
        const { fence, claims } = await t().claim(id);
        expect(claims).toEqual({ today, most: 10_000 });
        await t().sessions.save(id, fence, aSave(), []);
      }
      await t().setNow(START + DAY_MS);
      expect((await t().claim(id)).claims.today).toBe(1);
    });

    it('refuses a second invocation while the lease lives: the owner chains, so nobody need come again', async () => {
      const id = await t().session();
      await t().claim(id);
      expect(await t().sessions.claim(id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
    });

    it('lets the next one in when the lease has run out, under a greater fence', async () => {
      const id = await t().session();
      const first = await t().claim(id);
      await t().expireLease(id);
      const second = await t().claim(id);
      expect(second.fence).toBeGreaterThan(first.fence);
      expect(second.attempts).toBe(2);
    });

    it('keeps the lease alive by heartbeats', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().expireLease(id);
      expect(await t().sessions.heartbeat(id, fence)).toEqual({ desired: 'run', wakeRequested: false, inbox: [] });
      expect(await t().sessions.claim(id, randomUUID())).toMatchObject({ claimed: false });
    });

    it('lets no write of an old owner in', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().expireLease(id);
      const next = await t().claim(id);
      const { sessions } = t();
      const ask = {
        n: 1,
        least: 1n,
        wanted: 1n,
        model: 'claude-haiku-5-5',
        handOff: true,
        journal: [anEntry('agent.thinking')],
      };
      await expect(sessions.reserve(id, fence, ask)).rejects.toThrow(FenceLost);
      await expect(sessions.save(id, fence, anEnd(), [])).rejects.toThrow(FenceLost);
      await expect(sessions.heartbeat(id, fence)).rejects.toThrow(FenceLost);
      await expect(sessions.startTool(id, fence, 'call')).rejects.toThrow(FenceLost);
      expect(await sessions.heartbeat(id, next.fence)).toEqual({ desired: 'run', wakeRequested: false, inbox: [] });
    });

    it('lets no write in after the save, though the fence is still the last', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().sessions.save(id, fence, aSave(), []);
      const late = t().sessions.reserve(id, fence, {
        n: 2,
        least: 1n,
        wanted: 1n,
        model: 'claude-haiku-5-5',
        handOff: true,
        journal: [],
      });
      await expect(late).rejects.toThrow(FenceLost);
      await expect(t().sessions.heartbeat(id, fence)).rejects.toThrow(FenceLost);
    });

    it('does not own again by a late copy of a claim that has saved', async () => {
      const id = await t().session();
      const invocation = randomUUID();
      const { fence } = await t().claim(id, invocation);
      await t().sessions.save(id, fence, aSave(), []);
      expect(await t().sessions.claim(id, invocation)).toMatchObject({ claimed: false });
    });

    it('never claims what is unknown or ended', async () => {
      const id = await t().session();
      await t().iterate(id, { save: anEnd() });
      expect(await t().sessions.claim(id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
      expect(await t().sessions.claim('ses_nowhere', randomUUID())).toEqual({ claimed: false, retryInMs: null });
    });

    it('says how long a sleeper still sleeps, and claims it when it is due', async () => {
      const id = await t().session();
      await t().rest(id, { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' }, MIDNIGHT);
      const early = (await t().sessions.claim(id, randomUUID())) as { retryInMs: number };
      expect(early.retryInMs).toBeGreaterThan(MIDNIGHT - START - 60_000);
      expect(early.retryInMs).toBeLessThanOrEqual(MIDNIGHT - START);
      await t().setNow(MIDNIGHT + 1);
      const { state } = await t().claim(id);
      expect(state).toEqual({ state: 'sleeping', until: MIDNIGHT, reason: 'allowance' });
    });

    it('leaves to a user what only a user moves', async () => {
      const id = await t().session();
      await t().rest(id, { state: 'waiting', question: 'Which colour?' });
      await t().setNow(START + 300 * DAY_MS);
      expect(await t().sessions.claim(id, randomUUID())).toEqual({ claimed: false, retryInMs: null });
    });

    it('counts attempts until something is saved', async () => {
      const id = await t().session();
      for (const attempts of [1, 2, 3]) {
        expect(await t().claim(id)).toMatchObject({ attempts });
        await t().expireLease(id);
      }
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ cost: 10n }));
      await t().expireLease(id);
      expect(await t().claim(id)).toMatchObject({ attempts: 1, iteration: 1 });
    });

    it('gives an unfinished reply to the next owner: its rows and its open calls, in order', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      const calls = ['b', 'a', 'c'].map((call) => ({ id: call, name: 'bash', input: { zeta: 1, alpha: [call] } }));
      const content = calls.map((call) => ({ type: 'tool_use', ...call }));
      await t().sessions.settle(id, fence, aSettlement({ calls, turns: [{ role: 'assistant', content }] }));
      await t().expireLease(id);
      const next = await t().claim(id);
      expect(next.calls).toEqual(calls.map((call) => ({ ...call, startedBy: null })));
      expect(next.history.at(-1)).toEqual({ n: 2, role: 'assistant', content });
      expect(JSON.stringify(next.history.at(-1)?.content)).toBe(JSON.stringify(content));
    });

    it('tells the next owner that a `once` tool was started', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      await t().sessions.settle(id, fence, aSettlement({ calls: [{ id: 'call', name: 'mail', input: {} }] }));
      expect(await t().sessions.startTool(id, fence, 'call')).toBe('run');
      expect(await t().sessions.startTool(id, fence, 'call')).toBe('run');
      expect(await t().sessions.startTool(id, fence, 'no such call')).toBe('begun');
      await t().expireLease(id);
      const next = await t().claim(id);
      expect(next.calls).toEqual([{ id: 'call', name: 'mail', input: {}, startedBy: fence }]);
      expect(await t().sessions.startTool(id, next.fence, 'call')).toBe('begun');
    });

    it.each(['pause', 'cancel'] as const)('marks no tool as started once a user wants %s', async (type) => {
      const user = await t().user();
      const id = await t().session({}, user);
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      const calls = ['first', 'second'].map((call) => ({ id: call, name: 'mail', input: {} }));
      await t().sessions.settle(id, fence, aSettlement({ calls }));
      expect(await t().sessions.startTool(id, fence, 'first')).toBe('run');
      await t().wish(user, id, { type });
      expect(await t().sessions.startTool(id, fence, 'second')).toBe(type);
      await t().expireLease(id);
      const next = await t().claim(id);
      expect(next.calls.map(({ startedBy }) => startedBy)).toEqual([fence, null]);
      await expect(t().sessions.startTool(id, fence, 'second')).rejects.toThrow(FenceLost);
      if (type === 'cancel') return;
      await t().wish(user, id, { type: 'resume' });
      expect(await t().sessions.startTool(id, next.fence, 'second')).toBe('run');
    });

    it('sends the history from the compaction pointer on', async () => {
      const id = await t().session();
      const { fence } = await t().claim(id);
      await t().hold(id, fence, 10n);
      const settlement = aSettlement();
      settlement.memory.context.from = 2;
      await t().sessions.settle(id, fence, settlement);
      await t().expireLease(id);
      const { history } = await t().claim(id);
      expect(history.map(({ n }) => n)).toEqual([2]);
    });
  });
