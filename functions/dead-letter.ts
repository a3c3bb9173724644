/** Dead letters: the queue gave a hint up. It is journalled; the session stays due, and the recovery cron moves it (R11). */
import type { Context } from 'aws-lambda';
import { type Failures, processBatch, type Records } from '../lib/engine/sqs-batch.ts';
import { forRequest } from '../lib/observe/log.ts';
import { deadLetterWorld } from '../lib/world.ts';

export function handler(event: Records, context: Context): Promise<Failures> {
  const here = forRequest(deadLetterWorld(), context.awsRequestId);
  return processBatch(here.log, event, ({ sessionId }) => here.sweeper.recordDeadLetter(sessionId, 'queue gave up'));
}
