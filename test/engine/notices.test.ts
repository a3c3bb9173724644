/**
 * A crash at every call of every port: the outbox has exactly the notices of the journal, each once, and each reaches its receiver under one
 * id, whatever died. On the memory world; test/postgres/alerts.test.ts shows that Postgres writes save and notice together or neither.
 */
import { expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { wakeDue } from '../../lib/engine/wake.ts';
import type { World } from '../../lib/ports/index.ts';
import { noticeOf } from '../kit/memory/notice-of.ts';
import { NO_SCHEDULES } from '../kit/schedules.ts';
import { throughPorts } from '../kit/through-ports.ts';
import { newSession, type Script, settleDown, testWorld, withUser } from '../kit/world.ts';

const use = (id: string, name: string, input: Record<string, unknown>): Block => ({
  ...{ type: 'tool_use', id, name, input },
});

/** It pays, sleeps for an hour, asks, is answered, and ends. */
const work: Script = (_turns, i) => {
  if (i === 0) return [use('t0', 'pay', { key: 'a' })];
  if (i === 1) return [use('t1', 'sleep', { minutes: 60 })];
  if (i === 2) return [use('t2', 'ask_user', { question: 'Go on?' })];
  return [{ type: 'text', text: 'Done.' }];
};
const LIFE = ['session.sleeping', 'session.waking', 'session.question', 'session.completed'];
const HOUR_MS = 3_600_000;
const HOOK = {
  ...({ id: 'whk_1', url: 'https://hooks.example/', format: 'standard', events: null, includeText: false } as const),
  ...{ description: null, enabled: true, secret: 'whsec_AAAA' },
};

class Crash extends Error {}
type Mode = 'before' | 'after';

/** Every port that the sender asks, beside those of an iteration. */
function dying(world: World, at: number, mode: Mode) {
  let sent = 0;
  const around = async (call: number, act: () => Promise<unknown>) => {
    if (call === at && mode === 'before') throw new Crash();
    const result = await act();
    if (call === at) throw new Crash();
    return result;
  };
  const iterating = throughPorts(world, around);
  const sending = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, key) {
        const method = target[key as keyof T];
        if (typeof method !== 'function') return method;
        return (...args: unknown[]) => {
          sent += 1;
          return around(-sent, async () => (method as (...a: unknown[]) => unknown).apply(target, args));
        };
      },
    });
  const { outbox, webhook } = world;
  return {
    ...iterating,
    sender: { ...world, ...NO_SCHEDULES, outbox: sending(outbox), webhook: sending(webhook) },
    sends: () => sent,
  };
}

async function run(at: number, mode: Mode) {
  const t = testWorld(work);
  await withUser(t, 50_000_000n);
  await t.webhooks.create('u1', HOOK, null);
  await t.userSessions.create('u1', newSession(), null);
  const { world, names, sender, sends } = dying(t.world, at, mode);
  const wake = () => wakeDue(sender, { cron: 'schedule', now: t.now }).catch(() => {});
  await settleDown(t, world);
  await wake();
  t.advance(HOUR_MS);
  await settleDown(t, world);
  await wake();
  await t.userSessions.command('u1', 'ses_1', { type: 'message', content: 'Yes.' }, 'op_1');
  await settleDown(t, world);
  for (let n = 0; n < 3; n++) {
    await wake();
    t.advance(HOUR_MS);
  }
  return { t, names, sends };
}

const whole = await run(Number.POSITIVE_INFINITY, 'before');
const calls = [
  ...whole.names.map((name, i) => [i + 1, name] as const),
  ...Array.from({ length: whole.sends() }, (_, i) => [-(i + 1), 'of the sender'] as const),
];

it.each(calls.flatMap(([at, name]) => (['before', 'after'] as const).map((mode) => [at, name, mode] as const)))(
  'a crash at call %d, %s, %s it took effect',
  async (at, _name, mode) => {
    const { t } = await run(at, mode);
    const journal = (await t.userSessions.events('u1', 'ses_1', { after: 0, limit: 1_000 }))!;
    const told = journal.flatMap((row) => noticeOf(row) ?? []);
    // An owner that died while it woke the session is followed by one that wakes it anew.
    expect([...new Set(told)]).toEqual(LIFE);
    const { data } = (await t.webhooks.deliveries('u1', 'whk_1', { limit: 100, cursor: null }))!;
    expect(data.map(({ type }) => type).sort()).toEqual(told.sort());
    expect(data.every(({ status }) => status === 'delivered')).toBe(true);
    const sent = Map.groupBy(t.webhook.posted, ({ id }) => id);
    expect([...sent.keys()].sort()).toEqual(data.map(({ eventId }) => eventId).sort());
    for (const repeats of sent.values()) expect(new Set(repeats.map(({ body }) => body)).size).toBe(1);
  },
);
