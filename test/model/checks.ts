/** The guarantees (docs/invariants.md) as faults found in what a world keeps, beside what the witness saw. Each can be asked at any instant. */

import type { Block } from '../../lib/core/session.ts';
import { faultsOf } from '../kit/history.ts';
import type { Kept, KeptSession } from './kept.ts';
import type { Witness } from './witness.ts';

const sum = (amounts: bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
const ENDS = ['agent.completed', 'agent.failed', 'agent.cancelled'];

/** `served`: the bill as it was before `kept` was read. */
export function faultsIn(kept: Kept, witness: Witness, served: ReadonlyMap<string, bigint>): string[] {
  return [
    ...money(kept),
    ...billed(kept, witness, served),
    ...effects(witness),
    ...kept.sessions.flatMap((s) => ofSession(s, kept, witness)),
  ];
}

/** G2, G4: the day's sums are those of its rows; a resolved hold has one ledger row, an open one none. */
function money({ days, holds, ledger }: Kept): string[] {
  const faults: string[] = [];
  for (const { userId, date, spent, held } of days) {
    const mine = (row: { userId: string; date: string }) => row.userId === userId && row.date === date;
    if (spent !== sum(ledger.filter(mine).map(({ cost }) => cost))) faults.push(`G2 ${date}: spent is not its ledger`);
    if (held !== sum(holds.filter((hold) => mine(hold) && hold.class === 'held').map(({ amount }) => amount)))
      faults.push(`G2 ${date}: held is not its open holds`);
  }
  const booked = new Map(ledger.map((row) => [row.call, row]));
  for (const { call, class: state, date } of holds) {
    const row = booked.get(call);
    if (state === 'held' ? row : row?.class !== state || row.date !== date)
      faults.push(`G4 ${call} is ${state} and booked as ${row?.class}`);
  }
  return faults;
}

/** G1, G3: what was served is held, or was charged; exactly where the outcome is known, and at least where it is not. */
function billed({ holds, ledger }: Kept, { bill }: Witness, served: ReadonlyMap<string, bigint>): string[] {
  const faults: string[] = [];
  const booked = new Map(ledger.map((row) => [row.call, row]));
  const held = new Map(holds.map((hold) => [hold.call, hold]));
  for (const [call, cost] of served) {
    const row = booked.get(call);
    const hold = held.get(call);
    if (!hold) faults.push(`G1 ${call} was served without a hold`);
    else if (!row && hold.amount < cost) faults.push(`G1 ${call}: ${cost} billed, ${hold.amount} held`);
    if (row?.class === 'settled' && row.cost !== cost) faults.push(`G3 ${call}: ${cost} billed, ${row.cost} settled`);
    if (row?.class === 'unknown' && row.cost < cost)
      faults.push(`G1 ${call}: ${cost} billed, ${row.cost} charged on doubt`);
  }
  for (const { call, class: state, cost } of ledger)
    if (state === 'settled' && cost !== 0n && !bill.has(call))
      faults.push(`G3 ${call}: ${cost} settled, nothing served`);
  return faults;
}

/** G5, the half that the tools tell: a `once` effect happens once at most. */
const effects = ({ effects, once }: Witness): string[] =>
  [...effects].flatMap(([key, times]) => (once.has(key) && times > 1 ? [`G5 ${key} happened ${times} times`] : []));

function ofSession(session: KeptSession, { ledger }: Kept, witness: Witness): string[] {
  const faults: string[] = [];
  const say = (right: boolean, what: string) => void (right || faults.push(`${session.id}: ${what}`));
  const { rows, journal, open, state, due } = session;
  const ended = state === 'ended';

  for (const fault of faultsOf(rows, open.length > 0, { pauses: true })) say(false, `G6 ${fault}`);
  say(!ended || open.length === 0, `G5 ended with open calls ${open}`);
  for (const [id, text] of resultsIn(rows)) {
    if (text !== `did ${id}`) continue;
    const times = witness.effects.get(id) ?? 0;
    say(witness.once.has(id) ? times === 1 : times > 0, `G5 ${id} is reported done and happened ${times} times`);
  }
  const done = resultsIn(rows).flatMap(([id, text]) => (text === `did ${id}` ? [`/${id}`] : []));
  say(done.sort().join() === session.files.join(), `G5 files ${session.files} of the calls ${done}`);

  say(
    journal.every(({ seq }, i) => seq === i + 1),
    'G8 the journal has a gap',
  );
  say(
    journal.filter(({ type }) => ENDS.includes(type)).length === (ended ? 1 : 0),
    'G8 the journal does not end as it does',
  );
  const replies = rows.filter(({ role }) => role === 'assistant').length;
  say(session.iteration === replies, `G4 ${session.iteration} iterations, ${replies} replies`);
  say(session.iteration <= 12, 'G11 more iterations than allowed');
  const own = sum(ledger.filter(({ sessionId }) => sessionId === session.id).map(({ cost }) => cost));
  say(session.cost === own, `G2 cost ${session.cost}, ledger ${own}`);

  say(
    ended ? due === null : due !== null || ['paused', 'waiting', 'sleeping', 'exceeded'].includes(state),
    `G7 ${state} and never due`,
  );
  return [...faults, ...heard(session, witness), ...still(session, witness)];
}

/** What a user was told is taken is told to the agent once, in order; and no more than that. */
function heard({ id, rows, inbox, inboxTaken, outcome }: KeptSession, witness: Witness): string[] {
  const { said } = witness.of(id);
  const told = rows
    .flatMap(({ role, content }) => (role === 'user' ? content.flatMap(textOf) : []))
    .filter((text) => /^m\d+$/.test(text));
  const faults: string[] = [];
  if (inbox.join() !== said.join()) faults.push(`${id}: said ${said}, kept ${inbox}`);
  if (told.join() !== inbox.slice(0, inboxTaken).join())
    faults.push(`${id}: told ${told}, of ${inbox} taken ${inboxTaken}`);
  if (outcome === 'completed' && inboxTaken < inbox.length)
    faults.push(`R5 ${id}: completed without ${inbox.slice(inboxTaken)}`);
  return faults;
}

/** G7: an ended session never moves again. Its cost may: by evidence that comes late. */
function still({ id, state, outcome, rows, journal, files, fence }: KeptSession, witness: Witness): string[] {
  if (state !== 'ended') return witness.of(id).ended === null ? [] : [`G7 ${id} had ended, and is ${state}`];
  const now = JSON.stringify([outcome, rows.length, journal.length, files, fence]);
  const told = witness.of(id);
  const then = told.ended ?? now;
  told.ended = then;
  return then === now ? [] : [`G7 ${id} ended as ${then}, and is ${now}`];
}

const textOf = (block: Block): string[] => (block.type === 'text' ? [(block as { text: string }).text] : []);

/** Tool call id and text of its result. Every id has one result: `faultsOf` sees to that. */
const resultsIn = (rows: KeptSession['rows']): [string, string][] =>
  rows.flatMap(({ content }) =>
    content.flatMap((block): [string, string][] =>
      block.type === 'tool_result'
        ? [[(block as { tool_use_id: string }).tool_use_id, (block as { content: string }).content]]
        : [],
    ),
  );
