import { describe, expect, it } from 'vitest';
import type { EventType } from '../../lib/core/events.ts';
import { EventJson } from '../../lib/http/event-schemas.ts';
import { entriesOfAllTypes } from '../kit/events.ts';
import { api } from './kit.ts';

async function told(entries = 5) {
  const made = api();
  const key = await made.user('ada');
  const id = await made.start(key);
  const journal = Array.from({ length: entries }, (_, i): [EventType, object] => [
    'agent.text',
    { text: `line ${i}\nnext` },
  ]);
  await made.rest(id, { state: 'waiting', question: 'Which?' }, [...journal, ['agent.waiting_for_input']]);
  const list = (query = '') => made.call('GET', `/v1/sessions/${id}/events${query}`, { key });
  return { ...made, key, id, list };
}

describe('GET /v1/sessions/{id}/events as JSON', () => {
  it('pages through the journal; after is exclusive', async () => {
    const { list, id } = await told(5);
    const { json } = await list();
    expect(json.data.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(json.next_cursor).toBeNull();
    expect(json.data[1]).toEqual({
      ...{
        seq: 2,
        at: '2026-11-10T08:00:00.000Z',
        session_id: id,
        iteration: 0,
        type: 'agent.text',
        text: 'line 0\nnext',
      },
    });
    for (const entry of json.data) EventJson.parse(entry);
    const first = await list('?limit=3');
    expect([first.json.data.length, first.json.next_cursor]).toEqual([3, '3']);
    const second = await list(`?limit=3&after=${first.json.next_cursor}`);
    expect(second.json.data.map(({ seq }: { seq: number }) => seq)).toEqual([4, 5, 6]);
    const exact = await list('?limit=4&after=3');
    expect([exact.json.data.length, exact.json.next_cursor]).toEqual([4, null]);
    expect((await list('?after=7')).json).toEqual({ data: [], next_cursor: null });
  });

  it('shows every type of event as the contract has it', async () => {
    const { list, world, id } = await told(0);
    const { journal } = world.store.sessions.get(id)!;
    for (const entry of entriesOfAllTypes()) journal.push({ seq: journal.length + 1, at: 0, iteration: 1, ...entry });
    for (const entry of (await list()).json.data) {
      const known = EventJson.parse(entry);
      expect(known).toEqual(entry);
    }
  });

  it("keeps an entry's own fields from hiding the common ones", async () => {
    const { list, world, id } = await told(0);
    world.store.sessions.get(id)!.journal.push({
      seq: 3,
      at: 0,
      iteration: 0,
      type: 'agent.text',
      data: { text: 't', seq: 'x', session_id: 'y' } as { text: string },
    });
    expect((await list('?after=2')).json.data[0]).toMatchObject({ seq: 3, session_id: id, type: 'agent.text' });
  });
});
