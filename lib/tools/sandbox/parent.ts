/** What a job asks of its host while it works. The questions go over the pipe by which the job came. */
import { parentPort } from 'node:worker_threads';
import type { WebAnswer, WebRequest } from '../../ports/index.ts';
import { bodyOf, contentOf } from './frame.ts';
import type { Answered, Question, Sent } from './jobs.ts';

/** What this thread hands to the one that writes. */
export type Posted = { body: Uint8Array; isLast: boolean };

const waiting = new Map<number, (answer: WebAnswer) => void>();
let last = 0;

/** Waits for the host. It is the host that decides what is asked of the web, and what of the answer comes back. */
export const askWeb = (request: WebRequest): Promise<WebAnswer> =>
  new Promise((resolve) => {
    last += 1;
    waiting.set(last, resolve);
    // A thread that waits for its host is not idle.
    parentPort?.ref();
    post({ asking: last, request }, false);
  });

/** The host's answer to a question. */
export function answered(body: Uint8Array): void {
  const { asked, answer } = contentOf(body) as Answered;
  waiting.get(asked)?.(answer);
  waiting.delete(asked);
  if (waiting.size === 0) parentPort?.unref();
}

export function post(said: Sent | Question, isLast: boolean): void {
  const body = bodyOf(said);
  parentPort?.postMessage({ body, isLast } satisfies Posted, [body.buffer as ArrayBuffer]);
}
