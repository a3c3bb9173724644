/** The Traces port on schema/functions/traces.sql: across all users, as the sweep. */
import type { DueTrace, TracedEntry, Traces } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { fromInstant, toJson } from './json.ts';

type EntryJson = Omit<TracedEntry, 'at'> & { at: string };
type DueJson = Omit<DueTrace, 'entries'> & { entries: EntryJson[] };
type SweepJson = { due: DueJson[]; nextDue: string | null; now: string };

export const postgresTraces = ({ call }: Pick<Database, 'call'>): Traces => ({
  async sweep({ sender, sessions, entries }) {
    const { due, nextDue, now } = await call<SweepJson>('sweep_traces', sender, sessions, entries);
    return {
      due: due.map((one) => ({ ...one, entries: one.entries.map(entryOf) })),
      nextDue: nextDue === null ? null : fromInstant(nextDue),
      now: fromInstant(now),
    };
  },
  async settle({ sender, taken, refused, took, failed, last }) {
    const wait = failed && failed.waitMs !== null ? `${failed.waitMs} milliseconds` : null;
    const said = [String(took), String(failed !== null), wait, String(last)];
    await call('settle_traces', sender, toJson(taken), toJson(refused), ...said);
  },
});

const entryOf = ({ at, ...rest }: EntryJson): TracedEntry => ({ ...rest, at: fromInstant(at) }) as TracedEntry;

/** Whether the deployment has a receiver from now on. Repeating it changes nothing. */
export const switchTraces = ({ call }: Pick<Database, 'call'>, on: boolean): Promise<void> =>
  call('switch_traces', String(on));
