/** A session's journal, as one list and as a live stream. */
import { expect } from 'vitest';
import { EventJson } from '../../../lib/http/event-schemas.ts';

type Reply = { status: number; json: unknown };
export type Entry = { seq: number; at: string; session_id: string; type: string } & Record<string, unknown>;

/** All entries, page by page; their numbers must be gap-free (G8). */
export const journalOf = async (
  call: (method: string, path: string) => Promise<Reply>,
  session: string,
): Promise<Entry[]> => {
  const entries: Entry[] = [];
  for (let after: string | null = '0'; after !== null; ) {
    const { json } = await call('GET', `/sessions/${session}/events?limit=50&after=${after}`);
    const page = json as { data: Entry[]; next_cursor: string | null };
    entries.push(...page.data);
    after = page.next_cursor;
  }
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1));
  for (const entry of entries) expect(EventJson.parse(entry)).toEqual(entry);
  return entries;
};

export const types = (entries: Entry[]): string[] => entries.map(({ type }) => type);

/** `id` null: the event came without one. */
export type SseEvent = { id: number | null; event: string; data: Entry };

/** Reads a session's stream until `enough` says so, or to its end. */
export const listen = async (
  url: string,
  key: string,
  { lastEventId, enough = () => false }: { lastEventId?: number; enough?: (events: SseEvent[]) => boolean } = {},
): Promise<SseEvent[]> => {
  const hangUp = new AbortController();
  const headers = {
    authorization: `Bearer ${key}`,
    ...(lastEventId !== undefined && { 'last-event-id': String(lastEventId) }),
  };
  const response = await fetch(url, { headers, signal: hangUp.signal });
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  let text = '';
  let events: SseEvent[] = [];
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    events = text
      .slice(0, text.lastIndexOf('\n\n') + 1)
      .split('\n\n')
      .flatMap(eventOf);
    if (enough(events)) break;
  }
  hangUp.abort();
  return events;
};

const eventOf = (frame: string): SseEvent[] => {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
  const [id, event, data] = [field('id'), field('event'), field('data')];
  return event && data ? [{ id: id === undefined ? null : Number(id), event, data: JSON.parse(data) as Entry }] : [];
};
