/** A schedule as EventBridge Scheduler's API has it, and what that API refuses. Only one-time schedules in UTC are known here. */
import { z } from 'zod';

/** An error with the name and status by which the SDK knows it. */
export type Problem = Error & { status: number; type: string };
export const problem = (status: number, type: string, message: string): Problem =>
  Object.assign(new Error(message), { status, type });

const Target = z.object({
  Arn: z.string(),
  RoleArn: z.string(),
  Input: z.string().optional(),
  RetryPolicy: z
    .object({
      MaximumRetryAttempts: z.int().min(0).max(185).default(185),
      MaximumEventAgeInSeconds: z.int().min(60).max(86_400).default(86_400),
    })
    .prefault({}),
});
export type Target = z.infer<typeof Target>;

const Body = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.literal('UTC').default('UTC'),
  FlexibleTimeWindow: z.object({ Mode: z.literal('OFF') }),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).default('NONE'),
  Description: z.string().optional(),
  ClientToken: z.string().optional(),
  Target,
});

/** Dates of the API are seconds; `dueAt` is ours, in milliseconds. */
export type Schedule = z.infer<typeof Body> & {
  Name: string;
  GroupName: string;
  Arn: string;
  CreationDate: number;
  LastModificationDate: number;
  dueAt: number;
};

export function parseSchedule(name: string, group: string, body: unknown, now: number): Schedule {
  const parsed = Body.safeParse(body);
  if (!parsed.success) throw problem(400, 'ValidationException', z.prettifyError(parsed.error));
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(parsed.data.ScheduleExpression)?.[1];
  const dueAt = Date.parse(`${at}Z`);
  if (Number.isNaN(dueAt)) {
    throw problem(400, 'ValidationException', `Invalid Schedule Expression ${parsed.data.ScheduleExpression}.`);
  }
  return {
    ...parsed.data,
    Name: name,
    GroupName: group,
    Arn: `arn:aws:scheduler:us-east-1:000000000000:schedule/${group}/${name}`,
    CreationDate: now / 1_000,
    LastModificationDate: now / 1_000,
    dueAt,
  };
}
