/**
 * Bounded recovery (G7), on the real timing rules with a clock that the test moves: whatever dies in an iteration, and wherever the minute
 * of the recovery cron stands, the session is taken up again within two minutes. And what dies every time does not hold up the others.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { WorkerSessions } from '../../lib/ports/index.ts';
import { hasPostgres } from '../kit/servers.ts';
import { type Cast, cast, SESSIONS, USER } from './cast.ts';
import { inspect } from './commands.ts';
import { memoryStore, type PostgresStores, postgresStores, type Store, stageOn } from './stage.ts';

const CRON_MS = 60_000;
/** What the issue allows, and what the rules come to: a lease that was just prolonged, and a cron that has just come by. */
const ALLOWED_MS = 120_000;
const LEASE_MS = 45_000;
const DAY_MS = 86_400_000;
const ID = SESSIONS[0];
const HINT = { sessionId: ID, userId: USER };
const TERMS = { daily: 3_000_000, manual: false, cap: null };

const played = async <T>(store: Store, act: (actors: Cast) => Promise<T>): Promise<T> => {
  try {
    const actors = await cast(stageOn(store), TERMS, { scheduler: null, overlap: false });
    return await act(actors);
  } finally {
    vi.useRealTimers();
  }
};

type Step = keyof WorkerSessions;
/** The first worker dies as soon as this request of its has taken effect, `dies` times, or whenever it is at a session that `only` names. */
function mortal({ workers }: Cast, step: Step, dies: number, only: string = ID): void {
  const [worker] = workers;
  const { sessions } = worker!.ports;
  const method = sessions[step] as (...args: unknown[]) => Promise<unknown>;
  let left = dies;
  const deadly = async (...args: unknown[]) => {
    const answer = await method(...args);
    const refused = typeof answer === 'object' && answer !== null && 'claimed' in answer;
    if (args[0] === only && !refused && left-- > 0) worker!.now!.process.dead = true;
    return answer;
  };
  worker!.ports = { ...worker!.ports, sessions: { ...sessions, [step]: deadly } };
}

const kept = async ({ stage }: Cast, id: string = ID) => (await stage.kept()).sessions.find((s) => s.id === id)!;

/** The recovery cron comes by, and what it sent is worked on. */
async function tick(actors: Cast): Promise<void> {
  await actors.wake('recovery', 100);
  actors.fetchMail();
  for (let hint = actors.mail.shift(); hint; hint = actors.mail.shift()) {
    await actors.start(0, hint);
    actors.fetchMail();
  }
}

/** Milliseconds from now until somebody takes the session up, if the cron comes by for the first time after `phase`. */
async function recovery(actors: Cast, phase: number): Promise<number> {
  const { fence } = await kept(actors);
  const died = actors.stage.now();
  for (let wait = phase; ; wait = CRON_MS) {
    await actors.stage.pass(wait);
    await tick(actors);
    const waited = actors.stage.now() - died;
    if ((await kept(actors)).fence > fence) return waited;
    if (waited > 30 * CRON_MS) return Number.POSITIVE_INFINITY;
  }
}

const DEATHS: [string, (actors: Cast) => Promise<void>][] = [
  ...(['claim', 'reserve', 'settle', 'startTool', 'save'] as const).map((step): (typeof DEATHS)[number] => [
    `right after ${step}`,
    async (actors) => {
      mortal(actors, step, 1);
      await actors.start(0, HINT);
    },
  ]),
  [
    'right after a heartbeat',
    async (actors) => {
      mortal(actors, 'reserve', 1);
      await actors.start(0, HINT);
      const { fence } = await kept(actors);
      await actors.stage.pass(LEASE_MS - 1_000);
      await actors.office.sessions.heartbeat(ID, fence);
    },
  ],
  [
    'taken up after its hints had been lost for a day',
    async (actors) => {
      await actors.stage.pass(DAY_MS);
      await actors.wake('schedule', 100);
      actors.fetchMail();
      actors.mail.length = 0;
      mortal(actors, 'claim', 1);
      await actors.start(0, HINT);
    },
  ],
  [
    'the hint of a person is lost',
    async (actors) => {
      await actors.stage.pass(CRON_MS);
      await actors.wish(ID, 'message', 0);
      actors.fetchMail();
      actors.mail.length = 0;
    },
  ],
  [
    'the wake function dies between its sweep and the queue',
    async (actors) => {
      await actors.wake('schedule', 100);
      actors.fetchMail();
      actors.mail.length = 0;
    },
  ],
];

const bounds = (fresh: () => Promise<Store>, phases: number[]) =>
  it.each(DEATHS)('within two minutes: %s', async (_name, death) => {
    const waits: number[] = [];
    for (const phase of phases) {
      await played(await fresh(), async (actors) => {
        await death(actors);
        actors.script.otherwise = 'done';
        waits.push(await recovery(actors, phase));
        await inspect(actors);
      });
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(LEASE_MS + CRON_MS);
    expect(LEASE_MS + CRON_MS).toBeLessThanOrEqual(ALLOWED_MS);
  });

describe('a session that nobody works on is taken up', () => {
  bounds(
    async () => memoryStore(),
    Array.from({ length: 60 }, (_, second) => second * 1_000),
  );
});

describe.skipIf(!hasPostgres)('a session that nobody works on is taken up, on PostgreSQL,', () => {
  let stores: PostgresStores;
  beforeAll(async () => {
    stores = await postgresStores();
  });
  afterAll(() => stores?.close());
  bounds(() => stores.fresh(), [1_000, 46_000]);
});

describe('a session whose worker dies every time', () => {
  it('ends failed, with its cause, within a quarter of an hour; the others of its queue do not notice', async () => {
    await played(memoryStore(), async (actors) => {
      actors.script.otherwise = 'done';
      mortal(actors, 'reserve', Number.POSITIVE_INFINITY);
      await tick(actors);
      const others = SESSIONS.slice(1);
      for (const id of others) expect((await kept(actors, id)).state).not.toBe('ready');
      let minutes = 0;
      for (; (await kept(actors)).state !== 'ended' && minutes < 60; minutes++) {
        await actors.stage.pass(CRON_MS);
        await tick(actors);
      }
      expect(minutes).toBeLessThanOrEqual(15);
      const view = await actors.office.userSessions.get(USER, ID);
      expect(view).toMatchObject({ status: 'failed', outcome: 'failed', iterationNumber: 0 });
      expect(view?.error?.message).toContain('taken up 5 times in a row without getting anywhere');
      const { holds, ledger } = await actors.stage.kept();
      const mine = holds.filter(({ call }) => call.startsWith(ID));
      expect(mine.map((hold) => hold.class)).toEqual(Array(5).fill('unknown'));
      expect(ledger.filter(({ sessionId }) => sessionId === ID)).toHaveLength(5);
      await inspect(actors);
    });
  });

  it('is poison only if nothing came of it: one that settles in between goes on', async () => {
    await played(memoryStore(), async (actors) => {
      mortal(actors, 'settle', 8);
      for (let minute = 0; minute < 20; minute++) {
        await tick(actors);
        await actors.stage.pass(CRON_MS);
      }
      expect((await kept(actors)).outcome).toBe('iteration_limit_reached');
      expect((await kept(actors)).iteration).toBe(12);
      await inspect(actors);
    });
  });
});
