/** Server-sent events by fetch: they resume where they broke off, and come in batches, so that a thousand of them are drawn once. */
import { ApiError, ask } from './api.ts';

export type Frame = { id: string; type: string; data: string };
export type LinkState = 'connecting' | 'live' | 'away' | 'over';

type Following = {
  /** One without `data` only says where the stream is. */
  onFrames: (frames: Frame[]) => void;
  onLink?: (state: LinkState) => void;
  /** From here on; null: what the route gives by itself. */
  after?: string | null;
  /** Whether these frames are the last that will come. */
  isEnd?: (frames: Frame[]) => boolean;
  signal: AbortSignal;
};

const LEAST_WAIT_MS = 500;
const MOST_WAIT_MS = 30_000;

/** Until the signal, the end, or an answer that no repeat would change; throws that `ApiError`. */
export async function follow(
  path: string,
  { onFrames, onLink, after = null, isEnd, signal }: Following,
): Promise<void> {
  let last = after;
  let wait = LEAST_WAIT_MS;
  onLink?.('connecting');
  while (!signal.aborted) {
    try {
      const address = last === null ? path : `${path}?after=${encodeURIComponent(last)}`;
      const response = await ask(address, { accept: 'text/event-stream', signal });
      if (signal.aborted) return;
      onLink?.('live');
      const began = Date.now();
      let said = false;
      for await (const frames of framesOf(response)) {
        if (signal.aborted) return;
        said = true;
        wait = LEAST_WAIT_MS;
        last = frames.findLast(({ id }) => id !== '')?.id ?? last;
        onFrames(frames);
        if (isEnd?.(frames)) return onLink?.('over');
      }
      // One that ends at once without a word is no more use than none.
      if (!said) wait = Date.now() - began > MOST_WAIT_MS ? LEAST_WAIT_MS : wait * 2;
    } catch (error) {
      if (signal.aborted) return;
      if (isFinal(error)) throw error;
      onLink?.('away');
      wait = Math.max(wait * 2, error instanceof ApiError ? error.retryAfter * 1_000 : 0);
    }
    await pause(Math.min(MOST_WAIT_MS, wait), signal);
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;

/** All whole frames of one piece of the network at a time. */
async function* framesOf(response: Response): AsyncGenerator<Frame[]> {
  if (!response.body) return;
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    const frames = blocks.map(frameOf).filter(({ id, data }) => id !== '' || data !== '');
    if (frames.length > 0) yield frames;
  }
}

function frameOf(block: string): Frame {
  const frame: Frame = { id: '', type: 'message', data: '' };
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
    if (field === 'id') frame.id = value;
    else if (field === 'event') frame.type = value;
    else if (field === 'data') frame.data += value;
  }
  return frame;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
