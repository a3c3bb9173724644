/**
 * The provider answers HTTP 500 for six minutes, three sessions of one user, $1.67 a day: what it costs, and that all go on afterwards. While each
 * session held back for itself, it cost this user 11 calls and the whole day, and the sessions slept until the next one.
 */
import { describe, expect, it } from 'vitest';
import { drive } from '../../lib/engine/drive.ts';
import { newSession, type TestWorld, testWorld, withUser } from '../kit/world.ts';

const MINUTE = 60_000;
const SESSIONS = ['ses_1', 'ses_2', 'ses_3'];

/** Everybody who is due is driven, by one worker after the other or by all at once; then the clock goes to the next instant at which somebody is. */
async function play(t: TestWorld, until: number, atOnce: boolean): Promise<void> {
  while (t.now() < until) {
    t.passLease();
    const { due, nextDue } = await t.sweeper.sweep(100);
    const driven = due.map(
      ({ id, userId }) =>
        () =>
          drive(t.world, { sessionId: id, userId }, { remaining: () => 300_000 }),
    );
    if (atOnce) await Promise.all(driven.map((go) => go()));
    else for (const go of driven) await go();
    if (due.length === 0) t.setNow(Math.min(until, Math.max(t.now() + 1_000, nextDue ?? until)));
  }
}

async function outage({ minutes, atOnce }: { minutes: number; atOnce: boolean }) {
  let calls = 0;
  const t: TestWorld = testWorld(
    (_turns, i) => {
      if (t.now() < begin + minutes * MINUTE) {
        calls += 1;
        return { type: 'failed', failure: { proof: 'unknown', status: 500, message: 'Internal server error' } };
      }
      return i < 2
        ? [{ type: 'tool_use', id: `t${i}`, name: 'look', input: { key: 'k' } }]
        : [{ type: 'text', text: 'Done.' }];
    },
    { policy: { maxOutputTokens: 8_000 } },
  );
  const begin = t.now();
  await withUser(t, 1_670_000n);
  for (const id of SESSIONS) await t.userSessions.create('u1', newSession({ id, system: 'x'.repeat(20_000) }), null);
  await play(t, begin + minutes * MINUTE, atOnce);
  const { spent } = (await t.accounts.budget('u1')).day;
  return { t, begin, calls, spent };
}

describe('an outage of six minutes', () => {
  it.each([
    ['one worker after the other', false, { most: 3, dollars: 0.35 }],
    ['three workers at once', true, { most: 5, dollars: 0.63 }],
  ])('costs %s a few holds, not the day: %j', async (_, atOnce, { most, dollars }) => {
    const { calls, spent } = await outage({ minutes: 6, atOnce });
    expect(calls).toBeLessThanOrEqual(most);
    expect(Number(spent) / 1e6).toBeLessThanOrEqual(dollars);
  });

  it('and when it is over, all sessions go on within minutes, and end', async () => {
    const { t, begin } = await outage({ minutes: 6, atOnce: true });
    await play(t, begin + 12 * MINUTE, true);
    for (const id of SESSIONS) expect(await t.userSessions.get('u1', id)).toMatchObject({ status: 'completed' });
  });
});
