/**
 * Faults to plant in a run that is as it should be, each of which exactly the named checks must find. SQL runs past all triggers, so that
 * the recorder sees nothing of it; `changed` is a line of the recorder's own.
 */
import type { Run } from '../run.ts';

/** The sessions of the run: `work` has ended after three iterations with tools and a message, `dead` had a dead owner, `nap` sleeps. */
export type Ids = { work: string; dead: string; nap: string; paid: string; user: string; other: string };
export type Plant = {
  what: string;
  finds: string[];
  sql?: (ids: Ids) => string;
  evidence?: (run: Run, ids: Ids) => Partial<Run>;
};

/** A line of the recorder: the row of a session or a day as it is, with `was` and `now` changed. */
export const changed = (table: string, where: string, was: string, now: string, more = ''): string =>
  `insert into witness.changes (what, was, now, owner, saved) select '${table}', ${was === 'null' ? 'null' : `to_jsonb(r) || '${was}'`}, to_jsonb(r) || '${now}', 1, 0 from ${table} r where ${where} ${more}`;
export const settings = (run: Run, more: Partial<Run['evidence']['settings']>): Partial<Run> => ({
  evidence: { ...run.evidence, settings: { ...run.evidence.settings, ...more } },
});
