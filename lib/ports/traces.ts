/** How traces get out (lib/ports/index.ts tells the rules of all ports): from the journal to a receiver of OpenTelemetry that the operator named. */
import type { LogEntry } from '../core/events.ts';

/** `at`: milliseconds, the database's clock. */
export type TracedEntry = LogEntry & { seq: number; at: number; iteration: number };

/** What a session's journal has that nobody took yet: the entries after `seq`, in order. `stretch`: as the last `settle` left it; null: none. */
export type DueTrace = {
  sessionId: string;
  userId: string;
  agent: string;
  seq: number;
  stretch: unknown;
  entries: TracedEntry[];
};

/** `nextDue`: when there will be something to send, milliseconds; null: all was sent. `now`: the database's clock. */
export type TraceSweep = { due: DueTrace[]; nextDue: number | null; now: number };

/** The receiver has the spans of all entries up to `seq`. */
export type TakenTrace = { sessionId: string; seq: number; stretch: unknown };

/**
 * The journal's entries, each session's in order and at least once: a sender that dies between the receiver's answer and `settle` sends them again.
 * One `sender` at a time, each for a minute from its last `sweep`.
 */
export type Traces = {
  /** Up to `entries` entries of each of up to `sessions` sessions. Nothing while another sender is at it, or while the receiver rests. */
  sweep(asked: { sender: string; sessions: number; entries: number }): Promise<TraceSweep>;
  /**
   * Moves the cursors of `taken`, and puts the sessions of `refused`, whose cursors stay, behind all that wait. `took`: the receiver took spans from this
   * sender, so its failures are counted anew. `failed`: it did not take what came after, and rests for `waitMs` (an hour at most), or for a time that
   * doubles from one minute to 15. `last`: this sender stops, and another may begin.
   */
  settle(told: {
    sender: string;
    taken: TakenTrace[];
    refused: string[];
    took: boolean;
    failed: { waitMs: number | null } | null;
    last: boolean;
  }): Promise<void>;
};

/**
 * What a receiver said, in the words of OTLP/HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response. `taken`: it has the spans, but for so many
 * that it `rejected` for good. `refused`: these bytes will never be taken. `away`: later they may be. `waitMs`: what its Retry-After asks for.
 * `reason`: a few words, which never carry the address's path or a header.
 */
export type SpansAnswer =
  | { type: 'taken'; rejected: number; reason: string | null }
  | { type: 'refused'; reason: string }
  | { type: 'away'; reason: string; waitMs: number | null };

/** Posts one request of OTLP/HTTP with JSON. Never throws, and never takes longer than its time limit. */
export type SpanReceiver = { post(body: string): Promise<SpansAnswer> };
