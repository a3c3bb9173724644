/** The journals of all sessions where transactions are committed in another order than they wrote: what only two connections can show. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresUserSessions } from '../../lib/adapters/postgres/user-sessions.ts';
import type { AllEvents } from '../../lib/ports/index.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { connection } from './side-by-side.ts';
import { requests, START, save } from './steps.ts';

const said = (text: string) => save({ journal: [{ type: 'agent.text', data: { text } }] });
const textsOf = ({ events }: AllEvents) => events.map(({ data }) => (data as { text?: string }).text);

describe.skipIf(!hasPostgres)('the events of all sessions', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase('real');
    await db.setNow(START);
  });
  afterAll(() => db?.close());

  it('have an entry once that was written first and committed last', async () => {
    const t = requests(db);
    const { allEvents } = postgresUserSessions(db.database);
    const user = await t.user();
    const [slow, quick] = [await t.owned(user), await t.owned(user)];
    const { place: begin } = await allEvents(user, null, 50);
    const a = await connection(db.pool);
    try {
      await a.begin();
      await a.call('save', slow.id, slow.fence, said('first'), []);
      await db.database.call('save', quick.id, quick.fence, JSON.stringify(said('second')), '[]');
      const one = await allEvents(user, begin, 50);
      expect(textsOf(one)).toEqual(['second']);
      await db.setNow(START + 60_000);
      const two = await allEvents(user, one.place, 50);
      expect(textsOf(two)).toEqual([]);
      await a.commit();
      const three = await allEvents(user, two.place, 50);
      expect(textsOf(three)).toEqual(['first']);
      expect(textsOf(await allEvents(user, three.place, 50))).toEqual([]);
      // Who comes back with what they had before gets both, once.
      expect(textsOf(await allEvents(user, begin, 50)).sort()).toEqual(['first', 'second']);
    } finally {
      a.end();
    }
  });
});
