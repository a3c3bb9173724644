/** Every port that Postgres stands behind, on one connection. */
import type { Accounts, Desk, Purse, Sessions, Sweeper, Transfer } from '../ports.ts';
import { postgresAccounts } from './postgres/accounts.ts';
import { connect } from './postgres/connect.ts';
import { postgresDesk } from './postgres/desk.ts';
import { postgresPurse } from './postgres/purse.ts';
import { postgresSessions } from './postgres/sessions.ts';
import { postgresSweeper } from './postgres/sweeper.ts';
import { postgresTransfer } from './postgres/transfer.ts';

type Ports = { sessions: Sessions; desk: Desk; accounts: Accounts; sweeper: Sweeper; purse: Purse; transfer: Transfer };

/** `url`: as Neon gives it (pooled); see `connect`. */
export const postgres = (url: string): Ports => {
  const database = connect(url);
  return {
    sessions: postgresSessions(database),
    desk: postgresDesk(database),
    accounts: postgresAccounts(database),
    sweeper: postgresSweeper(database),
    purse: postgresPurse(database),
    transfer: postgresTransfer(database),
  };
};
