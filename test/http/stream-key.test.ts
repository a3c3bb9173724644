/** A stream outlives the request that opened it, and not the key: the clock of the tests passes the minutes. */
import { describe, expect, it } from 'vitest';
import type { Deps } from '../../lib/http/deps.ts';
import { Problem } from '../../lib/problem.ts';
import { ADMIN, api, framesOf } from './kit.ts';

const STREAM_MS = 10 * 60_000;
const end = { state: 'ended', outcome: 'completed', result: 'x', error: null } as const;

/** A session, its stream, and counts of what the stream asks of Postgres. */
async function viewed(change: (deps: Deps) => Partial<Deps> = () => ({})) {
  const asked = { journal: 0, keys: 0 };
  const made = api(
    (deps) => {
      const { userSessions, accounts } = deps;
      return {
        userSessions: {
          ...userSessions,
          events: (...args) => {
            asked.journal += 1;
            return userSessions.events(...args);
          },
        },
        accounts: {
          ...accounts,
          whoIs: (hash) => {
            asked.keys += 1;
            return accounts.whoIs(hash);
          },
        },
        ...change(deps),
      };
    },
    { streamMs: STREAM_MS },
  );
  const key = await made.user('ada');
  const id = await made.start(key);
  const watch = (as = key) => made.call('GET', `/v1/sessions/${id}/events/stream`, { key: as });
  const revoke = async () => {
    const { json } = await made.call('GET', '/v1/admin/users/ada/api-keys', { key: ADMIN });
    for (const { id: keyId } of json.data)
      await made.call('DELETE', `/v1/admin/users/ada/api-keys/${keyId}`, { key: ADMIN });
  };
  /** Lets something happen once, when the stream has waited so long. */
  const at = (ms: number, act: () => unknown) => {
    const before = made.state.onSleep;
    let done = false;
    made.state.onSleep = async (elapsed) => {
      await before(elapsed);
      if (done || elapsed < ms) return;
      done = true;
      await act();
    };
  };
  /** The worker says something every ten seconds. */
  const talk = () => {
    const before = made.state.onSleep;
    made.state.onSleep = async (elapsed) => {
      await before(elapsed);
      await made.world.live.draft(id, { iteration: 1, text: 'word '.repeat(1 + Math.floor(elapsed / 10_000)) });
    };
  };
  return { ...made, key, id, watch, revoke, at, talk, asked };
}

describe('a key', () => {
  it('that is revoked ends its stream within a minute, and the client that comes back hears why', async () => {
    const { watch, revoke, at, talk, state, lines } = await viewed();
    talk();
    at(90_000, revoke);
    const { text } = await watch();
    expect(state.elapsed).toBeGreaterThanOrEqual(90_000);
    expect(state.elapsed).toBeLessThanOrEqual(151_500);
    // It ends as every stream does: no frame in two, and the client knows when to come back.
    expect(text.endsWith('\n\n')).toBe(true);
    expect(framesOf(text)[0]).toEqual({ retry: '1000' });
    expect(lines.filter(({ message }) => message === 'stream broke')).toEqual([]);
    expect((await watch()).status).toBe(401);
  });

  it('that holds is looked up about once a minute while the session works, and its stream goes on', async () => {
    const { watch, talk, state, asked } = await viewed(({ live }) => ({
      live: { ...live, keyOwner: async () => null },
    }));
    talk();
    asked.keys = 0;
    await watch();
    expect(state.elapsed).toBeGreaterThanOrEqual(STREAM_MS);
    expect(asked.keys).toBeGreaterThanOrEqual(9);
    expect(asked.keys).toBeLessThanOrEqual(11);
  });

  it('that is revoked while the session sleeps shows nothing of what comes then, and wakes nobody before', async () => {
    const { watch, revoke, asleep, rest, world, id, at, state, asked } = await viewed();
    await asleep(id);
    at(120_000, revoke);
    let before = 0;
    at(500_000, async () => {
      before = asked.keys;
      world.advance(24 * 3_600_000);
      await rest(id, end, [['agent.waking'], ['agent.completed', { result: 'a secret' }]]);
    });
    asked.keys = 0;
    const { text } = await watch();
    expect(before).toBe(1);
    expect(framesOf(text).at(-1)?.event).toBe('agent.sleeping');
    expect(text).not.toContain('a secret');
    expect(state.elapsed).toBeLessThan(502_000);
  });

  it('that cannot be looked up just now ends its stream, so that the client comes back', async () => {
    let gone = false;
    const { watch, at, talk, state } = await viewed(({ live, accounts }) => ({
      live: { ...live, keyOwner: () => Promise.reject(new Error('away')) },
      accounts: { ...accounts, whoIs: (hash) => (gone ? Promise.reject(new Error('gone')) : accounts.whoIs(hash)) },
    }));
    talk();
    at(90_000, () => {
      gone = true;
    });
    expect((await watch()).text.endsWith('\n\n')).toBe(true);
    expect(state.elapsed).toBeLessThanOrEqual(151_500);
  });
});

describe('a token', () => {
  it.each(['works', 'sleeps'])('that expires ends its stream within a minute, while the session %s', async (how) => {
    let expired = false;
    const jwt = async () => {
      if (expired) throw new Problem('unauthorized', 'The token is not valid here.');
      return 'ada';
    };
    const { watch, asleep, id, at, state, asked } = await viewed(() => ({ jwt }));
    if (how === 'sleeps') await asleep(id);
    at(90_000, () => {
      expired = true;
    });
    expect((await watch('a.b.c')).status).toBe(200);
    expect(state.elapsed).toBeGreaterThanOrEqual(90_000);
    expect(state.elapsed).toBeLessThanOrEqual(151_500);
    // Nobody had to be woken for it.
    if (how === 'sleeps') expect(asked).toMatchObject({ journal: 1 });
    expect((await watch('a.b.c')).status).toBe(401);
  });
});
