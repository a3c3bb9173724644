/**
 * Who needs what: the variables that each function must be given (lib/env.ts says what they are). sst.config.ts links to a function those of
 * its own line and no more, so that a fault in one cannot give away what another works with. `reconcile` compares with the provider's
 * report if it is given `ANTHROPIC_ADMIN_KEY`, too.
 */
const DATABASE = ['DATABASE_URL'] as const;
const LIVE = ['UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'] as const;
const QUEUE = ['QUEUE_URL'] as const;
const SCHEDULES = ['SCHEDULE_GROUP', 'SCHEDULE_ROLE_ARN', 'WAKE_FUNCTION_ARN'] as const;
const MODEL = ['ANTHROPIC_API_KEY'] as const;
const OPERATOR = ['ADMIN_API_KEY'] as const;

export const NEEDS = {
  api: [...DATABASE, ...LIVE, ...QUEUE, ...OPERATOR],
  iterate: [...DATABASE, ...LIVE, ...QUEUE, ...SCHEDULES, ...MODEL],
  wake: [...DATABASE, ...LIVE, ...QUEUE],
  bury: [...DATABASE],
  migrate: [...DATABASE],
  reconcile: [...DATABASE, ...LIVE],
  redrive: [...DATABASE, ...QUEUE],
  /** All functions in one process, as on localhost. */
  all: [...DATABASE, ...LIVE, ...QUEUE, ...SCHEDULES, ...MODEL, ...OPERATOR],
} as const;
