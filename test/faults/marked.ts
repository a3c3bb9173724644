/** What users change, as the API makes it (lib/http/wake-session.ts): first the marker that keeps the recovery cron asking, then the change. */

import { randomUUID } from 'node:crypto';
import { ofUser, recoveryOf, VERSION_SECONDS } from '../../lib/adapters/upstash/keys.ts';
import { connect, upstashLive } from '../../lib/adapters/upstash/live.ts';
import { OPEN } from '../../lib/adapters/upstash/live-scripts.ts';
import { CRON_MS, LEASE_MS, LONGEST_INVOCATION_MS, STAND_IN_MS } from './scale.ts';

/** Makes `change`, which may let any of a user's sessions become due. */
export type Marked = <T>(user: string, change: () => Promise<T>) => Promise<T>;

type Options = {
  upstash: { url: string; token: string };
  /** Of an invocation. */
  limitMs: number;
  /** Where the marker could not be set: hints the user's sessions. */
  standIn: (user: string) => void;
};

/** The hint that the API sends afterwards is lost every time: what became due the recovery cron must find, by the marker alone. */
export function markedBy({ upstash, limitMs, standIn }: Options): Marked {
  const live = upstashLive(upstash);
  const redis = connect(upstash);
  // As `live.open` does it; but here, where no source is patched, that one has production's longest invocation for a marker that was lost.
  const open = (user: string, until: number) =>
    redis.eval(
      OPEN,
      [recoveryOf(user), ofUser(user, 'version')],
      [until, until + LONGEST_INVOCATION_MS, randomUUID(), VERSION_SECONDS].map(String),
    );

  return async (user, change) => {
    await open(user, Math.ceil(Date.now() + limitMs + LEASE_MS + CRON_MS)).catch(() => {
      setTimeout(() => standIn(user), STAND_IN_MS).unref();
    });
    return await change().finally(() => live.forget(user).catch(() => {}));
  };
}
