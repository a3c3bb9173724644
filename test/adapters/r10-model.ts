/**
 * A tiny model of what surrounds the recovery cron: sessions in Postgres, invocations that open, claim, commit and mirror, or die anywhere
 * in between, and the cron itself, whose answers may come late or never. All in virtual time; only the live view is real.
 *
 * The queue is taken to lose every message but those that R10 sends because `open` failed, and nobody sets an alarm: so the cron alone
 * must find what is due.
 */
import type { Live } from '../../lib/ports/index.ts';
import { liveView } from '../contract/live.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
const LEASE = 45 * SECOND;
const BACKOFF = 30 * SECOND;
const LIMIT = { owner: 15 * MINUTE, person: 30 * SECOND };
/** The wake function's own limit: an answer that did not come by then never will. */
const WAKE_LIMIT = MINUTE;
const LONGEST_DELAY = 15 * MINUTE;
const TICK = 5 * SECOND;

type Session = {
  id: string;
  due: number;
  leaseUntil: number;
  hintedAt: number;
  since: number | null;
  fence: number;
  seq: number;
};
type Who = 'owner' | 'person';
type Run = { who: Who; session: Session; opened: boolean; beganAt: number; claimed: boolean; saved: boolean };
type Doorbell = { session: Session; at: number };

export function createModel(live: Live, sessionCount: number) {
  let now = Date.parse('2031-03-01T12:00:00Z');
  /** How far the database's clock is ahead of everybody's. */
  let ahead = 0;
  let runs: Run[] = [];
  let answers: { at: number | null; asked: { at: number; now: number } }[] = [];
  let doorbells: Doorbell[] = [];
  const asked = { times: 0, asleep: 0 };
  const sessions = Array.from({ length: sessionCount }, (_, n): Session => {
    return { id: `ses_${n}`, due: Infinity, leaseUntil: 0, hintedAt: 0, since: null, fence: 0, seq: 0 };
  });

  const databaseNow = () => now + ahead;
  const isDue = (session: Session) => session.due <= databaseNow() && session.leaseUntil <= now;
  const pick = <T>(list: T[], index: number): T | undefined => list[index % Math.max(1, list.length)];

  function sweep(): (typeof answers)[number] {
    asked.times += 1;
    for (const session of sessions) {
      if (!isDue(session) || session.hintedAt + BACKOFF > now) continue;
      session.hintedAt = now;
      session.since = now;
    }
    const earliest = Math.min(...sessions.map((session) => session.due));
    return { at: earliest === Infinity ? null : earliest, asked: { at: now, now: databaseNow() } };
  }

  async function cron(prompt: boolean): Promise<void> {
    if ((await live.idle(now)) === true) {
      asked.asleep += 1;
      return;
    }
    const answer = sweep();
    if (prompt) await live.nextDue(answer.at, answer.asked);
    else answers.push(answer);
  }

  /** A message that was not lost: who comes too early is hinted again, until an invocation that could open takes over. */
  function ring(doorbell: Doorbell): void {
    const { session } = doorbell;
    if (session.due === Infinity) {
      doorbells = doorbells.filter((other) => other !== doorbell);
      return;
    }
    if (isDue(session)) session.since = now;
    const wait = session.leaseUntil > now ? session.leaseUntil - now : Math.max(MINUTE, session.due - databaseNow());
    doorbell.at = now + Math.min(wait, LONGEST_DELAY);
  }

  function observe(): string | null {
    for (const session of sessions) {
      session.since = isDue(session) ? (session.since ?? now) : null;
      const waited = session.since === null ? 0 : now - session.since;
      if (waited > 2 * MINUTE) return `${session.id} was due and unasked for ${waited / SECOND} s`;
    }
    return null;
  }

  return {
    asked,
    /**
     * The other half of the bargain: once nobody is at work, even a marker that was lost is trusted again within two longest invocations
     * and a sweep, and Postgres is left alone until the next session is due.
     */
    async expectSleep(): Promise<void> {
      now += 35 * MINUTE;
      runs = [];
      await cron(true);
      const due = Math.min(...sessions.map((session) => session.due)) - ahead;
      const until = Math.min(due, now + 24 * HOUR);
      for (const at of [now + SECOND, until - SECOND]) {
        if (due > now + MINUTE && (await live.idle(at)) !== true) throw new Error('asked although nothing was due');
      }
    },

    /** First in an invocation, be it the owner's or a user's. Who cannot open sends a message for a minute later. */
    async begin(which: number, who: Who, opens: boolean): Promise<void> {
      const session = pick(sessions, which)!;
      if (opens) await live.open(session.id, now + LIMIT[who] + LEASE, 'user-1');
      else doorbells.push({ session, at: now + MINUTE });
      runs.push({ who, session, opened: opens, beganAt: now, claimed: false, saved: false });
    },
    /** Next in the owner's. A claim that took longer than this has failed: requests to Postgres have a time limit. */
    claim(which: number): void {
      const run = pick(runs, which);
      if (run?.who !== 'owner' || run.claimed || now - run.beganAt > 30 * SECOND || !isDue(run.session)) return;
      run.claimed = true;
      run.session.leaseUntil = now + LEASE;
      run.session.fence += 1;
      if (run.opened) doorbells = doorbells.filter((doorbell) => doorbell.session !== run.session);
    },
    /** The owner's save, or the commit of a user's command: due at once. */
    commit(which: number, dueIn: number): void {
      const run = pick(runs, which);
      if (!run || run.saved || (run.who === 'owner' && !run.claimed)) return;
      run.saved = true;
      run.session.seq += 1;
      run.session.due = run.claimed ? databaseNow() + dueIn : databaseNow();
      if (run.claimed) run.session.leaseUntil = now;
    },
    async mirror(which: number): Promise<void> {
      const run = pick(runs, which);
      if (!run?.saved) return;
      runs = runs.filter((other) => other !== run);
      const { id, fence, seq, due } = run.session;
      if (run.claimed) await live.mirror(liveView({ sessionId: id, fence, seq, due }));
    },
    crash(which: number): void {
      const run = pick(runs, which);
      runs = runs.filter((other) => other !== run);
    },
    /** One of the cron's late answers arrives, in any order, or is lost. */
    async answer(which: number, lost: boolean): Promise<void> {
      const answer = pick(answers, which);
      answers = answers.filter((other) => other !== answer);
      if (answer && !lost) await live.nextDue(answer.at, answer.asked);
    },
    /** The settable clock jumps, which asks Postgres whatever the marker says. */
    async jump(ms: number): Promise<void> {
      ahead += ms;
      now += 1;
      const { at, asked: when } = sweep();
      await live.nextDue(at, when);
    },
    /** Real time goes by. The cron runs every minute; invocations at work keep their lease, and are killed at their limit. */
    async pass(ms: number, prompt: boolean): Promise<void> {
      for (const end = now + ms; now < end; ) {
        const minute = Math.floor(now / MINUTE);
        now = Math.min(end, now + TICK);
        runs = runs.filter((run) => now - run.beganAt < LIMIT[run.who]);
        for (const run of runs) if (run.claimed && !run.saved) run.session.leaseUntil = now + LEASE;
        answers = answers.filter((answer) => answer.asked.at + WAKE_LIMIT > now);
        const hasUnreadMessages = observe();
        if (hasUnreadMessages) throw new Error(hasUnreadMessages);
        for (const doorbell of doorbells.filter(({ at }) => at <= now)) ring(doorbell);
        if (Math.floor(now / MINUTE) > minute) await cron(prompt);
      }
    },
  };
}
