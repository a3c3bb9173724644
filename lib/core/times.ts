/** Times that several parts share, and the database with them (test/postgres/constants.test.ts). Milliseconds of real time. */

/** An owner that has not been heard of for so long has lost its session: the default of the SQL functions claim and heartbeat. */
export const LEASE_MS = 45_000;
/** The recovery cron comes by so often. */
export const CRON_MS = 60_000;
/** Lambda's limit: no invocation takes longer. */
export const INVOCATION_MS = 15 * 60_000;
