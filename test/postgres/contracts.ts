/** Every contract that a Postgres keeps, on one database per file: suites come one after the other, each on emptied tables. */
import { afterAll } from 'vitest';
import { postgresAccounts } from '../../lib/adapters/postgres/accounts.ts';
import { postgresHeads } from '../../lib/adapters/postgres/heads.ts';
import { postgresMemories } from '../../lib/adapters/postgres/memories.ts';
import { postgresAlerts } from '../../lib/adapters/postgres/notifications.ts';
import { postgresOperator } from '../../lib/adapters/postgres/operator.ts';
import { postgresOutbox } from '../../lib/adapters/postgres/outbox.ts';
import { postgresPayments } from '../../lib/adapters/postgres/payments.ts';
import { postgresPurse } from '../../lib/adapters/postgres/purse.ts';
import { postgresSchedules } from '../../lib/adapters/postgres/schedules.ts';
import { postgresSweeper } from '../../lib/adapters/postgres/sweeper.ts';
import { postgresTransfer } from '../../lib/adapters/postgres/transfer.ts';
import { postgresTriggers } from '../../lib/adapters/postgres/triggers.ts';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import { postgresWebhooks } from '../../lib/adapters/postgres/webhooks.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { accountsContract } from '../contract/accounts.ts';
import { alertsContract } from '../contract/alerts.ts';
import { approvalsContract } from '../contract/approvals.ts';
import { archiveContract } from '../contract/archive.ts';
import { attachmentsContract } from '../contract/attachments.ts';
import { filesContract } from '../contract/files.ts';
import type { Subject } from '../contract/harness.ts';
import { headsContract } from '../contract/heads.ts';
import { memoriesContract } from '../contract/memories.ts';
import { paymentsContract } from '../contract/payments.ts';
import { paymentsOrderContract } from '../contract/payments-order.ts';
import { schedulesContract } from '../contract/schedules.ts';
import { sessionSettingsContract } from '../contract/session-settings.ts';
import { sessionsContract } from '../contract/sessions.ts';
import { sweeperContract } from '../contract/sweeper.ts';
import { transferContract } from '../contract/transfer.ts';
import { triggersContract } from '../contract/triggers.ts';
import { purseContract } from '../contract/usage.ts';
import { deskContract } from '../contract/user-sessions.ts';
import { webhooksContract } from '../contract/webhooks.ts';
import { type TestDatabase, testDatabase } from './database.ts';

export function postgresContracts(name: string, kind: 'embedded' | 'real'): void {
  let opened: Promise<TestDatabase> | undefined;

  async function subject(): Promise<Subject> {
    opened ??= testDatabase(kind);
    const { database, setNow, expireLease, passBackoff, empty } = await opened;
    await empty();
    const ports = {
      sessions: postgresSessions(database),
      heads: postgresHeads(database),
      userSessions: postgresUserSessions(database),
      accounts: postgresAccounts(database),
      operator: postgresOperator(database),
      payments: postgresPayments(database),
      sweeper: postgresSweeper(database),
      purse: postgresPurse(database),
      transfer: postgresTransfer(database),
      memories: postgresMemories(database),
      alerts: postgresAlerts(database),
      webhooks: postgresWebhooks(database),
      outbox: postgresOutbox(database),
      triggers: postgresTriggers(database),
      ...postgresSchedules(database),
    };
    return { ports, setNow, expireLease, passBackoff, close: async () => {} };
  }

  afterAll(async () => (await opened)?.close());
  sessionsContract(name, subject);
  headsContract(name, subject);
  deskContract(name, subject);
  sessionSettingsContract(name, subject);
  filesContract(name, subject);
  archiveContract(name, subject);
  attachmentsContract(name, subject);
  accountsContract(name, subject);
  paymentsContract(name, subject);
  paymentsOrderContract(name, subject, 5);
  sweeperContract(name, subject);
  purseContract(name, subject);
  transferContract(name, subject);
  memoriesContract(name, subject);
  approvalsContract(name, subject);
  alertsContract(name, subject);
  webhooksContract(name, subject);
  schedulesContract(name, subject);
  triggersContract(name, subject);
}
