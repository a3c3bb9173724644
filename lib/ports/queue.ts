/** Messages that wake a session, and the schedule that wakes many. Both are hints: the rows say what is due. */
/** The body of a message, as JSON: this session may have something to do. */
export type QueueMessage = { sessionId: string; userId: string };

/**
 * Hints to work. May be lost, doubled, late or reordered. `delayMs` up to 15 minutes (more is cut to that: who comes too early is hinted
 * again). Throws only when the service refuses or is away; `sendAll` then may have sent some.
 */
export type Queue = {
  send(hint: QueueMessage, delayMs: number): Promise<void>;
  sendAll(hints: QueueMessage[]): Promise<void>;
};

/**
 * One wake-up of `functions/wake` at the first whole minute not before `at`, by the database's clock. One schedule per minute, whoever asks
 * and however often; the past means at once, or the next minute. May ring late, twice, or (when the minute has just rung) not at all.
 */
export type Timer = { schedule(at: number): Promise<void> };
