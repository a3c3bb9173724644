/**
 * The sessions as the sweep sees them: who waits, since when, and when it may be hinted again. And their messages: since a sweep hints again
 * what was hinted and has not moved, one session may have several, of which the queue holds the foremost and this the number of the others.
 */
import { numberLists } from './lists.ts';
import type { WorkQueue } from './queue.ts';

/** As schema/functions/sweep.sql has it, seconds: again after as long as it has not moved, between these. */
export const HINT_AGAIN = { least: 30, most: 16 * 60 };

export const backoff = (waited: number): number => Math.min(HINT_AGAIN.most, Math.max(HINT_AGAIN.least, waited));

export type Sessions = ReturnType<typeof sessionStates>;

export const sessionStates = (count: number, queue: WorkQueue, horizon: number) => {
  const since = new Int32Array(count);
  const waiting = new Uint8Array(count);
  const inQueue = new Uint8Array(count);
  const more = new Uint32Array(count);
  let others = 0;
  /** By the second from which a sweep may hint them; and those for whom it has come. */
  const lists = numberLists(count, horizon + 1);
  const ripe = horizon;

  const hintAt = (session: number, second: number): void => {
    if (second < horizon) lists.append(second, session);
    else lists.remove(session);
  };
  const send = (session: number): void => {
    if (inQueue[session] === 0) {
      inQueue[session] = 1;
      queue.push(session);
    } else {
      more[session]! += 1;
      others += 1;
    }
  };
  return {
    send,
    /** Due from `now` on; a sweep may hint it `later` seconds after. */
    wait(session: number, now: number, later: number): void {
      waiting[session] = 1;
      since[session] = now;
      hintAt(session, now + later);
    },
    /** It has an owner, or rests until long after: no sweep finds it. */
    leave(session: number): void {
      waiting[session] = 0;
      lists.remove(session);
    },
    /** The next message, and whether its session waits to be claimed; if not, it is somebody's or rests. */
    receive(): { session: number; waits: boolean } {
      const session = queue.shift();
      inQueue[session] = 0;
      if (more[session]! > 0) {
        more[session]! -= 1;
        others -= 1;
        send(session);
      }
      return { session, waits: waiting[session] === 1 };
    },
    messages: (): number => queue.length + others,
    /** Before the sweeps of this second. */
    ripen: (now: number): void => lists.pour(now, ripe),
    anyRipe: (): boolean => lists.first(ripe) >= 0,
    /** Sends up to `most` hints, and says how many. The next sweep leaves those alone for as long as they have waited. */
    sweep(most: number, now: number): number {
      let sent = 0;
      for (let session = lists.first(ripe); session >= 0 && sent < most; session = lists.first(ripe)) {
        hintAt(session, now + backoff(now - since[session]!));
        send(session);
        sent += 1;
      }
      return sent;
    },
  };
};
