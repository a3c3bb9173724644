/** A session out of one world and into another, as the two routes do it. */
import { documentOf } from '../../lib/transfer/export.ts';
import { read, restored } from '../../lib/transfer/import.ts';
import { newSession, type Script, type TestWorld, testWorld, withUser } from '../kit/world.ts';
import { ID, USER } from '../upgrade/scenarios.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents that may be of any shape
export type Doc = any;

/** Through JSON, as a file. */
export async function exported(t: TestWorld, id = ID, user = USER): Promise<Doc> {
  const snapshot = await t.transfer.read(user, id, 100_000_000);
  if (!snapshot || !('facts' in snapshot)) throw new Error(`${id} was not read`);
  return JSON.parse(JSON.stringify(documentOf(snapshot)));
}

export const faultsOf = async (doc: unknown): Promise<string[]> => {
  const found = await read(doc);
  return 'faults' in found ? found.faults.map(({ path, message }) => `${path}: ${message}`) : [];
};

export async function imported(t: TestWorld, doc: Doc, id = 'ses_2', user = USER) {
  const found = await read(doc);
  if ('faults' in found) throw new Error(JSON.stringify(found.faults));
  const view = await t.transfer.write(user, restored(found.document, { id, tier: 'standard' }), null);
  if (typeof view === 'string') throw new Error(view);
  return view;
}

/** A world with a user who has plenty, at the instant at which another stands. */
export async function elsewhere(from: TestWorld, script: Script, user = USER): Promise<TestWorld> {
  const t = testWorld(script, { now: new Date(from.now()).toISOString() });
  await withUser(t, 10_000_000n, user);
  return t;
}

const INSTANTS = /^(at|done_at|updated_at|created_at|exported_at)$/;

/** What two documents of one session must share: everything but ids and instants. Instants inside of what was said stay. */
export const timeless = (doc: Doc): Doc =>
  JSON.parse(
    JSON.stringify(
      { ...doc, session: { ...doc.session, id: 'ses' }, journal: doc.journal.map(entryOf) },
      (key, value) => (INSTANTS.test(key) && typeof value === 'string' ? 'then' : value),
    ),
  );

const entryOf = ({ data, ...entry }: Doc) => {
  const { imported_from: _, ...rest } = data;
  return { ...entry, data: rest };
};

export { newSession };
