/** The times of a drive, each from what it is for: too short or too long turns a test of its own red. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LONGEST_DELAY_MS } from '../../lib/core/effect.ts';
import { drive } from '../../lib/engine/drive.ts';
import { MARGIN_MS } from '../../lib/engine/perform.ts';
import type { World } from '../../lib/ports/index.ts';
import { newSession, testWorld, withUser } from '../kit/world.ts';

const hint = { sessionId: 'ses_1', userId: 'u1' };
const LEASE_MS = 45_000;
const CRON_MS = 60_000;
const HEARTBEAT_MS = 15_000;
const NOW = Date.parse('2026-11-22T10:00:00Z');

const started = async (script: Parameters<typeof testWorld>[0] = () => [{ type: 'text', text: 'Done.' }]) => {
  const t = testWorld(script);
  await withUser(t, 10_000_000n);
  await t.userSessions.create('u1', newSession(), null);
  return t;
};

describe('the times of a drive', () => {
  beforeEach(
    () =>
      void vi.useFakeTimers({
        now: NOW,
        toFake: ['Date', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'],
      }),
  );
  afterEach(() => void vi.useRealTimers());

  it.each([1_000, 300_000, 900_000])(
    'an invocation of %i ms has the recovery cron look until a lease after its end has run out, and a minute more',
    async (limit) => {
      const { world } = await started();
      const until: number[] = [];
      const open: World['live']['open'] = (id, at, mark) => {
        until.push(at);
        return world.live.open(id, at, mark);
      };
      await drive({ ...world, live: { ...world.live, open } }, hint, { remaining: () => limit });
      expect(until).toEqual([NOW + limit + LEASE_MS + CRON_MS]);
    },
  );

  it('a hint that stands in for that comes after a lease, and within the minutes of the queue', async () => {
    const t = await started();
    const open = () => Promise.reject(new Error('away'));
    await drive({ ...t.world, live: { ...t.world.live, open } }, hint, { remaining: () => 300_000 });
    const [standIn] = t.queue.sent;
    expect(standIn?.delayMs).toBeGreaterThan(LEASE_MS);
    expect(standIn?.delayMs).toBeLessThanOrEqual(LEASE_MS + CRON_MS);
  });

  it.each([
    [LONGEST_DELAY_MS - 1, 'queue'],
    [LONGEST_DELAY_MS, 'queue'],
    [LONGEST_DELAY_MS + 1, 'alarm'],
  ])('who comes %i ms too early is hinted again by the %s', async (retryInMs, by) => {
    const t = await started();
    const claim: World['sessions']['claim'] = async () => ({ claimed: false, retryInMs });
    const sessions = { ...t.world.sessions, claim };
    const rung: number[] = [];
    const timer = { schedule: async (at: number) => void rung.push(at) };
    await drive({ ...t.world, sessions, timer }, hint, { remaining: () => 300_000 });
    expect(t.queue.sent.map(({ delayMs }) => delayMs)).toEqual(by === 'queue' ? [retryInMs] : []);
    expect(rung).toEqual(by === 'alarm' ? [NOW + retryInMs] : []);
  });

  it.each([
    [0, 1],
    [249, 1],
    [250, 2],
    [500, 3],
  ])('who watches a reply sees it four times a second: pieces within %i ms are %i drafts', async (ms, drafts) => {
    const t = await started();
    let elapsed = 0;
    const seen: string[] = [];
    const think: World['model']['think'] = async (_request, { onText }) => {
      for (const part of [0, 0.5, 1]) {
        elapsed = part * ms;
        onText?.('x');
      }
      return { type: 'failed', failure: { proof: 'unknown', status: null, message: 'gone' } };
    };
    const live: World['live'] = {
      ...t.world.live,
      open: async () => ({ watched: true }),
      draft: async (_id, { text }) => void seen.push(text),
    };
    const world = { ...t.world, live, clock: { elapsed: () => elapsed }, model: { ...t.world.model, think } };
    await drive(world, hint, { remaining: () => 300_000 });
    expect(seen.length).toBe(drafts);
  });

  it('a call is cut while what follows it still has time, and beats for its lease until then', async () => {
    const limit = 120_000;
    const t = await started();
    let beats = 0;
    const heartbeat: World['sessions']['heartbeat'] = (...args) => {
      beats += 1;
      return t.world.sessions.heartbeat(...args);
    };
    let cutAfter: number | null = null;
    const think: World['model']['think'] = (_request, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          cutAfter = Date.now() - NOW;
          resolve({ type: 'failed', failure: { proof: 'unknown', status: null, message: 'cut' } });
        });
      });
    const world = { ...t.world, model: { ...t.world.model, think }, sessions: { ...t.world.sessions, heartbeat } };
    const done = drive(world, hint, { remaining: () => limit - (Date.now() - NOW) });
    await vi.advanceTimersByTimeAsync(limit);
    await done;
    expect(cutAfter).toBe(limit - MARGIN_MS);
    expect(MARGIN_MS).toBeGreaterThanOrEqual(15_000 + 5_000 + 2_000 + 4 * 1_000);
    expect(beats).toBe(Math.floor((limit - MARGIN_MS - 1) / HEARTBEAT_MS));
  });
});
