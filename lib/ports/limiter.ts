/** Whether somebody may go on asking. It guards the service, never money: whatever cannot be counted is allowed. */

/** `retryAfterMs`: when it is worth another try. */
export type Verdict = { allowed: true } | { allowed: false; retryAfterMs: number };

/**
 * Every method throws where the counter cannot be reached; who asks then lets everybody through. After that it allows without asking
 * for some seconds, so that an outage does not delay each request. Counts may be off by what was asked meanwhile.
 */
export type Limiter = {
  /** Counts one request of this caller: a key's id or a user's, never a secret. */
  request(caller: string): Promise<Verdict>;
  /** Counts one key from this address that nobody knows. Refused: there were too many, and none of its keys need be looked up until then. */
  failure(address: string): Promise<Verdict>;
  /**
   * Takes a place among the user's open streams for `PLACE_MS`, or prolongs it. A place that nobody prolongs or leaves is free again after
   * that time.
   */
  enter(userId: string, streamId: string): Promise<Verdict>;
  leave(userId: string, streamId: string): Promise<void>;
};

/** Milliseconds. */
export const PLACE_MS = 60_000;
