/** Traces leave the journal in order and at least once, whatever dies and whoever is away. A strict receiver on loopback takes them. */
import { expect, it } from 'vitest';
import { postgresTraces, switchTraces } from '../../lib/adapters/postgres/traces.ts';
import { wakeDue } from '../../lib/engine/wake.ts';
import type { Traces } from '../../lib/ports/index.ts';
import { memoryWorld } from '../../lib/testing/memory/index.ts';
import type { Tracing } from '../../lib/traces/send.ts';
import { turnTraces } from '../../lib/tracing.ts';
import { anEnd, START, soonAfter } from '../contract/harness.ts';
import { NO_SCHEDULES } from '../kit/schedules.ts';
import { onPostgres } from '../money/kit.ts';
import { HALF_DAY, MINUTE_MS, tracesKit } from './kit.ts';

const NOTHING = { taken: [], refused: [], took: false, failed: null, last: true };

class Crash extends Error {}

onPostgres('traces', (t, db) => {
  const { setup, work } = tracesKit(t, db);
  const cursors = () => db().rows('select session_id, seq, pending_since from trace_cursors');
  /** The minute of a sender that died is over. */
  const freed = () => db().rows(`update trace_export set sender_until = '-infinity'`);

  it('writes nothing while no endpoint is set', async () => {
    await switchTraces(db().database, false);
    await work(await t().session());
    expect(await cursors()).toEqual([]);
    expect(await postgresTraces(db().database).sweep({ sender: 'a', sessions: 9, entries: 9 })).toMatchObject({
      ...{ due: [], nextDue: null },
    });
  });

  it('is turned on and off by the endpoint, at each deployment', async () => {
    const { url: DATABASE_URL } = db();
    const isOn = async () => (await db().rows('select from trace_export')).length === 1;
    await turnTraces({ DATABASE_URL, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.internal:4318' });
    await work(await t().session());
    await turnTraces({ DATABASE_URL, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://otlp.example/x' });
    expect([await isOn(), (await cursors()).length]).toEqual([true, 1]);
    await turnTraces({ DATABASE_URL });
    expect([await isOn(), (await cursors()).length]).toEqual([false, 0]);
  });

  it('sends what the wake function finds, once, and says when there will be more', async () => {
    const { receiver, tracing, log } = await setup();
    const id = await t().session();
    await work(id);
    await work(id, anEnd());
    const memory = memoryWorld({ now: '2026-11-10T08:00:00Z' });
    const told: (number | null)[] = [];
    const live = { ...memory.live, nextDue: async (at: number | null) => void told.push(at) };
    const wake = () =>
      wakeDue({ ...memory, ...NO_SCHEDULES, live, tracing, log }, { cron: 'schedule', now: memory.now });
    const later = START + 2 * MINUTE_MS;
    receiver.answers.push({ status: 503 });
    await wake();
    await wake();
    expect(told).toEqual([soonAfter(START), soonAfter(START + MINUTE_MS)]);
    receiver.requests.length = 0;
    await t().setNow(later);
    await wake();
    await wake();
    expect(receiver.requests).toHaveLength(1);
    expect(told.at(-1)).toBeNull();
    expect(receiver.requests[0]).toMatchObject({
      url: '/v1/traces',
      headers: { 'content-type': 'application/json', authorization: 'Bearer of-a-test' },
    });
    expect(receiver.spans().map(({ name }) => name.split(' ')[0])).toEqual([
      ...['chat', 'execute_tool', 'chat', 'invoke_agent'],
    ]);
    expect(await cursors()).toEqual([]);
  });

  it('loses no span to a crash, and repeats one only under its id and with its bytes', async () => {
    const { receiver, tracing, send } = await setup();
    const traces = postgresTraces(db().database);
    let calls = 0;
    /** Dies at a call, before or after it took effect. */
    const dying = <F extends (...args: never[]) => Promise<unknown>>(act: F, at: number, after: boolean): F =>
      (async (...args: never[]) => {
        calls += 1;
        if (calls === at && !after) throw new Crash();
        const answer = await act(...args);
        if (calls === at) throw new Crash();
        return answer;
      }) as F;
    let expected = 0;
    for (let at = 1; at <= 5; at++) {
      for (const after of [false, true]) {
        const id = await t().session();
        await work(id);
        await work(id, anEnd());
        expected += 4;
        calls = 0;
        const died: Traces = {
          sweep: dying(traces.sweep, at, after),
          settle: dying(traces.settle, at, after),
        };
        await send({ traces: died, receiver: { post: dying(tracing.receiver.post, at, after) } });
        await freed();
        await send();
      }
    }
    const seen = new Map<string, string>();
    for (const span of receiver.spans()) {
      const bytes = JSON.stringify(span);
      expect(seen.get(span.spanId) ?? bytes).toBe(bytes);
      seen.set(span.spanId, bytes);
    }
    expect(seen.size).toBe(expected);
    expect(receiver.spans().length).toBeGreaterThan(expected);
    expect(await cursors()).toEqual([]);
  });

  it('leaves a receiver alone as long as it asks, then sends all in order', async () => {
    const { receiver, tracing, send, lines } = await setup();
    const id = await t().session();
    await work(id);
    receiver.answers.push({ status: 503, headers: { 'retry-after': '120' } });
    await send();
    expect(lines).toMatchObject([{ level: 'warn', message: 'receiver of traces away', error: 'HTTP 503' }]);
    await work(id, anEnd());
    await t().setNow(START + MINUTE_MS);
    await send();
    expect(receiver.requests).toHaveLength(1);
    const { nextDue, now } = await tracing.traces.sweep({ sender: 'a', sessions: 9, entries: 9 });
    expect(nextDue! - now).toBeGreaterThan(0);
    await t().setNow(START + 3 * MINUTE_MS);
    await send();
    expect(receiver.spans().map(({ name }) => name.split(' ')[0])).toEqual([
      ...['chat', 'execute_tool', 'chat', 'invoke_agent'],
    ]);
  });

  it('waits longer from failure to failure, and is patient with a key that is wrong', async () => {
    const { receiver, send } = await setup();
    await work(await t().session());
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      receiver.answers.push({ status: 401 });
      await send();
      const [row] = await db().rows(`select extract(epoch from retry_at - app_now()) as s from trace_export`);
      waits.push(Math.round(Number(row!.s) / 60));
      await db().rows(`update trace_export set retry_at = null`);
    }
    expect(waits).toEqual([1, 2, 4, 8, 15, 15]);
    await send();
    expect(receiver.spans()).toHaveLength(2);
    expect(await db().rows('select failures, retry_at from trace_export')).toEqual([{ failures: '0', retry_at: null }]);
  });

  it('begins no request when its time is over, counted from the look, and leaves the right to the next', async () => {
    const { receiver, send } = await setup();
    for (let i = 0; i < 2; i++) await work(await t().session());
    let elapsed = 0;
    const time = { remaining: HALF_DAY.remaining, elapsed: () => elapsed++ && 20_000 };
    await send({}, time);
    expect(receiver.requests).toEqual([]);
    const slow = { remaining: HALF_DAY.remaining, elapsed: () => receiver.requests.length * 10_000 };
    receiver.answers.push(...Array(2).fill({ status: 400 }));
    await send({}, slow);
    expect(receiver.requests).toHaveLength(2);
  });

  it('does not repeat what was rejected in part, and says why', async () => {
    const { receiver, send, lines } = await setup();
    await work(await t().session());
    const body = JSON.stringify({ partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' } });
    receiver.answers.push({ status: 200, body });
    await send();
    await send();
    expect(receiver.requests).toHaveLength(1);
    expect(lines).toMatchObject([
      { message: 'traces sent', spans: 1 },
      { level: 'warn', message: 'receiver rejected spans', spans: 1, error: 'too old' },
    ]);
  });

  it('lets one sender at a time, so that no session is told out of order', async () => {
    const { tracing } = await setup();
    await work(await t().session());
    const ask = (sender: string) => tracing.traces.sweep({ sender, sessions: 9, entries: 9 });
    expect((await ask('one')).due).toHaveLength(1);
    expect((await ask('two')).due).toEqual([]);
    expect((await ask('one')).due).toHaveLength(1);
    await tracing.traces.settle({ ...NOTHING, sender: 'one' });
    expect((await ask('two')).due).toHaveLength(1);
  });

  it('gives no right to a sender that finds nothing', async () => {
    const { tracing } = await setup();
    const ask = (sender: string) => tracing.traces.sweep({ sender, sessions: 9, entries: 9 });
    expect((await ask('one')).due).toEqual([]);
    await work(await t().session());
    expect((await ask('two')).due).toHaveLength(1);
  });

  it('notices what is journalled while a page is under way', async () => {
    const { tracing, receiver, send } = await setup();
    const id = await t().session();
    await work(id);
    const post: Tracing['receiver']['post'] = async (body) => {
      if (receiver.bodies.length === 0) await work(id, anEnd());
      return tracing.receiver.post(body);
    };
    await send({ receiver: { post } });
    expect(receiver.spans()).toHaveLength(4);
  });

  it('marks what a request of a user journals, which may write no cursor itself', async () => {
    await setup();
    const user = await t().user();
    const id = await t().session({}, user);
    await t().wish(user, id, { type: 'message', content: 'In rhyme.' });
    expect((await cursors()).map(({ session_id }) => session_id)).toEqual([id]);
  });

  it('tells nothing more of a session that its user removed', async () => {
    const { receiver, send } = await setup();
    const user = await t().user();
    const id = await t().session({}, user);
    await work(id, anEnd());
    await t().userSessions.remove(user, id);
    await send();
    expect(receiver.requests).toEqual([]);
    expect((await cursors()).filter(({ pending_since }) => pending_since !== null)).toEqual([]);
  });
});
