/** What nobody needs any more is removed, a page at a time, and nothing else (SQL function `purge`; schema/functions/purge.sql). */
import { expect, it } from 'vitest';
import { postgresAudit } from '../../lib/adapters/postgres/audit.ts';
import { postgresSweeper } from '../../lib/adapters/postgres/sweeper.ts';
import { newId } from '../../lib/ids.ts';
import { allDrifts } from '../../lib/ops/reconcile.ts';
import { anEnd, aSave, aSettlement, DAY_MS, START } from '../contract/harness.ts';
import { aSchedule } from '../contract/schedules.ts';
import { onPostgres } from '../money/kit.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

onPostgres('tidy', (t, db) => {
  const count = async (table: string, where = 'true') => {
    const [row] = await db().rows(`select count(*) as n from ${table} where ${where}`);
    return Number(row!.n);
  };
  /** Pages of `rows` rows until nothing is left; how many pages found something. */
  async function tidied(rows = 5_000, keep: string | null = null): Promise<number> {
    for (let pages = 0; ; pages++) if ((await db().database.call<number>('purge', rows, keep)) === 0) return pages;
  }

  it('removes what users asked for once after a week, but never a top-up', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    await t().wish(user, id, { type: 'pause' });
    await t().topUp(user, 1_000n);
    await tidied();
    expect(await count('idempotency_keys', `user_id = '${user}'`)).toBe(2);
    await t().setNow(START + 8 * DAY_MS);
    await tidied();
    expect(await db().rows(`select scope from idempotency_keys where user_id = '${user}'`)).toEqual([
      { scope: 'top_up' },
    ]);
    expect(await count('top_ups', `user_id = '${user}'`)).toBe(1);
  });

  it('removes a message of a user a month after it was taken, and keeps one that was not', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    await t().wish(user, id, { type: 'message', content: 'one' });
    const { fence } = await t().claim(id);
    await t().hold(id, fence, 1_000n);
    await t().sessions.settle(id, fence, aSettlement({ inboxTaken: 1 }));
    await t().sessions.save(id, fence, aSave(), []);
    await t().wish(user, id, { type: 'message', content: 'two' });
    await t().setNow(START + 29 * DAY_MS);
    await tidied();
    expect(await count('session_inbox', `session_id = '${id}'`)).toBe(2);
    await t().setNow(START + 31 * DAY_MS);
    await tidied();
    expect(await db().rows(`select content from session_inbox where session_id = '${id}'`)).toEqual([
      { content: 'two' },
    ]);
    expect((await t().claim(id)).pending.inbox).toEqual([{ n: 2, content: 'two' }]);
  });

  it('keeps of each file how it is now, and an older version for a month; a removed file never comes back', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    const write = (path: string, text: string | null) =>
      t().iterate(id, { files: [{ path, content: text === null ? null : bytes(text), mode: 0o644 }] });
    for (const text of ['1', '2', '3']) await write('/kept', text);
    for (const text of ['1', '2', null]) await write('/gone', text);
    const seen = async () =>
      (await t().sessions.files(id)).map(({ path, content }) => `${path} ${Buffer.from(content)}`);
    expect(await seen()).toEqual(['/kept 3']);
    await t().setNow(START + 29 * DAY_MS);
    await tidied();
    expect(await count('workspace_files', `session_id = '${id}'`)).toBe(6);
    await t().setNow(START + 31 * DAY_MS);
    for (let found = 1; found > 0; ) {
      found = await db().database.call<number>('purge', 1, null);
      expect(await seen()).toEqual(['/kept 3']);
      expect(await t().userSessions.file(user, id, '/gone')).toBeNull();
      expect((await t().userSessions.fileList(user, id))?.data.map(({ path }) => path)).toEqual(['/kept']);
    }
    expect(await count('workspace_files', `session_id = '${id}'`)).toBe(1);
    await write('/gone', 'again');
    expect((await seen()).sort()).toEqual(['/gone again', '/kept 3']);
  });

  it('removes a resolved hold three months after its day; the books agree all the same, and an open one stays', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    await t().iterate(id);
    const { fence } = await t().claim(id);
    await t().hold(id, fence, 5_000n);
    await t().setNow(START + 92 * DAY_MS);
    await tidied();
    expect(await count('budget_holds', `session_id = '${id}'`)).toBe(2);
    await t().setNow(START + 93 * DAY_MS);
    await tidied();
    expect(await db().rows(`select class from budget_holds where session_id = '${id}'`)).toEqual([{ class: 'held' }]);
    expect(await count('usage_ledger', `session_id = '${id}'`)).toBe(1);
    const drifts = await allDrifts(postgresAudit(db().database), null);
    expect(drifts.filter(({ userId }) => userId === user)).toEqual([]);
    await expect(t().sessions.settle(id, fence, aSettlement({ cost: 2_000n }))).resolves.toMatchObject({
      cost: 3_000n,
    });
  });

  it('removes revoked keys, old alerts and old deliveries in their time', async () => {
    const user = await t().user();
    for (const [id, revoked] of [
      ['old', '91 days'],
      ['new', '89 days'],
    ] as const)
      await db().rows(`insert into api_keys (id, user_id, prefix, hash, created_at, revoked_at)
        values ('${id}', '${user}', 'ck_', '${id}', app_now(), app_now() - interval '${revoked}')`);
    await t().accounts.addKey(user, { id: 'live', name: null, hash: 'live', prefix: 'ck_' });
    for (const ago of [401, 399])
      await db().rows(`insert into budget_alerts (user_id, day, threshold, at, allowance, ceiling, spent, held)
        values ('${user}', (app_now() at time zone 'UTC')::date - ${ago}, 'graceful', app_now(), 1, 1, 1, 0)`);
    for (const ago of [31, 29])
      await db().rows(`insert into webhook_deliveries (webhook_id, event_id, user_id, type, at, due_at)
        values ('whk_1', 'evt_${ago}', '${user}', 'webhook.test', app_now() - interval '${ago} days', 'infinity')`);
    await tidied();
    const keys = await t().accounts.keysOf(user);
    expect(keys?.map(({ id }) => id).sort()).toEqual(['live', 'new']);
    expect(await count('budget_alerts', `user_id = '${user}'`)).toBe(1);
    expect(await count('webhook_deliveries', `user_id = '${user}'`)).toBe(1);
  });

  it('gives up what an ended session said, did and wrote after the days that are set, and keeps result, cost and ledger', async () => {
    const user = await t().user();
    const [id, late, alive] = [await t().session({}, user), await t().session({}, user), await t().session({}, user)];
    await t().iterate(id, { files: [{ path: '/a', content: bytes('x'), mode: 0o644 }] });
    await t().iterate(id, { save: anEnd() });
    await t().iterate(alive);
    await t().setNow(START + 20 * DAY_MS);
    await t().iterate(late, { save: anEnd() });
    await t().setNow(START + 31 * DAY_MS);
    await tidied();
    expect((await t().userSessions.messages(user, id))?.data).toHaveLength(3);
    const forgetful = postgresSweeper(db().database, 30);
    await forgetful.purge();
    expect(await t().userSessions.messages(user, id)).toEqual({ data: [], next: null });
    expect(await t().userSessions.events(user, id, { after: 0, limit: 10 })).toEqual([]);
    expect(await t().userSessions.fileList(user, id)).toEqual({ data: [], next: null });
    expect(await t().userSessions.file(user, id, '/a')).toBeNull();
    expect(await t().transfer.read(user, id, 1_000_000)).toEqual({ clearedAt: expect.any(Number) });
    expect(await t().userSessions.get(user, id)).toMatchObject({ status: 'completed', result: 'Done.', cost: 2_000n });
    expect(await count('usage_ledger', `session_id = '${id}'`)).toBe(2);
    for (const other of [late, alive]) expect((await t().userSessions.messages(user, other))?.data).toHaveLength(2);
    expect(await forgetful.purge()).toBe(0);
  });

  it('keeps an ended session whole while a notice of it is put aside, a month at most', async () => {
    const user = await t().user();
    const webhook = { url: 'https://a.example/', format: 'standard', events: null, includeText: false } as const;
    const made = { ...webhook, id: newId('whk'), description: null, enabled: true, secret: 'whsec_AAAA' };
    await t().webhooks.create(user, made, null);
    const id = await t().session({}, user);
    await t().iterate(id, { save: anEnd() });
    await t().webhooks.change(user, made.id, { enabled: false });
    const kept = async () => (await t().userSessions.messages(user, id))?.data.length;
    await t().setNow(START + 8 * DAY_MS);
    await tidied(5_000, '7 days');
    expect([await kept(), await count('webhook_deliveries', `session_id = '${id}'`)]).toEqual([2, 1]);
    await t().setNow(START + 31 * DAY_MS);
    await tidied(5_000, '7 days');
    expect([await kept(), await count('webhook_deliveries', `session_id = '${id}'`)]).toEqual([0, 0]);
  });

  it('purges a removed schedule with its runs in pages; it is nowhere to be seen from the first on', async () => {
    const user = await t().user();
    const { id } = (await t().userSchedules.create(user, aSchedule(), null)) as { id: string };
    await db().rows(`insert into schedule_runs (id, schedule_id, user_id, due_at, at, cause, status)
      select 'run_' || i, '${id}', '${user}', app_now() - i * interval '1 hour', app_now(), 'cron', 'skipped' from generate_series(1, 10) i`);
    expect(await t().userSchedules.remove(user, id)).toBe(true);
    expect(await t().userSchedules.remove(user, id)).toBe(false);
    const page = { limit: 9, cursor: null };
    expect(await t().userSchedules.list(user, page)).toEqual({ data: [], next: null });
    expect([await t().userSchedules.get(user, id), await t().userSchedules.runs(user, id, page)]).toEqual([null, null]);
    expect(await t().userSchedules.change(user, id, { name: 'Back' })).toBeNull();
    expect(await count('schedule_runs', `schedule_id = '${id}'`)).toBe(10);
    expect(await tidied(4)).toBe(3);
    expect(await count('schedule_runs', `schedule_id = '${id}'`)).toBe(0);
    expect(await count('schedules', `id = '${id}'`)).toBe(0);
  });

  it('takes a long one in several pages, and shows nothing of it from the first on', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    for (let i = 0; i < 5; i++) await t().iterate(id);
    await t().iterate(id, { save: anEnd() });
    await t().setNow(START + 2 * DAY_MS);
    await tidied(5_000);
    const before = await count('agent_messages', `session_id = '${id}'`);
    expect(await db().database.call<number>('purge', 3, '1 day')).toBe(1);
    expect(await count('agent_messages', `session_id = '${id}'`)).toBe(before - 3);
    expect(await t().userSessions.messages(user, id)).toEqual({ data: [], next: null });
    expect(await tidied(3, '1 day')).toBeGreaterThan(1);
    for (const table of ['agent_messages', 'agent_events', 'tool_calls'])
      expect(await count(table, `session_id = '${id}'`), table).toBe(0);
  });

  it('purges a removed session in pages, too', async () => {
    const user = await t().user();
    const id = await t().session({}, user);
    for (let i = 0; i < 3; i++) await t().iterate(id);
    await t().iterate(id, { save: anEnd() });
    await tidied();
    await t().userSessions.remove(user, id);
    expect(await tidied(2)).toBeGreaterThan(2);
    expect(await count('agent_sessions', `id = '${id}'`)).toBe(0);
    expect(await count('usage_ledger', `session_id = '${id}'`)).toBe(4);
  });
});
