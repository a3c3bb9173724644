/** One SQS record: one iteration of one session. */
import type { Context } from 'aws-lambda';
import { drive } from '../lib/engine/drive.ts';
import { type Failures, processBatch, type Records } from '../lib/engine/sqs-batch.ts';
import { forRequest } from '../lib/observe/log.ts';
import { iterateWorld } from '../lib/world.ts';

export function handler(event: Records, context: Context): Promise<Failures> {
  const here = forRequest(iterateWorld(), context.awsRequestId);
  const remaining = () => context.getRemainingTimeInMillis();
  return processBatch(here.log, event, (hint) => drive(here, hint, { remaining }));
}
