/** Server-sent events as an answer: until the function must end, the client has gone, or it takes nothing more. */
import type { Context } from 'hono';
import { stream } from 'hono/streaming';
import type { StreamSlot } from './auth/rate-limits.ts';
import type { HttpEnv, KeyCheck, Ready } from './deps.ts';

/** Kept of the function's time for ending the stream properly. */
const LAST_WORDS_MS = 5_000;

/** `named`: what the log calls it. `frames` throws what its port throws; the stream then breaks off, and the client comes back with its last id. */
export function streamed(
  deps: Ready,
  c: Context<HttpEnv>,
  named: Record<string, string>,
  place: StreamSlot,
  frames: (terms: { ms: number; signal: AbortSignal; keyCheck: KeyCheck }) => AsyncGenerator<string>,
): Response {
  c.header('content-type', 'text/event-stream; charset=utf-8');
  c.header('cache-control', 'no-cache, no-transform');
  c.header('x-accel-buffering', 'no');
  const remaining = c.env?.context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  const ms = Math.min(deps.limits.streamMs, remaining - LAST_WORDS_MS);
  const keyCheck = c.get('keyCheck');
  return stream(c, async (out) => {
    const gone = new AbortController();
    out.onAbort(() => gone.abort());
    const signal = AbortSignal.any([gone.signal, c.req.raw.signal]);
    try {
      for await (const frame of frames({ ms, signal, keyCheck })) {
        if (!(await within(deps.limits.stallMs, out.write(frame))) || signal.aborted) break;
        place.prolong();
      }
    } catch (error) {
      deps.log({ level: 'warn', message: 'stream broke', ...named, error: String(error) });
    } finally {
      await place.leave();
    }
  });
}

/** Whether `done` came true within `ms` of real time. */
async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const inTime = await Promise.race([done.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
