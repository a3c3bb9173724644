/**
 * The alarm: one-time schedules of EventBridge Scheduler that invoke the wake function. One schedule per wake minute, named after it,
 * so that any number of sleepers of a minute share one; who comes second is told so (ConflictException), which is success. A schedule
 * deletes itself once it has rung. It rings within its minute, at least once (EventBridge Scheduler user guide, "Schedule types").
 */
import type { SchedulerClient } from '@aws-sdk/client-scheduler';
import type { Timer } from '../../ports/index.ts';

const MINUTE_MS = 60_000;
/** An alarm that cannot be delivered for an hour is of no use: the recovery cron runs every minute. */
const RETRY = { MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 3_600 };

/** `targetArn`: the wake function; `roleArn`: who may invoke it. `endpoint`: only where it is not AWS's own. */
export type SchedulerOptions = {
  groupName: string;
  roleArn: string;
  targetArn: string;
  region?: string;
  endpoint?: string;
};

/** The wake function's event is `{"type":"alarm","at":"<ISO instant of the minute>"}`. */
export function schedulerAlarm({ groupName, roleArn, targetArn, ...config }: SchedulerOptions): Timer {
  const client = lazyClient(config);

  const create = async (minute: number): Promise<'created' | 'invalid'> => {
    const { scheduler, CreateScheduleCommand } = await client();
    const iso = new Date(minute).toISOString();
    const command = new CreateScheduleCommand({
      Name: wakeName(minute),
      GroupName: groupName,
      ScheduleExpression: `at(${iso.slice(0, 19)})`,
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: targetArn,
        RoleArn: roleArn,
        Input: JSON.stringify({ type: 'alarm', at: iso }),
        RetryPolicy: RETRY,
      },
    });
    try {
      await scheduler.send(command);
    } catch (error) {
      if (isNamed(error, 'ConflictException')) return 'created';
      if (isNamed(error, 'ValidationException') && minute <= Date.now()) return 'invalid';
      throw error;
    }
    return 'created';
  };

  return {
    /**
     * Whether a minute has passed is for the scheduler to say, whose clock may be another: if it refuses one that has passed here too,
     * the next minute is asked for.
     */
    async schedule(at) {
      if (at === Infinity) return;
      if ((await create(wholeMinute(at))) === 'created') return;
      if ((await create(wholeMinute(Date.now() + 1))) === 'created') return;
      throw new Error(`scheduler: refused to wake at ${new Date(at).toISOString()}`);
    },
  };
}

const wholeMinute = (at: number) => Math.ceil(at / MINUTE_MS) * MINUTE_MS;

/** `wake-YYYYMMDDTHHMM`, in UTC. */
function wakeName(minute: number): string {
  return `wake-${new Date(minute).toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function lazyClient(config: { region?: string; endpoint?: string }) {
  let loaded: Promise<typeof import('@aws-sdk/client-scheduler') & { scheduler: SchedulerClient }> | null = null;
  return () => {
    loaded ??= import('@aws-sdk/client-scheduler').then((sdk) => ({
      ...sdk,
      scheduler: new sdk.SchedulerClient({
        ...config,
        requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
      }),
    }));
    return loaded;
  };
}
