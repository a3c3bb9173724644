/** Whether somebody may go on asking. It guards the service, never money: whatever cannot be counted is allowed. */

/** Where the asker stands: of `quota` in each `windowMs`, `remaining` are left, and after `resetMs` there are more. */
export type RateWindow = { quota: number; windowMs: number; remaining: number; resetMs: number };

/** `retryAfterMs`: when it is worth another try. `window`: there where one was counted. */
export type RateVerdict = { window?: RateWindow } & ({ allowed: true } | { allowed: false; retryAfterMs: number });

/**
 * Every method throws where the counter cannot be reached; callers then allow the request. After that it allows without asking
 * for some seconds, so that an outage does not delay each request. Counts may be off by what was asked meanwhile.
 */
export type Limiter = {
  /** Counts one request of this caller: a key's id or a user's, never a secret. */
  request(caller: string): Promise<RateVerdict>;
  /**
   * Counts one guess from this place: an address, and what is guessed there. Refused: there were too many, and nothing that is not known
   * (`knows`) need be looked up from there until then.
   */
  failure(place: string): Promise<RateVerdict>;
  /** Keeps for `KNOWN_MS` that this was let in: a key's or an operator's name of rate-limits.ts, from which no key can be made. */
  remember(who: string): Promise<void>;
  knows(who: string): Promise<boolean>;
  forget(who: string): Promise<void>;
  /**
   * Takes a place among the user's open streams for `PLACE_MS`, or prolongs it. A place that nobody prolongs or leaves is free again after
   * that time.
   */
  enter(userId: string, streamId: string): Promise<RateVerdict>;
  leave(userId: string, streamId: string): Promise<void>;
};

/** Milliseconds. Whoever has not come for so long waits with the guessers of the address, should there be any. */
export const KNOWN_MS = 30 * 86_400_000;
/** Milliseconds. */
export const PLACE_MS = 60_000;
