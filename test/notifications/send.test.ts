/** What the wake function does with notices: after the waking, never in its way, until somebody has taken them. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { freshMemory } from '../../lib/core/memory.ts';
import { wakeDue } from '../../lib/engine/wake.ts';
import { alertId, alertJson } from '../../lib/notifications/json.ts';
import { lookForNotices, sendNotices } from '../../lib/notifications/send.ts';
import type { BudgetAlert, Log } from '../../lib/ports/index.ts';
import { type MemoryWorld, memoryWorld } from '../../lib/testing/memory/index.ts';
import { anEntry } from '../kit/events.ts';
import { newSession } from '../kit/world.ts';

const MINUTE_MS = 60_000;
const TERMS = { tier: 'standard', budget: 21_000_000n, renewalDate: '2026-12-01' };
const TARGET = { url: 'https://hooks.example/', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', replace: false };

/** Users who have spent so much of a day of 1,000,000 and have an address. */
async function setup(users: Record<string, bigint> = { ada: 950_000n }) {
  const memory = memoryWorld({ now: '2026-11-10T08:00:00Z' });
  for (const [userId, cost] of Object.entries(users)) {
    await memory.accounts.putUser(userId, TERMS);
    await memory.alerts.putTarget(userId, TARGET);
    const call = { userId, sessionId: 'ses_any', iteration: 1, model: 'claude-haiku-5-5', usage: {}, cost, at: 0 };
    await memory.purse.record(call);
  }
  const lines: Parameters<Log>[0][] = [];
  const world = { ...memory, log: (line: Parameters<Log>[0]) => void lines.push(line) };
  const wake = (more: object = {}) => wakeDue({ ...world, ...more }, { cron: 'schedule', now: memory.now });
  return { ...memory, world, wake, lines };
}

const HOOK = {
  format: 'standard',
  events: null,
  includeText: false,
  description: null,
  enabled: true,
  secret: TARGET.secret,
} as const;

/** A worker finds nothing to do but to pause it. */
async function pauses({ sessions }: MemoryWorld, id: string): Promise<void> {
  const claim = await sessions.claim(id, randomUUID());
  if ('claimed' in claim) throw new Error('not claimed');
  const to = { state: 'paused', error: null } as const;
  const suspension = { to, due: Number.POSITIVE_INFINITY, memory: freshMemory(), journal: [anEntry('agent.paused')] };
  const save = { turn: null, inboxTaken: 0, memory: freshMemory(), journal: [], paid: [], due: 0, suspension };
  await sessions.save(id, claim.fence, save, []);
}

const messagesIn = (lines: Parameters<Log>[0][]) => lines.map(({ message }) => message);

