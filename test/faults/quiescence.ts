/**
 * Quiescence: the faults have ended, and now everything must. Persons answer who waits and let go on who was paused, the clock goes on to the
 * next hour at which somebody wakes; nothing else helps a session.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wish } from '../../lib/ports.ts';
import type { Stage } from './stage.ts';

type Row = {
  id: string;
  user_id: string;
  state: string;
  desired: string;
  due: string;
  moves: string;
  owned: boolean;
  mark: string;
};

const UNENDED = `select id, user_id, state, desired, extract(epoch from due_at) * 1000 as due,
  due_at <= app_now() or coalesce(lease_until > clock_timestamp(), false) as moves, fence || '/' || seq as mark
  from agent_sessions where state <> 'ended'`;

/** Nothing has changed for so long, although something was due: a tenth of an hour of production. */
const PATIENCE_MS = 20_000;

/** Where it stands still, and what has not moved for too long although it should. */
function patience(ms: number): (rows: Row[]) => string[] | null {
  const until = Date.now() + ms;
  let before = '';
  let since = Date.now();
  return (rows) => {
    const marks = rows
      .map(({ id, mark }) => `${id} ${mark}`)
      .sort()
      .join();
    if (marks !== before) [before, since] = [marks, Date.now()];
    const over = Date.now() - since > PATIENCE_MS || Date.now() > until;
    return over ? rows.map((row) => JSON.stringify(row)) : null;
  };
}

const inMotion = ({ moves }: Row): boolean => String(moves) === 't';

/** Resolves when every session rests or has ended and nobody helped: as their persons left them. With those that do not come to rest. */
export async function rest({ rig, floor }: Stage, ms = 300_000): Promise<string[]> {
  const stuck = patience(ms);
  for (;;) {
    const { rows } = await rig.admin.query<Row>(UNENDED);
    const moving = rows.filter(inMotion);
    if (moving.length === 0 && floor.quiet()) return [];
    const left = stuck(moving);
    if (left) return left;
    await sleep(100);
  }
}

/** Resolves when every session has ended, with those that do not get on. */
export async function quiescence(stage: Stage, ms = 600_000): Promise<string[]> {
  const { rig, floor } = stage;
  const stuck = patience(ms);
  const helped = new Map<string, number>();
  for (;;) {
    const { rows } = await rig.admin.query<Row>(UNENDED);
    if (rows.length === 0 && floor.quiet()) return [];
    const left = stuck(rows);
    if (left) return left;
    for (const row of rows) await help(stage, row, helped);
    const moving = rows.some(inMotion);
    const dues = rows.map(({ due }) => Number(due)).filter(Number.isFinite);
    if (!moving && dues.length > 0 && floor.quiet())
      await rig.clock.advance(Math.max(1_000, Math.min(...dues) - rig.clock.now()));
    await sleep(100);
  }
}

/** Not more often than every two seconds: no session ends while it is spoken to all the time. */
async function help(
  stage: Stage,
  { id, user_id: user, state, desired }: Row,
  helped: Map<string, number>,
): Promise<void> {
  if (Date.now() - (helped.get(id) ?? 0) < 2_000) return;
  const wish: Wish | null =
    desired === 'pause' || state === 'paused'
      ? { type: 'resume' }
      : state === 'waiting'
        ? { type: 'message', content: `Please go on, ${randomUUID()}.` }
        : null;
  if (!wish) return;
  helped.set(id, Date.now());
  await stage.wish({ id, user }, wish);
}
