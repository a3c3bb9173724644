/** The journal of the open session as it grows, and the reply that it is writing. Its stream rests while that of the whole page does. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { textOf } from './api.ts';
import { type Shared, useShared } from './store.ts';
import { type Frame, follow, type LinkState } from './stream.ts';
import { type Row, type Timeline, timeline } from './timeline.ts';
import type { Delta, JournalEvent } from './types.ts';

/** After these what was being written is an entry, or will never be one. */
const ENDS_DRAFT =
  /^agent\.(thinking|model_called|text|retrying|refused|sleeping|paused|waiting_for_input|budget_exceeded|completed|failed|cancelled)$/;
const ENDINGS = /^agent\.(completed|failed|cancelled)$/;

export type SessionStream = {
  rows: readonly Row[];
  draft: string;
  thought: string;
  link: LinkState | 'resting';
  trouble: string | null;
};

const isResting = ({ link }: Shared) => link === 'resting';

/** For a screen that stays with its session. */
export function useSessionStream(id: string): SessionStream {
  const made = useRef<Timeline>(timeline());
  const isOver = useRef(false);
  const rests = useShared(isResting);
  /** How often the journal was read from its beginning. */
  const [readings, setReadings] = useState(0);
  const [state, setState] = useState<SessionStream>({
    rows: [],
    draft: '',
    thought: '',
    link: 'connecting',
    trouble: null,
  });
  useEffect(() => {
    if (isOver.current) return;
    if (rests) return setState((was) => ({ ...was, link: 'resting' }));
    const stop = new AbortController();
    let draft = { text: '', thought: '' };
    const take = (frames: Frame[]) => {
      // The journal was restored from a copy.
      if (frames.some(({ type }) => type === 'agent.resync')) {
        stop.abort();
        made.current = timeline();
        return setReadings((count) => count + 1);
      }
      const events: JournalEvent[] = [];
      for (const { data } of frames) {
        if (data === '') continue;
        const event = JSON.parse(data) as JournalEvent | Delta;
        if (event.type === 'agent.delta')
          draft = { ...draft, [event.kind]: draft[event.kind].slice(0, event.offset) + event.text };
        else {
          events.push(event);
          if (ENDS_DRAFT.test(event.type)) draft = { text: '', thought: '' };
        }
      }
      made.current.add(events);
      setState((was) => ({ ...was, rows: made.current.rows(), draft: draft.text, thought: draft.thought }));
    };
    const following = follow(`/v1/sessions/${id}/events/stream`, {
      after: made.current.seq() > 0 ? String(made.current.seq()) : null,
      signal: stop.signal,
      onFrames: take,
      onLink(link) {
        isOver.current = link === 'over';
        setState((was) => ({ ...was, link }));
      },
      isEnd: (frames) => frames.some(({ type }) => ENDINGS.test(type)),
    });
    following.catch((error: unknown) => setState((was) => ({ ...was, trouble: textOf(error), link: 'over' })));
    return () => stop.abort();
  }, [id, rests, readings]);
  return state;
}