describe('the wake function', () => {
  it('sends what it notices, once, as a message that names itself', async () => {
    const { wake, webhook } = await setup();
    await wake();
    await wake();
    const [posted, ...others] = webhook.posted;
    expect(others).toEqual([]);
    expect(posted).toMatchObject({ url: TARGET.url, secrets: [TARGET.secret] });
    expect(Math.abs(posted!.at - Date.now())).toBeLessThan(60_000);
    const body = JSON.parse(posted!.body);
    expect(body).toEqual({
      ...{ type: 'budget.graceful', timestamp: '2026-11-10T08:00:00.000Z' },
      data: {
        ...{ user_id: 'ada', id: posted!.id, date: '2026-11-10', threshold: 'graceful', reason: null },
        ...{ at: '2026-11-10T08:00:00.000Z', daily_budget_microdollars: 1_000_000, spent_microdollars: 950_000 },
        ...{ held_microdollars: 0, hard_ceiling_microdollars: 1_100_000 },
        message: expect.stringContaining("$0.95 of the day's $1.00"),
      },
    });
  });

  it('wakes first: no receiver is asked before all hints are out', async () => {
    const { wake, world, webhook, queue } = await setup();
    await world.userSessions.create('ada', newSession({ id: 'ses_1' }), null);
    const hintsBefore: number[] = [];
    webhook.receiver.refuse = () => {
      hintsBefore.push(queue.sent.length);
      return null;
    };
    expect(await wake()).toEqual({ hinted: 1, away: false });
    expect(hintsBefore).toEqual([1]);
  });

  it('tries again under the same name until it is taken, then never more', async () => {
    const { wake, webhook, advance, alerts } = await setup();
    webhook.receiver.refuse = () => 'HTTP 500';
    await wake();
    advance(MINUTE_MS);
    webhook.receiver.refuse = () => null;
    await wake();
    advance(24 * 60 * MINUTE_MS);
    await wake();
    expect(webhook.posted).toHaveLength(2);
    expect(new Set(webhook.posted.map(({ id }) => id)).size).toBe(1);
    expect(new Set(webhook.posted.map(({ body }) => body)).size).toBe(1);
    const { data } = await alerts.list('ada', { limit: 9, cursor: null });
    expect(data[0]?.delivery).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('disables a webhook after three days of trying, and says so', async () => {
    const { wake, webhook, webhooks, advance, lines } = await setup();
    webhook.receiver.refuse = () => 'HTTP 500';
    for (let minute = 0; minute < 80 * 60; minute += 30) {
      await wake();
      advance(30 * MINUTE_MS);
    }
    expect(webhook.posted).toHaveLength(17);
    expect(new Set(webhook.posted.map(({ id }) => id)).size).toBe(1);
    const [line, ...others] = lines.filter(({ message }) => message === 'webhook disabled');
    expect(line).toMatchObject({ level: 'error', user: 'ada' });
    expect(others).toEqual([]);
    expect(await webhooks.list('ada')).toMatchObject([{ enabled: false, disabledReason: expect.any(String) }]);
  });

  it('is asked again when one is to be sent again, and rests when all are', async () => {
    const { wake, webhook, live, advance, now } = await setup();
    webhook.receiver.refuse = () => 'HTTP 500';
    // Who has no marker reckons with an invocation that nobody knows of.
    await wake();
    advance(20 * MINUTE_MS);
    await wake();
    expect(await live.idle(now() + 4 * MINUTE_MS)).toBe(true);
    expect(await live.idle(now() + 6 * MINUTE_MS)).toBe(false);
    webhook.receiver.refuse = () => null;
    advance(6 * MINUTE_MS);
    await wake();
    advance(31 * MINUTE_MS);
    await wake();
    expect(await live.idle(now() + 1_000 * MINUTE_MS)).toBe(true);
  });

  it('does its work when notices cannot be had, and keeps asking for them', async () => {
    const { wake, world, queue, lines } = await setup();
    const told: unknown[] = [];
    const live = { ...world.live, nextDue: async (at: number | null) => void told.push(at) };
    await world.userSessions.create('ada', newSession({ id: 'ses_1' }), null);
    const broken = { ...world.outbox, sweep: () => Promise.reject(new Error('away')) };
    expect(await wake({ outbox: broken, live })).toEqual({ hinted: 1, away: false });
    expect(queue.sent).toHaveLength(1);
    expect(messagesIn(lines)).toContain('notices failed');
    // The marker stays as it was, by which Postgres is asked again.
    expect(told).toEqual([]);
    const unsettled = { ...world.outbox, settle: () => Promise.reject(new Error('away')) };
    await expect(wake({ outbox: unsettled, live })).resolves.toMatchObject({ hinted: 0 });
    expect(told).toHaveLength(1);
  });

  it('forgets the snapshots of users it noticed something of, and goes on without the live view', async () => {
    const { wake, world, webhook } = await setup({ ada: 950_000n, bob: 0n });
    const forgotten: string[] = [];
    const forget = async (userId: string) => void forgotten.push(userId);
    await wake({ live: { ...world.live, forget } });
    await wake({ live: { ...world.live, forget } });
    expect(forgotten).toEqual(['ada']);
    const other = await setup();
    const away = () => Promise.reject(new Error('away'));
    await other.wake({ live: { ...other.world.live, forget: away } });
    expect([webhook.posted.length, other.webhook.posted.length]).toEqual([1, 1]);
  });
});

describe('sending', () => {
  const many = Object.fromEntries(Array.from({ length: 70 }, (_, n) => [`user-${n}`, 950_000n]));

  it('goes on with forty at a time until all are out', async () => {
    const { world, webhook } = await setup(many);
    let atOnce = 0;
    let most = 0;
    webhook.receiver.refuse = async () => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      return null;
    };
    const look = await lookForNotices(world);
    await sendNotices(world, look!, { remaining: () => 60_000, elapsed: () => 0, now: Date.now });
    expect([webhook.posted.length, most]).toEqual([70, 40]);
  });

  it.each([
    ['its time is over', { remaining: () => 60_000, elapsed: (calls: number) => calls * 16_000 }],
    ['the invocation ends', { remaining: () => 9_000, elapsed: () => 0 }],
  ])('begins no more when %s, and the next run goes on', async (_, { remaining, elapsed }) => {
    const { world, webhook } = await setup(many);
    let calls = 0;
    const time = { remaining, elapsed: () => elapsed(calls++), now: Date.now };
    const look = await lookForNotices(world);
    await sendNotices(world, look!, time);
    expect(webhook.posted).toHaveLength(40);
    const rest = await lookForNotices(world);
    await sendNotices(world, rest!, { remaining: () => 60_000, elapsed: () => 0, now: Date.now });
    expect(webhook.posted).toHaveLength(70);
    expect(new Set(webhook.posted.map(({ id }) => id)).size).toBe(70);
  });
});

describe('a slow receiver', () => {
  it('makes no other user wait, and has four attempts under way at most', async () => {
    const { world, webhook } = await setup({ slow: 0n, quick: 0n });
    for (const id of ['slow', 'quick']) {
      await world.webhooks.create(id, { ...HOOK, id: `whk_${id}`, url: `https://${id}.example/` }, null);
      for (let n = 0; n < 6; n++) {
        const session = newSession({ id: `ses_${id}_${n}` });
        await world.userSessions.create(id, session, null);
        await pauses(world, session.id);
      }
    }
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const taken = { slow: 0, quick: 0 };
    webhook.receiver.refuse = async ({ url }) => {
      if (url.includes('slow')) {
        taken.slow += 1;
        await released;
      } else if (url.includes('quick')) taken.quick += 1;
      // All that is others' is taken while the slow one has not answered once.
      if (taken.quick === 6) release();
      return null;
    };
    const look = await lookForNotices(world);
    await sendNotices(world, look!, { remaining: () => 60_000, elapsed: () => 0, now: Date.now });
    expect(taken).toEqual({ slow: 6, quick: 6 });
  });
});

describe('an alert', () => {
  const passed: BudgetAlert = {
    ...{ userId: 'ada', day: '2026-11-10', threshold: 'pace', reason: null, at: Date.parse('2026-11-10T06:00:00Z') },
    ...{ allowance: 1_000_000n, ceiling: 1_100_000n, spent: 500_000n, held: 0n },
  };

  it('has a name of its own for each user, day and threshold', () => {
    const ids = [
      passed,
      { ...passed, userId: 'bob' },
      { ...passed, day: '2026-11-11' },
      { ...passed, threshold: 'graceful' as const },
      { ...passed, at: 0 },
    ].map(alertId);
    expect(new Set(ids).size).toBe(4);
    expect(ids[4]).toBe(ids[0]);
    // A full stop would be a part of what is signed: `id.timestamp.body`.
    for (const id of ids) expect(id).toMatch(/^alr_[0-9a-f]{32}$/);
  });

  it.each([
    [{}, "$0.50 of the day's $1.00 were spent by 06:00 UTC"],
    [{ threshold: 'graceful' }, 'start nothing new today'],
    [{ threshold: 'ceiling', reason: 'spent' }, "The day's $1.00 are spent"],
    [{ threshold: 'ceiling', reason: 'asleep' }, 'too little'],
    [{ threshold: 'breaker', reason: 'exceeded' }, 'hard ceiling of $1.10'],
    [{ threshold: 'breaker', reason: 'stopped' }, 'The operator has stopped all agents'],
  ] as [Partial<BudgetAlert>, string][])('%j says what it means', (over, words) => {
    expect(alertJson({ ...passed, ...over }).message).toContain(words);
  });
});
