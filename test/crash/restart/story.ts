/** The story of one data directory: start, work, kill, look, and so on until both sessions have ended. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Api,
  apiOf,
  costs,
  historyFaults,
  journalFaults,
  moneyFaults,
  nothingRead,
  workFaults,
} from './checks.ts';
import { type Follower, follower } from './follow.ts';
import { AFTER, type Kind, type Moment, type Plan, SPAN_MS } from './moments.ts';
import { type Agent, goalOf, STEPS, startProvider } from './provider.ts';
import { type System, somewhereInAStart, systemOn } from './system.ts';

const USER = 'restarted';
const NOW = '2026-11-10T08:00:00Z';
const RENEWAL = '2026-12-10';
const DAYS = 30;
/** Microdollars a day. The work alone takes more than one, and a kill costs up to two holds of about a tenth of it. */
const ALLOWANCE = 7_000;
const ASK_MS = 100;

type Session = {
  id: string;
  status: string;
  wake_at: string | null;
  result: string | null;
  iteration_number: number;
  cost_microdollars: number;
};
type Cast = { agent: Agent; id: string; follower: Follower };

export type Story = Awaited<ReturnType<typeof storyOf>>;

export const storyOf = async (dataDir: string, plan: Plan) => {
  let key = '';
  let nights = 0;
  const cast: Cast[] = [];
  const violations: string[] = [];
  const read = nothingRead();

  const provider = await startProvider(async () => {
    const { now } = (await (await fetch(`${system.url()}/local/clock`)).json()) as { now: string };
    return Date.parse(now);
  });
  const env = {
    ...{ DATA_DIR: dataDir, NOW, ANTHROPIC_API_KEY: 'test', ANTHROPIC_BASE_URL: provider.url },
    ...{ MAX_OUTPUT_TOKENS: '1024', LEAST_OUTPUT_TOKENS: '512', COMPACTION: '0' },
  };
  const system: System = systemOn(env);
  const api = (): Api => apiOf(system.url(), key);
  const session = (id: string) => api().get<Session>(`/v1/sessions/${id}`);

  const look = async (when: string): Promise<void> => {
    const found = [
      ...provider.refused(),
      ...(await moneyFaults(api(), provider, read)),
      ...(await Promise.all(cast.map(({ id }) => journalFaults(api(), id, read)))).flat(),
      ...cast.flatMap(({ id, follower }) => follower.faults(read.journals.get(id) ?? [])),
      ...(await Promise.all(cast.map(({ id }) => historyFaults(api(), id, read)))).flat(),
      ...(await Promise.all(cast.map(({ id, agent }) => workFaults(api(), id, agent)))).flat(),
    ];
    violations.push(...found.map((fault) => `${when}: ${fault}`));
  };

  const kill = async (moment: Moment): Promise<void> => {
    provider.drop();
    await system.kill(moment);
    await startAgain(`after ${system.figures().kills.at(-1)}`);
  };
  const startAgain = async (after: string): Promise<void> => {
    const again = plan.start.shift();
    await system.start(...(again ? [{ moment: again, waitFor: somewhereInAStart(system, again) }] : []));
    for (const { follower } of cast) void follower.follow(system.url(), key);
    await look(after);
  };
  /** In the middle of the work, too. */
  const stop = async (): Promise<void> => {
    const how = await system.stop();
    provider.drop();
    if (how !== 0) violations.push(`told to stop, it ended with ${how}`);
    await startAgain('after a stop');
  };

  /** The first start, killed as often as the plan says, at the file that it has just made. */
  const firstStart = async (): Promise<void> => {
    const init = plan.init.map((moment) => ({
      moment,
      waitFor: async () => {
        while (!existsSync(join(dataDir, moment.file))) await sleep(2);
        await sleep(moment.share * SPAN_MS.init);
      },
    }));
    await system.start(...init);
    const admin = apiOf(system.url(), system.adminKey());
    await admin.send('PUT', `/v1/admin/users/${USER}`, {
      ...{ tier: 'economy', subscription_budget_microdollars: DAYS * ALLOWANCE, subscription_renewal_date: RENEWAL },
    });
    key = (await admin.send<{ key: string }>('POST', `/v1/admin/users/${USER}/api-keys`, {})).key;
    for (const agent of ['a', 'b'] as const) {
      const { id } = await api().send<Session>('POST', '/v1/sessions', { goal: goalOf(agent) });
      cast.push({ agent, id, follower: follower(id) });
    }
    for (const { follower } of cast) void follower.follow(system.url(), key);
  };

  /** When all that have not ended sleep: until when. */
  const asleepUntil = async (): Promise<string | null> => {
    const going = (await Promise.all(cast.map(({ id }) => session(id)))).filter(({ status }) => status !== 'completed');
    const stuck = going.find(({ status }) => status !== 'working' && status !== 'sleeping');
    if (stuck) throw new Error(`a session is ${JSON.stringify(stuck)}`);
    if (going.length === 0 || going.some(({ status }) => status === 'working')) return null;
    return (
      going
        .map(({ wake_at }) => wake_at ?? '')
        .sort()
        .at(-1) ?? null
    );
  };

  const night = async (until: string): Promise<void> => {
    nights += 1;
    // A day that nobody looked at has no ceiling to hold it to.
    violations.push(...(await moneyFaults(api(), provider, read)).map((fault) => `at bedtime: ${fault}`));
    for (let moment = plan.sleep.shift(); moment; moment = plan.sleep.shift()) {
      const move = moment.kind === 'clock' ? moved(plan.sleep.length > 0 ? halfway(await now(), until) : until) : null;
      await sleep(moment.share * SPAN_MS[moment.kind as Exclude<Kind, 'start'>]);
      await kill(moment);
      await move;
      const still = await asleepUntil();
      if (still !== until && plan.sleep.length > 0)
        violations.push(`it slept until ${until}, and after a kill until ${still}`);
    }
    await moved(until);
  };
  const now = async () => (await api().get<{ now: string }>('/local/clock')).now;
  /** Refused (it was moved before), or cut by a kill: either is no fault. */
  const moved = (to: string) =>
    api()
      .send('POST', '/local/clock', { now: to })
      .catch(() => null);

  const comesTo = (moment: Moment): Promise<void> => {
    const { id = '' } = cast.find(({ agent }) => agent === moment.agent) ?? {};
    if (moment.kind === 'ask') return provider.asked(moment.agent);
    if (moment.kind === 'stream') return provider.hang(moment.agent, moment.events);
    const { running } = system;
    return new Promise((resolve) =>
      running.onLine(({ session, message }) => session === id && message === AFTER[moment.kind] && resolve()),
    );
  };

  const workUntil = async (moment: Moment): Promise<void> => {
    let { running } = system;
    let reached = comesTo(moment).then(() => true);
    while (!(await Promise.race([reached, sleep(ASK_MS, false)]))) {
      const until = await asleepUntil();
      if (until) await night(until);
      if (running === system.running) continue;
      ({ running } = system);
      reached = comesTo(moment).then(() => true);
    }
    if (moment.kind === 'stream') violations.push(...(await moneyFaults(api(), provider, read)));
    await sleep(moment.share * SPAN_MS[moment.kind as Exclude<Kind, 'start'>]);
  };

  const end = async (): Promise<void> => {
    provider.allow(STEPS);
    for (;;) {
      const sessions = await Promise.all(cast.map(({ id }) => session(id)));
      if (sessions.every(({ status }) => status === 'completed')) break;
      const until = await asleepUntil();
      if (until) await night(until);
      await sleep(ASK_MS);
    }
    await look('at the end');
  };

  return {
    provider,
    system,
    sessions: () => Promise.all(cast.map(async ({ agent, id }) => ({ ...(await session(id)), agent }))),
    api,
    tell: async () => {
      await firstStart();
      const moments = [...plan.work];
      for (const [i, moment] of moments.entries()) {
        provider.allow(Math.ceil(((i + 1) * (STEPS - 2)) / (moments.length + 1)));
        await workUntil(moment);
        await kill(moment);
      }
      await stop();
      await end();
    },
    costs: async () => ({ byDay: sum(await costs(api(), 'day')), bySession: sum(await costs(api(), 'session')) }),
    report: async () => {
      const { kills, startMs, orphansMs, complaints } = system.figures();
      const rounded = (ms: number | undefined) => Math.round(ms ?? Number.NaN);
      const starts = startMs.toSorted((a, b) => a - b);
      return {
        ...{ kills, nights, violations, complaints, calls: provider.requests() },
        startMs: { median: rounded(starts[starts.length >> 1]), max: rounded(starts.at(-1)) },
        orphansMs: rounded(Math.max(...(await Promise.all(orphansMs)))),
      };
    },
    close: async () => {
      system.sweep();
      await provider.close();
    },
  };
};

const sum = (amounts: Map<string, number>): number => [...amounts.values()].reduce((all, amount) => all + amount, 0);
const halfway = (from: string, to: string): string => new Date((Date.parse(from) + Date.parse(to)) / 2).toISOString();
