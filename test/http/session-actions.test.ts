import { describe, expect, it } from 'vitest';
import { api } from './kit.ts';

const VERBS = ['pause', 'resume', 'cancel', 'wake'];
const ended = (outcome: 'cancelled' | 'completed') =>
  [{ state: 'ended', outcome, result: null, error: null }, [[`agent.${outcome}`]]] as const;

async function session() {
  const made = api();
  const key = await made.user('ada');
  const id = await made.start(key);
  const wish = (verb: string, headers: Record<string, string> = {}, body?: unknown) =>
    made.call('POST', `/v1/sessions/${id}/${verb}`, { key, headers, body });
  return { ...made, key, id, wish };
}

describe('pending', () => {
  it('pause shows at once', async () => {
    const { wish, state } = await session();
    const answer = await wish('pause');
    expect([answer.status, answer.json.status]).toEqual([200, 'paused']);
    expect(state.elapsed).toBe(0);
    expect((await wish('pause')).status).toBe(200);
  });

  it('resume shows at once', async () => {
    const { wish, rest, id, state } = await session();
    await wish('pause');
    await rest(id, { state: 'paused', error: null }, [['agent.paused']]);
    const answer = await wish('resume');
    expect([answer.status, answer.json.status]).toEqual([200, 'working']);
    expect(state.elapsed).toBe(0);
  });

  it('cancel answers with the end of it, once a worker came', async () => {
    const { wish, rest, id, state } = await session();
    let workers = 0;
    state.onSleep = () => workers++ === 1 && rest(id, ...([...ended('cancelled')] as unknown as [never]));
    const { status, json } = await wish('cancel');
    expect(status).toBe(200);
    expect(json).toMatchObject({ status: 'cancelled', outcome: 'cancelled', completed_at: '2026-11-10T08:00:00.000Z' });
    expect(workers).toBe(2);
    state.onSleep = () => undefined;
    const again = await wish('cancel');
    expect([again.status, again.json]).toEqual([200, json]);
  });

  it('cancel answers anyway when no worker comes', async () => {
    const { wish, state } = await session();
    const { status, json } = await wish('cancel');
    expect([status, json.status, json.completed_at]).toEqual([200, 'cancelled', null]);
    expect(state.elapsed).toBe(1_500);
  });

  it('wake makes a sleeper due', async () => {
    const { wish, asleep, id, world } = await session();
    await asleep(id);
    const answer = await wish('wake');
    expect([answer.status, answer.json.status, answer.json.wake_at]).toEqual([200, 'working', null]);
    expect(world.store.sessions.get(id)?.due).toBeLessThanOrEqual(world.now());
  });

  it('a message is taken', async () => {
    const { wish, world, id } = await session();
    const answer = await wish('messages', {}, { content: 'Only the big\0 ones.' });
    expect([answer.status, answer.json.id]).toEqual([202, id]);
    expect(world.store.sessions.get(id)?.inbox).toEqual([{ n: 1, content: 'Only the big\ufffd ones.' }]);
  });

  it.each([
    {},
    { content: '' },
    { content: ' \u200b\ufe0f\u2800\n' },
    { content: 5 },
    { content: 'x'.repeat(200_001) },
    { content: 'x', role: 'system' },
  ])('a message must be one (%#)', async (body) => {
    const { wish, world, id } = await session();
    expect((await wish('messages', {}, body)).json.code).toBe('invalid_request');
    expect(world.store.sessions.get(id)?.inbox).toEqual([]);
  });

  it('come too late for an ended session', async () => {
    const { wish, complete, id } = await session();
    await complete(id);
    for (const verb of [...VERBS, 'messages']) {
      const answer = await wish(verb, {}, { content: 'Hello?' });
      expect([answer.status, answer.json.code], verb).toEqual([409, 'session_ended']);
      expect(answer.json.detail).toContain('completed');
    }
  });

  it('a message is refused when too much waits for a session that does not move', async () => {
    const { wish, world, id, rest } = await session();
    await rest(id, { state: 'paused', error: null }, [['agent.paused']]);
    for (let n = 1; n <= 5; n++) await wish('messages', {}, { content: 'x'.repeat(200_000) });
    const headers = { 'idempotency-key': 'late' };
    const answer = await wish('messages', headers, { content: 'One more.' });
    expect([answer.status, answer.json.code]).toEqual([409, 'inbox_full']);
    expect(answer.json.detail).toContain('not taken and nothing was spent; resume the session');
    const row = world.store.sessions.get(id)!;
    expect(row.inbox).toHaveLength(5);
    row.inboxTaken = 5;
    expect((await wish('messages', headers, { content: 'One more.' })).status).toBe(202);
    expect(row.inbox).toHaveLength(6);
  });

  it('with the same Idempotency-Key happen once; with another command it is a conflict', async () => {
    const { wish, world, id } = await session();
    const headers = { 'idempotency-key': 'k1' };
    await wish('messages', headers, { content: 'One.' });
    await wish('messages', headers, { content: 'One.' });
    for (const [verb, body] of [['messages', { content: 'Two.' }], ['pause'], ['cancel']] as const) {
      const { status, json } = await wish(verb, headers, body);
      expect([status, json.code]).toEqual([409, 'idempotency_conflict']);
    }
    await wish('messages', {}, { content: 'One.' });
    expect(world.store.sessions.get(id)?.inbox.map(({ content }) => content)).toEqual(['One.', 'One.']);
    expect((await wish('resume')).json.status).toBe('working');
  });
});
