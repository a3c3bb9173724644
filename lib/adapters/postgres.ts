/** Every port that Postgres stands behind, on one connection. */
import type { Accounts, Desk, Heads, Notices, Purse, Sessions, Sweeper, Transfer } from '../ports.ts';
import { postgresAccounts } from './postgres/accounts.ts';
import { connect } from './postgres/connect.ts';
import { postgresDesk } from './postgres/desk.ts';
import { postgresHeads } from './postgres/heads.ts';
import { postgresNotices } from './postgres/notices.ts';
import { postgresPurse } from './postgres/purse.ts';
import { postgresSessions } from './postgres/sessions.ts';
import { postgresSweeper } from './postgres/sweeper.ts';
import { postgresTransfer } from './postgres/transfer.ts';

type Ports = {
  sessions: Sessions;
  heads: Heads;
  desk: Desk;
  accounts: Accounts;
  transfer: Transfer;
  sweeper: Sweeper;
  purse: Purse;
  notices: Notices;
};

/**
 * `url`: as Neon gives it (pooled); see `connect`. `personsUrl`: the same database, for a login that is a member of circadian_person only.
 * `keepEndedDays`: see `postgresSweeper`.
 */
export const postgres = (url: string, personsUrl?: string, keepEndedDays?: number): Ports => {
  const database = { ...connect(url), ...(personsUrl && { persons: connect(personsUrl) }) };
  return {
    sessions: postgresSessions(database),
    heads: postgresHeads(database),
    desk: postgresDesk(database),
    accounts: postgresAccounts(database),
    sweeper: postgresSweeper(database, keepEndedDays),
    purse: postgresPurse(database),
    transfer: postgresTransfer(database),
    notices: postgresNotices(database),
  };
};
