/**
 * The sample: one session that works, meets its allowance, sleeps, and goes on when the clock is moved to its waking. It is started only
 * where there is no session yet, and shown from wherever it stands after a restart.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DIARY_PATH } from './diary.ts';
import { SAMPLE_GOAL, withDiary } from './model/player/guide/plan.ts';
import type { LocalSystem } from './system.ts';

type Session = {
  id: string;
  status: string;
  iteration_number: number;
  cost_microdollars: number;
  daily_budget_microdollars: number;
  current_phase: string | null;
  wake_at: string | null;
  sleep_reason: string | null;
  result: string | null;
  error: { message: string } | null;
  metadata: Record<string, unknown>;
};

type Show = (line: string) => void;

const ASK_MS = 500;
/** How long a viewer sees it asleep before the clock is moved. */
const NAP_MS = 4_000;
const ENDED = new Set(['completed', 'failed', 'cancelled']);

/**
 * Resolves when the session has ended, or `signal` stops the show; the session itself goes on without it. `standIn`: with a real model a new
 * day costs real money, so it is not begun for the viewer; and its tools ask no page of this machine.
 */
export async function showSample(
  system: LocalSystem,
  options: { show: Show; standIn: boolean; signal: AbortSignal },
): Promise<void> {
  const { show, signal } = options;
  const goal = options.standIn ? withDiary(system.url + DIARY_PATH) : SAMPLE_GOAL;
  const first = await sampleOf(system, goal);
  if (!first) return;
  show(`Sample session ${first.id}: ${SAMPLE_GOAL.slice(0, 60)}…`);
  let told = '';
  while (!signal.aborted) {
    const session = await ask<Session>(system, `/v1/sessions/${first.id}`);
    const line = describe(session);
    if (line !== told) show(`  ${line}`);
    told = line;
    if (ENDED.has(session.status)) return farewell(system, session, show);
    if (session.status === 'sleeping' && session.sleep_reason === 'allowance' && options.standIn) {
      await wakeUp(system, session, show, signal);
    }
    await pause(ASK_MS, signal);
  }
}

async function ask<T>(system: LocalSystem, path: string, body?: object): Promise<T> {
  const response = await fetch(system.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${system.apiKey}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T;
}

/** The one that there is, or a new one where there is no session at all. */
async function sampleOf(system: LocalSystem, goal: string): Promise<Session | null> {
  const { data } = await ask<{ data: Session[] }>(system, '/v1/sessions?limit=100');
  const found = data.find(({ metadata }) => metadata.sample === true);
  if (found) return ENDED.has(found.status) ? null : found;
  if (data.length > 0) return null;
  return ask<Session>(system, '/v1/sessions', { goal, metadata: { sample: true } });
}

const dollars = (microdollars: number): string => `$${(microdollars / 1_000_000).toFixed(3)}`;

function describe(session: Session): string {
  const { status, iteration_number, cost_microdollars, current_phase, wake_at } = session;
  const spent = `iteration ${iteration_number}, ${dollars(cost_microdollars)}`;
  if (status === 'sleeping')
    return `sleeping until ${wake_at}: what is left of today's ${dollars(session.daily_budget_microdollars)} does not cover another step (${spent})`;
  return [status, spent, ...(current_phase ? [current_phase] : [])].join(' · ');
}

async function wakeUp(system: LocalSystem, { wake_at }: Session, show: Show, signal: AbortSignal): Promise<void> {
  await pause(NAP_MS, signal);
  if (signal.aborted || !wake_at) return;
  const at = Date.parse(wake_at);
  if (at <= system.clock.now()) return;
  show(`  (the clock moves to ${wake_at}, so that you need not wait)`);
  await system.moveClock(at);
}

async function farewell(system: LocalSystem, session: Session, show: Show): Promise<void> {
  if (session.error) return show(`  ${session.error.message}`);
  const { data } = await ask<{ data: { path: string }[] }>(system, `/v1/sessions/${session.id}/files`);
  show(
    `  ${data.length} files, among them ${data
      .slice(0, 3)
      .map(({ path }) => path)
      .join(', ')}`,
  );
  show(`  curl -s ${system.url}/v1/sessions/${session.id}/files -H 'Authorization: Bearer ${system.apiKey}'`);
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
