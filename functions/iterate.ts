/** One SQS record: one iteration of one session. */

import type { Context } from 'aws-lambda';
import config from '#config';
import { drive } from '../lib/engine/drive.ts';
import { type Failures, processBatch, type Records } from '../lib/engine/sqs-batch.ts';
import { forRequest } from '../lib/observe/log.ts';
import { iterateWorld } from '../lib/world.ts';

/** The function of these agents and tools. */
export const iterate =
  (definitions: Parameters<typeof iterateWorld>[0]) =>
  (event: Records, context: Context): Promise<Failures> => {
    const here = forRequest(iterateWorld(definitions), context.awsRequestId);
    const remaining = () => context.getRemainingTimeInMillis();
    return processBatch(here.log, event, (hint) => drive(here, hint, { remaining }));
  };

export const handler = iterate(config);
