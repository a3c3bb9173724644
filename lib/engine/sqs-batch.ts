/** Hints as they arrive: an SQS event whose messages are each worked on by themselves, and reported by themselves when they fail. */
import * as z from 'zod';
import type { Log, QueueMessage } from '../ports/index.ts';

const message = z.object({ sessionId: z.string().min(1), userId: z.string().min(1) });

/** What is used of an SQS event. */
export type Records = { Records: { messageId: string; body: string }[] };
/** Lambda's partial batch response: the named messages stay in the queue, the others are deleted. */
export type Failures = { batchItemFailures: { itemIdentifier: string }[] };

/**
 * Works on each message in turn; never throws. One whose work throws is reported as failed and comes back. One that is no hint at all is
 * logged and accepted, since it would never become one.
 */
export async function processBatch(
  log: Log,
  event: Records,
  work: (hint: QueueMessage) => Promise<unknown>,
): Promise<Failures> {
  const failed: Failures['batchItemFailures'] = [];
  for (const { messageId, body } of event.Records) {
    const hint = parse(body);
    if (!hint) {
      log({ level: 'error', message: 'not a hint', messageId });
      continue;
    }
    try {
      await work(hint);
    } catch (error) {
      log({ level: 'error', message: 'invocation failed', session: hint.sessionId, messageId, error });
      failed.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures: failed };
}

function parse(body: string): QueueMessage | null {
  try {
    return message.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
