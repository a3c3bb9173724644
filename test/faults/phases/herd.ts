/**
 * Very many sleepers of one midnight: each must be hinted when its place in the window has come, by the next sweep; though sweeps die and the
 * queue refuses, and then by the next after a pause.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Violation } from '../evidence.ts';
import { between } from '../random.ts';
import type { Stage } from '../stage.ts';
import { latestHint, type Sweep } from './punctual.ts';

const WINDOW_MS = 15 * 60_000;

/** Copies of one session that slept for want of money, each at its own place in the window. Nothing runs but the wake function. */
const SLEEPERS = `
  insert into agent_sessions select (jsonb_populate_record(s, jsonb_build_object('id', 'ses_' || lpad(i::text, 26, '0'), 'state', 'sleeping',
    'sleep_reason', 'allowance', 'sleep_until', $2::timestamptz, 'due_at', $2::timestamptz + make_interval(secs => ($3::float8 * i / $4::int) / 1000),
    'hint_at', '-infinity'::timestamptz))).* from agent_sessions s, generate_series(1, $4::int) i where s.id = $1`;
const CHECKPOINTS = `insert into agent_checkpoints select (jsonb_populate_record(c, jsonb_build_object('session_id', 'ses_' || lpad(i::text, 26, '0')))).*
  from agent_checkpoints c, generate_series(1, $2::int) i where c.session_id = $1`;

export type Herd = { sleepers: number; hinted: number; ms: number };

/** Answers how many were hinted, and in what real time. They are gone afterwards, so that the checks of the other parts see none of them. */
export async function herd(stage: Stage, user: string, sleepers: number): Promise<{ herd: Herd; found: Violation[] }> {
  const { rig, floor, random } = stage;
  const template = await stage.session(user, ['look'], { hinted: false });
  await stage.wish({ id: template, user }, { type: 'cancel' });
  const midnight = (Math.floor(rig.clock.now() / 86_400_000) + 1) * 86_400_000;
  await rig.admin.query('alter table agent_sessions disable trigger witness');
  await stage.marked(user, async () => {
    await rig.admin.query(SLEEPERS, [template, new Date(midnight).toISOString(), WINDOW_MS, sleepers]);
    await rig.admin.query(CHECKPOINTS, [template, sleepers]);
  });
  /** When its first hint reached the queue. */
  const herded = new Map<string, number>();
  // To the end of the round: since nothing moves a sleeper here, it is hinted again and again, and what is left of that is no work for anybody.
  const iterate = floor.take;
  floor.take = (hint, sentAt) => {
    const { sessionId } = hint;
    if (!/^ses_0+\d+$/.test(sessionId)) return iterate(hint, sentAt);
    herded.set(sessionId, Math.min(sentAt, herded.get(sessionId) ?? sentAt));
    return true;
  };
  // A third of the sweeps dies at some moment; replies of everything get lost.
  const sweeps: Sweep[] = [];
  floor.wakeOrder = () => ({
    ...(random() < 0.33 && { limitMs: between(random, 50, 1_500) }),
    over: sweeping(stage, sweeps),
  });
  stage.network.weather = { lost: 0.05, refused: 0.02, twice: 0.02 };
  const began = Date.now();
  const passed: Passed[] = [];
  const pass = async (moved: Promise<void>) => {
    await moved;
    passed.push({ at: Date.now(), clock: rig.clock.now() });
  };
  await pass(rig.clock.toMidnight());
  floor.wake('midnight');
  const until = Date.now() + 240_000;
  while (herded.size < sleepers && Date.now() < until) {
    await sleep(250);
    // The window passes a hundred times faster than it does.
    await pass(rig.clock.advance(25_000));
  }
  const ms = Date.now() - began;
  stage.network.weather = { lost: 0, refused: 0, twice: 0 };
  floor.wakeOrder = () => ({});
  await rig.admin.query(`delete from agent_sessions where id ~ '^ses_0+[0-9]+$'`);
  await rig.admin.query('alter table agent_sessions enable trigger witness');
  const missing = sleepers - herded.size;
  const late = lateOnes({ midnight, sleepers, herded, passed, sweeps, pauseMs: stage.settings.longestPauseMs });
  const found = [
    ...(missing > 0 ? [`${missing} of ${sleepers} sleepers of one midnight were never hinted`] : []),
    ...(late.length > 0
      ? [`${late.length} of ${sleepers} sleepers of one midnight were hinted late, ${late[0]!.id} by ${late[0]!.ms} ms`]
      : []),
  ].map((what) => ({ check: 'G7', what }));
  return { herd: { sleepers, hinted: herded.size, ms }, found };
}

/** A request that came twice comes so for the second time within this, when nobody waits for it. */
const ECHO_MS = 500;

/** A sweep that has begun; to be called when it is over. Replies of Postgres that got lost, and requests that came twice, leave it unsure. */
function sweeping({ record }: Stage, sweeps: Sweep[]): (outcome: { end: string }) => void {
  const disturbed = () => (record.counts.get('lose postgres') ?? 0) + (record.counts.get('twice postgres') ?? 0);
  const before = disturbed();
  const sweep: Sweep = { began: Date.now(), ended: Infinity, sure: false };
  sweeps.push(sweep);
  return ({ end }) => {
    sweep.sure = end === 'over' && disturbed() === before;
    sweep.ended = Date.now() + (sweep.sure ? 0 : ECHO_MS);
  };
}

/** The run's clock had come to `clock` at `at`, real milliseconds. */
type Passed = { at: number; clock: number };
type Hinted = {
  midnight: number;
  sleepers: number;
  herded: Map<string, number>;
  passed: Passed[];
  sweeps: Sweep[];
  pauseMs: number;
};

/** Those that were hinted after the last moment, the latest first. */
function lateOnes({ midnight, sleepers, herded, passed, sweeps, pauseMs }: Hinted): { id: string; ms: number }[] {
  const late = [...herded].map(([id, sentAt]) => {
    const due = midnight + (WINDOW_MS * Number(id.slice('ses_'.length))) / sleepers;
    const dueAt = passed.find(({ clock }) => clock >= due)?.at ?? Infinity;
    const latest = latestHint(sweeps, dueAt, pauseMs);
    return { id, ms: latest === null ? 0 : sentAt - latest };
  });
  return late.filter(({ ms }) => ms > 0).sort((a, b) => b.ms - a.ms);
}
