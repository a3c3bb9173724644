/**
 * What an iteration, a cron or a page asks costs what it answers: the rows that it reads, by PostgreSQL's own count, are a small multiple of
 * those that come back or are written, however much there is. The same on a million sessions: `npm run growth`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { hasPostgres, realPostgres } from '../kit/servers.ts';
import { INBOX, queriesOn } from './queries.ts';
import { migrated, seeded } from './seed.ts';
import { type Line, lines } from './table.ts';

/** Index entries and rows are both counted, of the session, its user, its day and what refers to them; so a row that is written is read some times. */
const PER_ROW = 14;
const PER_REQUEST = 150;
const SESSIONS = 20_000;
const NOWHERE = 'postgresql://nobody:none@127.0.0.1:1/none?sslmode=disable';

describe.skipIf(!hasPostgres)('rows read', () => {
  const measured = new Map<string, Line>();
  beforeAll(async () => {
    const url = (await realPostgres())!;
    await migrated(url);
    await seeded(url, { sessions: SESSIONS, history: 4_000, versions: 20 });
    for (const line of await lines(url, SESSIONS)) measured.set(line.name, line);
  }, 240_000);

  it.each(queriesOn(connect(NOWHERE), { users: 0 }).map(({ name }) => name))('%s', (name) => {
    const { read, returned, failed } = measured.get(name)!;
    expect(failed).toBeUndefined();
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThanOrEqual(PER_ROW * returned + PER_REQUEST);
  });

  it('of an inbox come with one page and one statement, beside the one that names the user', () => {
    expect(measured.get(INBOX)).toMatchObject({ returned: 20, statements: 2 });
  });
});
