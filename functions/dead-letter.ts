/** Dead letters: the queue gave a hint up. It is journalled; the session stays due, and the recovery cron moves it (R11). */
import type { Context } from 'aws-lambda';
import { eachHint, type Failures, type Records } from '../lib/engine/sqs-batch.ts';
import { forRequest } from '../lib/observe/log.ts';
import { buryWorld } from '../lib/world.ts';

export const handler = (event: Records, context: Context): Promise<Failures> => {
  const here = forRequest(buryWorld(), context.awsRequestId);
  return eachHint(here.log, event, ({ sessionId }) => here.sweeper.buried(sessionId, 'queue gave up'));
};
