/** What a local Lambda function is, and what an invocation of it comes to. */
import type { Readable } from 'node:stream';
import type { Prelude } from './streaming.ts';

/** A function of the deployment. Children get exactly `env` and what Lambda itself defines, nothing of this process's environment. */
export type LambdaFunction = {
  name: string;
  /** Folder under which the handler's module lies; the child's working directory. */
  root: string;
  /** Module below `root` without its extension, a dot, and the export: `functions/wake.handler`. */
  handler: string;
  timeoutMs: number;
  memoryMb: number;
  /** Most environments at a time; further invocations queue. */
  concurrency: number;
  env: Record<string, string>;
  /** Most time until the handler is loaded. 10 s by default, as on Lambda. */
  initTimeoutMs?: number;
  /** SIGSTOP between invocations, as Lambda freezes. A stopped child cannot notice that its parent died, so this is for measuring only. */
  freeze?: boolean;
};

/** What a handler gave back: a JSON value, or for streaming handlers its prelude (if any) and its bytes as they come. */
export type Answer =
  | { type: 'buffered'; payload: unknown }
  | { type: 'streamed'; prelude: Prelude | null; body: Readable };

/** An invocation failed. `errorType` as Lambda reports it: `Sandbox.Timedout`, `Runtime.ExitError`, or the name of what was thrown. */
export class FunctionError extends Error {
  override name = 'FunctionError';
  readonly errorType: string;
  constructor(errorType: string, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

/** One run of a function. After the first outcome, further ones change nothing. */
export type Invocation = {
  id: string;
  payload: string;
  resolve: (answer: Answer) => void;
  reject: (error: FunctionError) => void;
};

/** Most bytes of an event, and of a buffered response. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const PAYLOAD_LIMIT = 6 * 1024 * 1024;
