/** The journal of the open session as it grows, and the reply that it is writing. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { textOf } from './api.ts';
import { type Frame, follow, type LinkState } from './stream.ts';
import { type Row, type Timeline, timeline } from './timeline.ts';
import type { Delta, JournalEvent } from './types.ts';

const ENDINGS = /^agent\.(completed|failed|cancelled)$/;

export type SessionStream = {
  rows: readonly Row[];
  draft: string;
  thought: string;
  link: LinkState;
  trouble: string | null;
};

export function useSessionStream(id: string): SessionStream {
  const made = useRef<Timeline>(timeline());
  const [state, setState] = useState<SessionStream>({
    rows: [],
    draft: '',
    thought: '',
    link: 'connecting',
    trouble: null,
  });
  useEffect(() => {
    const stop = new AbortController();
    made.current = timeline();
    let draft = { text: '', thought: '' };
    const take = (frames: Frame[]) => {
      const events: JournalEvent[] = [];
      for (const { type, data } of frames) {
        if (data === '') continue;
        const event = JSON.parse(data) as JournalEvent | Delta;
        if (event.type === 'agent.delta')
          draft = { ...draft, [event.kind]: draft[event.kind].slice(0, event.offset) + event.text };
        else if (type !== 'agent.resync') events.push(event);
      }
      // What was a draft is an entry now.
      if (events.some(({ type }) => type === 'agent.model_called' || type === 'agent.text'))
        draft = { text: '', thought: '' };
      made.current.add(events);
      setState((was) => ({ ...was, rows: made.current.rows(), draft: draft.text, thought: draft.thought }));
    };
    const following = follow(`/v1/sessions/${id}/events/stream`, {
      signal: stop.signal,
      onFrames: take,
      onLink: (link) => setState((was) => ({ ...was, link })),
      isEnd: (frames) => frames.some(({ type }) => ENDINGS.test(type)),
    });
    following.catch((error: unknown) => setState((was) => ({ ...was, trouble: textOf(error) })));
    return () => stop.abort();
  }, [id]);
  return state;
}
