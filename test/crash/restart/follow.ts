/** A client that keeps reading a session's event stream, over every restart, from the last number that it has. */
import { isDeepStrictEqual } from 'node:util';
import type { Entry } from './checks.ts';

export type Follower = {
  /** Reads on, from another start of the system; returns when the stream breaks or ends. */
  follow(url: string, key: string): Promise<void>;
  read: Entry[];
  /** What it was sent twice, out of order or not at all, and what the journal has otherwise. */
  faults(journal: Entry[]): string[];
};

export const follower = (id: string): Follower => {
  const read: Entry[] = [];
  const take = (frame: string): void => {
    // Drafts of a reply have no number.
    if (!/^id:/m.test(frame)) return;
    const data = /^data: ?(.*)$/m.exec(frame)?.[1];
    if (data) read.push(JSON.parse(data) as Entry);
  };
  return {
    read,
    follow: async (url, key) => {
      const last = String(read.at(-1)?.seq ?? 0);
      const headers = { authorization: `Bearer ${key}`, 'last-event-id': last };
      let rest = '';
      try {
        const response = await fetch(`${url}/v1/sessions/${id}/events/stream`, { headers });
        for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
          const frames = (rest + text).split('\n\n');
          rest = frames.pop() ?? '';
          for (const frame of frames) take(frame);
        }
      } catch {
        // The system died; the next start is followed anew.
      }
    },
    faults: (journal) =>
      read.flatMap((entry, i) =>
        isDeepStrictEqual(entry, journal[i])
          ? []
          : [`the stream's entry ${i + 1} is ${JSON.stringify(entry)}, the journal's ${JSON.stringify(journal[i])}`],
      ),
  };
};
