/**
 * A crash at every call of every port: the outbox has exactly the notices of the journal, each once, and each reaches its receiver under one
 * id, whatever died. On the memory world; test/postgres/alerts.test.ts shows that Postgres writes save and notice together or neither.
 */
import { expect, it } from 'vitest';
import type { Block } from '../../lib/core/session.ts';
import { wakeDue } from '../../lib/engine/wake.ts';
import { noticeOf } from '../../lib/testing/memory/notice-of.ts';
import { crashAt, crashesAt, type Mode, NEVER } from '../kit/dying.ts';
import { NO_SCHEDULES } from '../kit/schedules.ts';
import { ITERATING, throughPorts } from '../kit/through-ports.ts';
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

async function run(at: number, mode: Mode) {
  const t = testWorld(work);
  await withUser(t, 50_000_000n);
  await t.webhooks.create('u1', HOOK, null);
  await t.userSessions.create('u1', newSession(), null);
  const ports = [...ITERATING, 'outbox', 'webhook'] as const;
  const { world, names } = throughPorts({ ...t.world, ...NO_SCHEDULES }, crashAt(at, mode), ports);
  const wake = () => wakeDue(world, { cron: 'schedule', now: t.now }).catch(() => {});
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
  return { t, names };
}

const { names } = await run(NEVER, 'before');

it('asks the ports of the sender, too', () => {
  expect(names).toEqual(expect.arrayContaining(['outbox.sweep', 'webhook.post', 'outbox.settle']));
});

it.each(crashesAt(names))('a crash at call %d, %s, %s it took effect', async (at, _name, mode) => {
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
});
