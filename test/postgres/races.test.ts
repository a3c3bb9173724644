/**
 * What only two connections can show: each rule of docs/invariants.md that is about who waits for whom, in the one order in which a protocol without
 * the rule goes wrong. A random run meets these windows once in thousands; here they are held open.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { type Connection, connection } from './side-by-side.ts';
import { MIDNIGHT, requests, START, save, settlement } from './steps.ts';

const MODEL = 'claude-haiku-5-5';
const MIDNIGHT_AT = new Date(MIDNIGHT).toISOString();

describe.skipIf(!hasPostgres)('two connections', () => {
  let db: TestDatabase;
  let a: Connection;
  let b: Connection;
  let t: ReturnType<typeof requests>;

  beforeAll(async () => {
    db = await testDatabase('real');
    t = requests(db);
  });
  afterAll(() => db?.close());
  beforeEach(async () => {
    await db.setNow(START);
    [a, b] = [await connection(db.pool), await connection(db.pool)];
  });
  afterEach(() => {
    a.end();
    b.end();
  });

  it('R1: a claim that waited reads what was written meanwhile', async () => {
    const { id, fence } = await t.owned(await t.user());
    await t.reserve(id, fence, 1_000);
    await db.expireLease(id);
    await a.begin();
    await a.call('settle', id, fence, settlement({ calls: [{ id: 'call', name: 'bash', input: {} }] }));
    await a.call('request_action', await ownerOf(id), id, randomUUID(), { type: 'message', content: 'Hello' });
    const claim = await b.callBlocked('claim', id, randomUUID());
    await a.commit();
    const answer = await claim.answer;
    expect(answer).toMatchObject({ fence: fence + 1, iteration: 1, msgN: 2, cost: '1000' });
    expect(answer.history.map(({ n }: { n: number }) => n)).toEqual([1, 2]);
    expect(answer.calls).toMatchObject([{ id: 'call' }]);
    expect(answer.pending.inbox).toEqual([{ n: 1, content: 'Hello' }]);
    expect(answer.day).toMatchObject({ spent: '1000', held: '0' });
  });

  it('R1: of two claims at once only one wins', async () => {
    const id = await t.session(await t.user());
    await a.begin();
    expect(await a.call('claim', id, randomUUID())).toMatchObject({ fence: 1 });
    const second = await b.callBlocked('claim', id, randomUUID());
    await a.commit();
    expect(await second.answer).toEqual({ retryInMs: null });
  });

  it.each([
    ['reserve', (fence: number) => [fence, 2, 1, 1, MODEL, false, []]],
    ['heartbeat', (fence: number) => [fence]],
    ['start_tool', (fence: number) => [fence, 'call']],
    ['start_search', (fence: number) => [fence, 2, 'call', 'web_search', 5_000]],
  ] as const)('R2: a late %s that waited for the save of its own owner is refused', async (name, args) => {
    const { id, fence } = await t.owned(await t.user());
    await a.begin();
    await a.call('save', id, fence, save(), []);
    const late = await b.callBlocked(name, id, ...args(fence));
    await a.commit();
    expect(await late.answer).toEqual({ code: 'FENCE' });
  });

  it('R2: whoever waited while another took the session is refused, and no fence at all is no fence', async () => {
    const { id, fence } = await t.owned(await t.user());
    await db.expireLease(id);
    await a.begin();
    await a.call('claim', id, randomUUID());
    const late = await b.callBlocked('save', id, fence, save(), []);
    await a.commit();
    expect(await late.answer).toEqual({ code: 'FENCE' });
    expect(await a.call('heartbeat', id, null)).toEqual({ code: 'FENCE' });
  });

  it('R2: a late reserve that waited for the next claim makes no hold without an owner', async () => {
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    await db.expireLease(id);
    await a.begin();
    await a.call('claim', id, randomUUID());
    const late = await b.callBlocked('reserve', id, fence, 1, 1, 1, MODEL, false, []);
    await a.commit();
    expect(await late.answer).toEqual({ code: 'FENCE' });
    expect(await t.today(userId)).toMatchObject({ held: '0' });
  });

  it('R3: a day being opened keeps nobody from creating a session or speaking to one', async () => {
    const userId = await t.user();
    const { id } = await t.owned(userId);
    await a.begin();
    await a.call('top_up', userId, 1_000, 'cycle', randomUUID(), 'print');
    expect(await t.session(userId)).toMatch(/^ses_/);
    const wish = await b.callBlocked('request_action', userId, id, randomUUID(), { type: 'wake' });
    await a.commit();
    expect(await wish.answer).toEqual({ ended: false });
  });

  it('R3: of two sessions started at once only one is the last that a tier allows', async () => {
    const userId = await t.user();
    const wanted = (id: string) => ({
      ...{ id, goal: 'Write a poem.', agent: 'assistant', model: 'claude-haiku-5-5', tier: 'economy', system: null },
      ...{ onEndTurn: 'complete', maxIterations: 1, maxCost: null, metadata: {}, mostLive: 1 },
    });
    const [first, second] = [newId('ses'), newId('ses')];
    await a.begin();
    expect(await a.call('create_session', userId, wanted(first), 'key 1', 'print')).toEqual({ id: first });
    const late = await b.callBlocked('create_session', userId, wanted(second), 'key 2', 'print');
    await a.commit();
    expect(await late.answer).toEqual({ full: true });
    expect(await b.call('create_session', userId, wanted(first), 'key 1', 'print')).toEqual({ id: first });
  });

  it('R4: a retry that waited for the first try over midnight answers with the hold of the first', async () => {
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    await a.begin();
    const first = await a.call('reserve', id, fence, 1, 500, 500, MODEL, false, []);
    const retry = await b.callBlocked('reserve', id, fence, 1, 500, 500, MODEL, false, []);
    await db.setNow(MIDNIGHT);
    await a.commit();
    expect(await retry.answer).toEqual(first);
    expect(first).toEqual({ granted: '500', day: '2026-11-10' });
    expect(await t.today(userId)).toMatchObject({ date: '2026-11-11', held: '0' });
    expect(await a.call('reserve', id, fence, 1, 500, 500, MODEL, false, [])).toEqual(first);
  });

  it('R4: a copy of a command waits for the first and does nothing more', async () => {
    const userId = await t.user();
    const id = await t.session(userId);
    const wish = [userId, id, randomUUID(), { type: 'message', content: 'Hello' }] as const;
    await a.begin();
    await a.call('request_action', ...wish);
    const copy = await b.callBlocked('request_action', ...wish);
    await a.commit();
    expect(await copy.answer).toEqual({ ended: false });
    expect(await db.rows('select n from session_inbox where session_id = $1', id)).toHaveLength(1);
  });

  it.each([
    ['approve', 'deny'],
    ['deny', 'approve'],
  ])('of two persons at once the first decides: %s stands against %s', async (decision, other) => {
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    await t.reserve(id, fence, 1_000);
    await a.call('settle', id, fence, settlement({ calls: [{ id: 'call', name: 'pay', input: {} }] }));
    const to = { state: 'waiting', question: 'Decide.', kind: 'approval' };
    const asked = { id: 'call', tool: 'pay', input: {}, edited: false, argsSha: 'args', toolSha: 'tool', schema: {} };
    const suspension = { to, due: MIDNIGHT_AT, memory: {}, journal: [] };
    const requests = [{ ...asked, expiresAt: MIDNIGHT_AT }];
    await a.call('save', id, fence, save({ open: ['call'], requests, suspension }), []);
    const reply = (decision: string) => [userId, id, randomUUID(), 'call', { decision, argsSha: 'args' }];
    await a.begin();
    expect(await a.call('answer_approval', ...reply(decision))).toEqual({ answered: true });
    const late = await b.callBlocked('answer_approval', ...reply(other));
    await a.commit();
    expect(await late.answer).toEqual({ decided: decision });
    const told = await db.rows(
      `select data ->> 'decision' as decision from agent_events where session_id = $1 and type = 'agent.approval_decided'`,
      id,
    );
    expect(told).toEqual([{ decision }]);
  });

  it('R5: a save that waited for a command does not rest', async () => {
    const userId = await t.user();
    const { id, fence } = await t.owned(userId);
    const to = { state: 'ended', outcome: 'completed', result: null, error: null };
    const rest = { to, due: 'infinity', memory: {}, journal: [{ type: 'agent.completed', data: {} }] };
    await a.begin();
    await a.call('request_action', userId, id, randomUUID(), { type: 'message', content: 'Wait!' });
    const saved = await b.callBlocked('save', id, fence, save({ suspension: rest }), []);
    await a.commit();
    expect(await saved.answer).toMatchObject({ state: { state: 'ready' }, seq: 2 });
  });

  async function ownerOf(sessionId: string): Promise<string> {
    const [row] = await db.rows('select user_id from agent_sessions where id = $1', sessionId);
    return row!.user_id!;
  }
});
