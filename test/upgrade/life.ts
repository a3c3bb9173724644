/**
 * Everything that a deployment asks of Postgres, once at least: a day of two sessions and their user, a night, the next morning, the
 * operator's checks. Written on the ports, so that each release runs it with its own adapters; ids are given, so that it can be told again.
 */

import { randomUUID } from 'node:crypto';
import { postgresAudit } from '../../lib/adapters/postgres/audit.ts';
import type { connect } from '../../lib/adapters/postgres/connect.ts';
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { allDrifts } from '../../lib/ops/reconcile.ts';
import type { FileChange, SessionCommand } from '../../lib/ports/index.ts';
import { aNight, anEnd, aSave, aSession, aSettlement, once, says } from '../contract/harness.ts';
import { anEntry } from '../kit/events.ts';

const MORNING = '2026-11-10T08:00:00Z';
const A_MINUTE_LATER = '2026-11-10T08:01:00Z';
const NEXT_DAY = '2026-11-11T00:00:05Z';
const MIDNIGHT = Date.parse('2026-11-11T00:00:00Z');
const MODEL = 'claude-haiku-5-5';

/** What the recorder is told beside the requests. */
export type Teller = {
  step(name: string): void;
  clock(instant: string): Promise<void>;
  lease(sessionId: string): Promise<void>;
};

const bytes = (text: string) => new TextEncoder().encode(text);
const use = (id: string) => ({ type: 'tool_use', id, name: 'bash', input: { command: 'ls' } });
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'a.txt' });
const usage = { input_tokens: 900, output_tokens: 100, cache_read_input_tokens: 50 };

