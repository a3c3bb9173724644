/** Every port that Postgres stands behind, on one connection. */
import type {
  Accounts,
  BudgetAlerts,
  Heads,
  Memories,
  Operator,
  Outbox,
  Payments,
  Purse,
  Schedules,
  Sweeper,
  Traces,
  Transfer,
  Triggers,
  UserSessions,
  Webhooks,
  WorkerSessions,
} from '../../ports/index.ts';
import { postgresAccounts } from './accounts.ts';
import { connect } from './connect.ts';
import { postgresHeads } from './heads.ts';
import { postgresMemories } from './memories.ts';
import { postgresAlerts } from './notifications.ts';
import { postgresOperator } from './operator.ts';
import { postgresOutbox } from './outbox.ts';
import { postgresPayments } from './payments.ts';
import { postgresPurse } from './purse.ts';
import { postgresSchedules } from './schedules.ts';
import { postgresSweeper } from './sweeper.ts';
import { postgresTraces } from './traces.ts';
import { postgresTransfer } from './transfer.ts';
import { postgresTriggers } from './triggers.ts';
import { postgresUserSessions } from './user-sessions.ts';
import { postgresWebhooks } from './webhooks.ts';
import { postgresSessions } from './worker-sessions.ts';

type Ports = {
  sessions: WorkerSessions;
  heads: Heads;
  userSessions: UserSessions;
  accounts: Accounts;
  operator: Operator;
  payments: Payments;
  transfer: Transfer;
  memories: Memories;
  sweeper: Sweeper;
  purse: Purse;
  alerts: BudgetAlerts;
  webhooks: Webhooks;
  outbox: Outbox;
  triggers: Triggers;
  traces: Traces;
} & Schedules;

/**
 * `url`: as Neon gives it (pooled); see `connect`. `userUrl`: the same database, for a login that is a member of circadian_user only.
 * `keepEndedDays`: see `postgresSweeper`.
 */
export function postgres(url: string, userUrl?: string, keepEndedDays?: number): Ports {
  const database = { ...connect(url), ...(userUrl && { forUsers: connect(userUrl) }) };
  return {
    sessions: postgresSessions(database),
    heads: postgresHeads(database),
    userSessions: postgresUserSessions(database),
    accounts: postgresAccounts(database),
    operator: postgresOperator(database),
    payments: postgresPayments(database),
    sweeper: postgresSweeper(database, keepEndedDays),
    purse: postgresPurse(database),
    transfer: postgresTransfer(database),
    memories: postgresMemories(database),
    alerts: postgresAlerts(database),
    webhooks: postgresWebhooks(database),
    outbox: postgresOutbox(database),
    triggers: postgresTriggers(database),
    traces: postgresTraces(database),
    ...postgresSchedules(database),
  };
}
