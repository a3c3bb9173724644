/**
 * Quiescence: the faults have ended, and now everything must. Users answer who waits and let go on who was paused, the clock goes on to the
 * next hour at which somebody wakes; nothing else helps a session.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionCommand } from '../../lib/ports/index.ts';
import type { Floor } from './floor.ts';
import { SLEPT } from './record.ts';
import type { Stage } from './stage.ts';

type Row = {
  id: string;
  user_id: string;
  state: string;
  desired: string;
  due: string;
  moves: string;
  soon: string;
  owned: boolean;
  mark: string;
};

/**
 * `soon`: it is due before all checks have looked, so that one of them would find it overdue. `mark` changes when it is claimed or saved. What a user
 * says does not move a session.
 */
const UNENDED = `select id, user_id, state, desired, extract(epoch from due_at) * 1000 as due,
  due_at <= app_now() or coalesce(lease_until > clock_timestamp(), false) as moves,
  due_at <= app_now() + interval '15 seconds' as soon, fence || '/' || saved_fence as mark
  from agent_sessions where state <> 'ended'`;

/** Nothing has changed for so long, although something was due: a tenth of an hour of production. */
const PATIENCE_MS = 20_000;
/** Longer than any job may take, or its message be delayed: what is on the floor by then never ends. */
const FLOOR_PATIENCE_MS = 45_000;
/** By then every marker has run out, also one that was lost and stands for the longest invocation; and a sweep has come after it. */
const LULL_MS = 120_000;

export type Patience = { sessions: number; floor: number };
export const PATIENCE: Patience = { sessions: PATIENCE_MS, floor: FLOOR_PATIENCE_MS };

/**
 * Where it stands still: asked again and again, it answers null as long as one may wait, and then sentences about what has not moved for too
 * long although it should: sessions, or a floor that is never quiet.
 */
export function patience(
  ms: number,
  floor: Pick<Floor, 'quiet' | 'standing'>,
  { sessions, floor: floorMs } = PATIENCE,
) {
  const until = Date.now() + ms;
  let before = '';
  let since = Date.now();
  let quietAt = Date.now();
  return (rows: Row[]): string[] | null => {
    const now = Date.now();
    const marks = rows
      .map(({ id, mark }) => `${id} ${mark}`)
      .sort()
      .join();
    if (marks !== before) [before, since] = [marks, now];
    if (floor.quiet()) quietAt = now;
    const stuck = rows.length > 0 && (now - since > sessions || now > until);
    const unquiet = now - quietAt > floorMs;
    if (!stuck && !unquiet) return null;
    return [
      ...(stuck ? rows.map((row) => `a session does not get on: ${JSON.stringify(row)}`) : []),
      ...(unquiet ? [`the floor does not get quiet: ${floor.standing()}`] : []),
    ];
  };
}

const inMotion = ({ moves }: Row): boolean => String(moves) === 't';
const isSoonDue = ({ soon }: Row): boolean => String(soon) === 't';

/**
 * Resolves when every session rests or has ended and nobody helped, as their users left them, and (`lull`) the recovery cron has seen that
 * it need not ask Postgres any more, or could have seen it for long. With what does not come to rest.
 */
export async function rest({ rig, floor, record }: Stage, { lull }: { lull: boolean }): Promise<string[]> {
  const stuck = patience(300_000, floor);
  const slept = () => record.counts.get(SLEPT) ?? 0;
  let before = slept();
  let calm = Date.now();
  for (;;) {
    const { rows } = await rig.admin.query<Row>(UNENDED);
    const moving = rows.filter(inMotion);
    if (moving.length > 0 || rows.some(isSoonDue)) [before, calm] = [slept(), Date.now()];
    else if (floor.quiet() && (!lull || slept() > before || Date.now() - calm > LULL_MS)) return [];
    const left = stuck(moving);
    if (left) return left;
    await sleep(100);
  }
}

/** Resolves when every session has ended, with what does not get on. */
export async function quiescence(stage: Stage, ms = 600_000): Promise<string[]> {
  const { rig, floor } = stage;
  const stuck = patience(ms, floor);
  const helped = new Map<string, number>();
  for (;;) {
    const { rows } = await rig.admin.query<Row>(UNENDED);
    if (rows.length === 0 && floor.quiet()) return [];
    const left = stuck(rows);
    if (left) return left;
    let spoken = false;
    for (const row of rows) spoken = (await help(stage, row, helped)) || spoken;
    // Whom a user has moved the recovery cron must find, and may not owe it to a sleeper's hour.
    const moving = spoken || rows.some(inMotion);
    const dues = rows.map(({ due }) => Number(due)).filter(Number.isFinite);
    if (!moving && dues.length > 0 && floor.quiet())
      await rig.clock.advance(Math.max(1_000, Math.min(...dues) - rig.clock.now()));
    await sleep(100);
  }
}

/** Not more often than every two seconds: no session ends while it is spoken to all the time. True: it was spoken to. */
async function help(
  stage: Stage,
  { id, user_id: user, state, desired }: Row,
  helped: Map<string, number>,
): Promise<boolean> {
  if (Date.now() - (helped.get(id) ?? 0) < 2_000) return false;
  const wish: SessionCommand | null =
    desired === 'pause' || state === 'paused'
      ? { type: 'resume' }
      : state === 'waiting'
        ? { type: 'message', content: `Please go on, ${randomUUID()}.` }
        : null;
  if (!wish) return false;
  helped.set(id, Date.now());
  await stage.wish({ id, user }, wish);
  return true;
}
