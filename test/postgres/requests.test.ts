/** What users do costs one request each: every method of UserSessions and Accounts is one HTTP request to Postgres. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../lib/adapters/postgres/connect.ts';
import { postgres } from '../../lib/adapters/postgres/index.ts';
import { type LocalPostgres, startPostgres } from '../../lib/local/postgres.ts';
import { migrateUp } from '../../lib/ops/migrate.ts';
import { aSession, once } from '../contract/harness.ts';
import { aRestored } from '../contract/transfer.ts';

describe('one request', () => {
  let local: LocalPostgres;
  let requests = 0;
  beforeAll(async () => {
    local = await startPostgres({ dataDir: 'memory', onRequest: () => (requests += 1) });
    await migrateUp(connect(local.url).sql);
  });
  afterAll(() => local?.close());

  const hash = randomUUID();
  const session = aSession();
  type Ports = ReturnType<typeof postgres>;
  const steps: [string, (ports: Ports) => Promise<unknown>][] = [
    ['putUser', ({ accounts }) => accounts.putUser('u', { budget: 30_000_000n, renewalDate: null })],
    ['getUser', ({ accounts }) => accounts.getUser('u')],
    ['addKey', ({ accounts }) => accounts.addKey('u', { id: 'ck_1', name: null, hash, prefix: 'ck' })],
    ['whoIs', ({ accounts }) => accounts.whoIs(hash)],
    ['revokeKey', ({ accounts }) => accounts.revokeKey('u', 'ck_1')],
    ['budget', ({ accounts }) => accounts.budget('u')],
    ['topUp', ({ accounts }) => accounts.topUp('u', 1n, 'cycle', once())],
    ['create', ({ userSessions }) => userSessions.create('u', session, once())],
    ['get', ({ userSessions }) => userSessions.get('u', session.id)],
    ['list', ({ userSessions }) => userSessions.list('u', { limit: 50, cursor: null })],
    ['messages', ({ userSessions }) => userSessions.messages('u', session.id)],
    ['events', ({ userSessions }) => userSessions.events('u', session.id, { after: 0, limit: 10 })],
    ['fileList', ({ userSessions }) => userSessions.fileList('u', session.id)],
    ['file', ({ userSessions }) => userSessions.file('u', session.id, '/a\0b')],
    ['wish', ({ userSessions }) => userSessions.command('u', session.id, { type: 'wake' }, randomUUID())],
    ['export', ({ transfer }) => transfer.read('u', session.id, 1_000_000)],
    ['import', ({ transfer }) => transfer.write('u', aRestored(), once())],
    ['remove', ({ userSessions }) => userSessions.remove('u', session.id)],
    ['usage', ({ accounts }) => accounts.usage('u', { from: '2026-01-01', to: '2027-01-01' }, 'tool')],
  ];

  it('suffices for every method', async () => {
    const ports = postgres(local.url);
    const counts: Record<string, number> = {};
    for (const [name, step] of steps) {
      const before = requests;
      await step(ports);
      counts[name] = requests - before;
    }
    expect(counts).toEqual(Object.fromEntries(steps.map(([name]) => [name, 1])));
  });
});
