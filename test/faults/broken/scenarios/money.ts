/** Money: ceilings, days and cycles, and who waits for whom while they change. */
import { randomUUID } from 'node:crypto';
import {
  act,
  asleep,
  ended,
  type Hand,
  HOLD,
  hold,
  iterate,
  reply,
  result,
  saving,
  serve,
  taken,
  tried,
  use,
} from '../hand.ts';
import { MIDNIGHT, type Stage } from '../stage.ts';

/** What was granted is used up and settled, and the session ends; what was refused ends without. */
async function finish(stage: Stage, hand: Hand, granted: boolean): Promise<void> {
  if (granted) await hand.sessions.settle(hand.id, hand.fence, reply(hand, serve(stage, hand)));
  await hand.sessions.save(hand.id, hand.fence, saving({ suspension: ended }), []);
}

/** Terms of a day whose ceiling is one hold and a half: two of them do not fit. */
const TIGHT = { budget: (21n * HOLD * 15n) / 11n };

/** Two sessions ask for money one after the other, then at once. */
export async function tightDay(stage: Stage): Promise<void> {
  const userId = await stage.user(TIGHT);
  const [a, b] = [await stage.side(), await stage.side()];
  const one = await taken(stage, await stage.session(userId));
  const other = await taken(stage, await stage.session(userId));
  await a.begin();
  const first = await hold({ ...one, sessions: a.sessions });
  const second = await b.blocked(hold({ ...other, sessions: b.sessions }));
  await a.commit();
  const answer = await second.answer;
  const third = await hold(other).catch((error: Error) => error);
  await finish(stage, one, 'granted' in first);
  await finish(
    stage,
    other,
    [answer, third].some((got) => !(got instanceof Error) && 'granted' in got),
  );
}

/** Less is left than would be of any use. */
export async function uselessGrant(stage: Stage): Promise<void> {
  const userId = await stage.user(TIGHT);
  const one = await taken(stage, await stage.session(userId));
  const other = await taken(stage, await stage.session(userId));
  await hold(one);
  const got = await hold(other);
  await finish(stage, one, true);
  await finish(stage, other, 'granted' in got);
}

/** A session's own cap is less than what the day would give. */
export async function ownCap(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user(), { maxCost: HOLD });
  for (let more = true; more; ) {
    const hand = await taken(stage, id);
    const got = await hold(hand);
    more = 'granted' in got && hand.claim.iteration < 2;
    const call = use(`t${hand.fence}`, 'look');
    if ('granted' in got) {
      await hand.sessions.settle(id, hand.fence, reply(hand, serve(stage, hand), [call]));
      await act(stage, hand, call);
    }
    const turn = 'granted' in got ? [result(call.id)] : null;
    await hand.sessions.save(id, hand.fence, saving({ turn, suspension: more ? null : ended }), []);
  }
}

/** A hold is under way on the tenth when the eleventh is opened. */
export async function midnight(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const [a, b] = [await stage.side(), await stage.side()];
  const late = await taken(stage, await stage.session(userId));
  const early = await taken(stage, await stage.session(userId));
  await a.begin();
  const got = await hold({ ...late, sessions: a.sessions }, 400_000n);
  await stage.setNow(MIDNIGHT);
  const next = await b.blocked(hold({ ...early, sessions: b.sessions }));
  await a.commit();
  await next.answer;
  await finish(stage, late, 'granted' in got);
  await finish(stage, early, true);
}

/** A reserve knew of no other day than the tenth, and comes to it when the eleventh is open. */
export async function lateForMidnight(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const [a, b, c] = [await stage.side(), await stage.side(), await stage.side()];
  const late = await taken(stage, await stage.session(userId));
  const early = await taken(stage, await stage.session(userId));
  await c.begin();
  await c.call('lock_session', late.id);
  const waiting = await a.blocked(hold({ ...late, sessions: a.sessions }, 400_000n));
  await stage.setNow(MIDNIGHT);
  await b.begin();
  await hold({ ...early, sessions: b.sessions });
  await c.commit();
  await untilItWaitsForTheDay(stage);
  await b.commit();
  const got = await waiting.answer;
  const again = got instanceof Error ? await hold(late, 400_000n) : got;
  await finish(stage, late, 'granted' in again);
  await finish(stage, early, true);
}

async function untilItWaitsForTheDay(stage: Stage): Promise<void> {
  const query = `select 1 from pg_stat_activity w where wait_event_type = 'Lock' and datname = current_database() and exists (
    select from pg_stat_activity b where b.pid = any(pg_blocking_pids(w.pid)) and b.query not like '%locked%')`;
  while ((await stage.query(query)).length === 0);
}

/** The last day of a cycle has no tenth more than what is left. */
export async function lastDay(stage: Stage): Promise<void> {
  const userId = await stage.user({ renewalDate: '2026-11-11', budget: 1_000_000n });
  const hand = await taken(stage, await stage.session(userId));
  const got = await hold(hand, 1_050_000n, 1n);
  await finish(stage, hand, 'granted' in got);
}

/** The renewal date is edited in the midst of a cycle. */
export async function editedDate(stage: Stage): Promise<void> {
  const userId = await stage.user();
  await iterate(stage, await stage.session(userId), { suspension: ended });
  await stage.setNow('2026-11-12T08:00:00Z');
  stage.evidence.settings.users[0]!.changed = true;
  await stage.accounts.putUser(userId, { renewalDate: '2026-12-15' });
}

/** A plan that renews on the 31st is carried over a February. */
export async function shortMonth(stage: Stage): Promise<void> {
  const userId = await stage.user({ renewalDate: '2027-01-31' });
  await stage.setNow('2027-03-02T08:00:00Z');
  await iterate(stage, await stage.session(userId), { suspension: ended });
}

/** A user pays, and his browser sends it again; he says something, likewise. */
export async function twicePaid(stage: Stage): Promise<void> {
  const { settings } = stage.evidence;
  const userId = await stage.user();
  const id = await stage.session(userId);
  const once = { key: 'key', fingerprint: 'print' };
  settings.payments.push({ user: userId, key: once.key, amount: 500_000n });
  settings.said.push({ session: id, text: 'Only once.' });
  const operation = randomUUID();
  for (let times = 0; times < 2; times++) {
    await tried(
      () => stage.accounts.topUp(userId, 500_000n, 'cycle', once),
      () => stage.userSessions.command(userId, id, { type: 'message', content: 'Only once.' }, operation),
    );
  }
  await iterate(stage, id, { suspension: ended });
}

/** A claim that opens a day meets a top-up that has locked the user. */
export async function lockOrder(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const id = await stage.session(userId);
  await stage.setNow(MIDNIGHT);
  const [a, b] = [await stage.side(), await stage.side()];
  await a.begin();
  await a.query('select 1 from user_settings where user_id = $1 for no key update', [userId]);
  const claim = await b.blocked(b.sessions.claim(id, randomUUID()));
  await a.call('rebudget', userId, 0).catch(() => null);
  await a.commit();
  await claim.answer;
  await stage.expireLease(id);
  await iterate(stage, id, { suspension: ended });
}

/** The user removes the session, and its cost stays in the ledger. */
export async function removed(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const id = await stage.session(userId);
  await iterate(stage, id, { suspension: ended });
  await stage.userSessions.remove(userId, id);
  await stage.sweeper.purge();
}

/** It sleeps until the next morning. */
export async function nap(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  await iterate(stage, id, { suspension: asleep(Date.parse(MIDNIGHT)) });
}
