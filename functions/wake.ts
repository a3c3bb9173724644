/** An alarm, the midnight cron or the recovery cron: every session that is due goes to the queue, and what schedules say is started. */
import type { Context } from 'aws-lambda';
import config from '#config';
import { cronOf, wakeOrFail } from '../lib/engine/wake.ts';
import { forRequest } from '../lib/observe/log.ts';
import { wakeWorld } from '../lib/world.ts';

/** The function of these agents and tools. */
export const wake =
  (definitions: Parameters<typeof wakeWorld>[0]) =>
  (event: unknown, context: Context): Promise<{ hinted: number }> =>
    wakeOrFail(
      forRequest(
        wakeWorld(definitions, () => import('../lib/http/templates.ts')),
        context.awsRequestId,
      ),
      {
        cron: cronOf(event),
        remainingMs: () => context.getRemainingTimeInMillis(),
      },
    );

export const handler = wake(config);