export async function live(
  url: string,
  database: ReturnType<typeof connect>,
  { step, clock, lease }: Teller,
): Promise<void> {
  const { sessions, userSessions, accounts, sweeper, purse } = postgres(url);
  const [user, other] = ['usr_a', 'usr_b'];
  const [first, second] = ['ses_a1', 'ses_a2'];
  const wish = (id: string, what: SessionCommand) => userSessions.command(user, id, what, randomUUID());
  const claim = async (id: string) => {
    const claimed = await sessions.claim(id, randomUUID());
    if ('claimed' in claimed) throw new Error(`${id} could not be claimed`);
    return claimed.fence;
  };
  const reserve = (id: string, fence: number, wanted: bigint, least = wanted, n = 1) =>
    sessions.reserve(id, fence, {
      n,
      least,
      wanted,
      model: MODEL,
      handOff: true,
      journal: [anEntry('agent.thinking')],
    });

  await clock(MORNING);
  step('accounts');
  const terms = { tier: 'economy', budget: 21_000_000n, renewalDate: '2026-12-01', wakePolicy: 'auto' as const };
  await accounts.putUser(user, terms);
  await accounts.putUser(other, { tier: 'standard', budget: 3_000_000n, renewalDate: null });
  await accounts.putUser(other, { wakePolicy: 'manual' });
  await accounts.putUser(other, { wakePolicy: 'auto' });
  await accounts.getUser(user);
  await accounts.getUser('usr_none');
  await accounts.addKey(user, { id: 'ck_a', name: 'laptop', hash: 'hash-a', prefix: 'ck_a' });
  await accounts.whoIs('hash-a');
  await accounts.whoIs('hash-none');
  await accounts.revokeKey(user, 'ck_a');
  await accounts.budget(user);

  step('create');
  const key = once();
  // All alike, more than a page, and a minute older than the last: told again, a cursor may lie on either side of where it came from.
  const alike = { metadata: { ticket: 7 }, system: 'Be brief.', maxCost: 50_000n };
  for (const id of ['ses_a3', 'ses_a4']) await userSessions.create(user, aSession({ id, ...alike }), null);
  await userSessions.create(user, aSession({ id: first, ...alike }), key);
  await userSessions.create(user, aSession({ id: first, ...alike }), key);
  await clock(A_MINUTE_LATER);
  await userSessions.create(user, aSession({ id: second, ...alike }), null);
  await userSessions.create(user, aSession({ id: 'ses_a9' }), { ...key, fingerprint: 'other' });
  await userSessions.get(user, first);
  await userSessions.get(other, first);
  const page = await userSessions.list(user, { limit: 1, cursor: null });
  await userSessions.list(user, { limit: 1, cursor: page.next });

  step('an iteration with tools');
  await sweeper.sweep(10);
  let fence = await claim(first);
  await reserve(first, fence, 20_000n);
  await sessions.heartbeat(first, fence);
  const calls = [{ id: 'tu_1', name: 'bash', input: { command: 'ls' } }];
  const reply = { turns: [{ role: 'assistant' as const, content: [...says('I look.'), use('tu_1')] }], calls, usage };
  await sessions.settle(first, fence, aSettlement(reply));
  await userSessions.get(user, first);
  await sessions.startTool(first, fence, 'tu_1');
  await sessions.files(first);
  await wish(first, { type: 'message', content: 'In rhyme, please.' });
  const files: FileChange[] = [
    { path: '/poem.md', content: bytes('A poem'), mode: 0o644 },
    { path: '/old', content: null, mode: 0 },
  ];
  const observed = aSave({ turn: [result('tu_1')], journal: [anEntry('agent.tool.result')] });
  await sessions.save(first, fence, observed, files);
  await sessions.save(first, fence, observed, files);

  step('a second owner, a third after its death, and what they left');
  fence = await claim(first);
  await reserve(first, fence, 10_000n);
  await lease(first);
  const late = fence;
  fence = await claim(first);
  await sessions.settle(first, late, aSettlement({ cost: 700n, usage })).catch(() => {});
  await sessions.heartbeat(first, late).catch(() => {});
  await reserve(first, fence, 5_000n, 5_000n);
  await sessions.settle(first, fence, aSettlement({ cost: null, class: 'unknown', turns: [], iterated: false }));
  await sessions.save(first, fence, aSave({ inboxTaken: 1 }), []);
  await sessions.claim('ses_none', randomUUID());

  step('limits');
  fence = await claim(second);
  await reserve(second, fence, 60_000n);
  await reserve(second, fence, 40_000n, 1_000n);
  await sessions.settle(second, fence, aSettlement({ cost: 40_000n }));
  await sessions.save(second, fence, aSave(), []);
  fence = await claim(first);
  await reserve(first, fence, 900_000_000n);
  await sessions.save(first, fence, aNight(MIDNIGHT), []);
  await sessions.claim(first, randomUUID());

  step('pending');
  await wish(second, { type: 'pause' });
  await wish(second, { type: 'resume' });
  await wish(second, { type: 'wake' });
  await wish('ses_none', { type: 'cancel' });
  await userSessions.messages(user, first);
  await userSessions.messages(other, first);
  await userSessions.events(user, first, { after: 2, limit: 5 });
  await userSessions.fileList(user, first);
  await userSessions.file(user, first, '/poem.md');
  await userSessions.file(user, first, '/none');

  step('money');
  await accounts.topUp(user, 2_000_000n, 'today', once());
  const cycle = once();
  await accounts.topUp(user, 1_000_000n, 'cycle', cycle);
  await accounts.topUp(user, 1_000_000n, 'cycle', cycle);
  await accounts.topUp(user, 5n, 'cycle', { ...cycle, fingerprint: 'other' });
  await purse.record({
    userId: user,
    sessionId: first,
    iteration: 99,
    model: MODEL,
    usage: usage as never,
    cost: 123n,
    at: 0,
  });
  for (const group of ['day', 'session', 'model', 'tool', 'iteration'] as const)
    await accounts.usage(user, { from: '2026-11-01', to: '2026-11-30' }, group);
  await accounts.usage(user, { from: '2026-11-01', to: '2026-11-30', sessionId: first }, 'iteration');

  step('the night');
  await sweeper.recordDeadLetter(second, 'given up');
  await clock(NEXT_DAY);
  await sweeper.sweep(10);
  await accounts.budget(user);
  fence = await claim(first);
  await reserve(first, fence, 20_000n);
  await sessions.settle(first, fence, aSettlement({ cost: 900n }));
  await sessions.save(first, fence, anEnd(), []);
  await sessions.claim(first, randomUUID());
  await wish(first, { type: 'resume' });
  await wish(second, { type: 'cancel' });
  fence = await claim(second);
  await sessions.save(second, fence, anEnd(), []);
  await userSessions.list(user, { limit: 20, cursor: null });
  await userSessions.remove(user, second);
  await userSessions.remove(user, second);
  await sweeper.purge();

  step('the books');
  const audit = postgresAudit(database);
  await allDrifts(audit, null);
  for (const kind of ['spent', 'session_cost', 'stranded_hold'] as const)
    await audit.repair({
      ...{ kind, userId: user, day: '2026-11-10', sessionId: first, fence: 1, n: 1 },
      expected: 0n,
      found: 0n,
    });
  await audit.sessions({ after: '', limit: 100 });
  await audit.spentByDay('2026-11-01', '2026-11-30');
}
