/** What is asked of shared memories; those of seed.ts have twenty entries each. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../lib/adapters/postgres/connect.ts';
import { postgresMemories } from '../../lib/adapters/postgres/memories.ts';
import { postgresSessions } from '../../lib/adapters/postgres/worker-sessions.ts';
import { aSave } from '../contract/harness.ts';
import type { Query } from './query.ts';
import { BIG, FILES } from './seed.ts';

const NEW = new Uint8Array([1]);

export function memoryQueries(database: Database): Query[] {
  const sessions = postgresSessions(database);
  const memories = postgresMemories(database);
  return [
    {
      name: 'memory, claimed and loaded',
      kind: 'iteration',
      run: async () => {
        await database.call('claim', FILES, randomUUID(), 1_000_000);
        return sessions.memory(FILES).then(({ entries }) => 2 * entries.length);
      },
    },
    {
      name: 'save with a memory',
      kind: 'iteration',
      before: [`select claim('${FILES}', gen_random_uuid(), 1000000)`],
      run: () => {
        const changes = [{ path: 'e1', source: 'agent', sessionId: FILES, content: NEW }] as const;
        return sessions.save(FILES, 1, aSave(), [], { revision: 1, changes: [...changes] }).then(() => 1);
      },
    },

    {
      name: 'GET memories',
      kind: 'page',
      // Each with its twenty entries, which are summed up.
      run: () => memories.list(BIG, { after: '', limit: 100 }).then(({ data }) => data.length * 20),
    },
    {
      name: 'GET memory entries',
      kind: 'page',
      run: () => memories.entries(BIG, 'm1').then((entries) => entries?.length ?? 0),
    },
    {
      name: 'PUT memory entry',
      kind: 'page',
      // It sums up the twenty entries of the memory, and looks through their names.
      run: () => memories.write(BIG, 'm1', { path: 'new', content: NEW }, randomUUID()).then(() => 20),
    },
  ];
}
