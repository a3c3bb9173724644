/** What the ports of schedules promise. */
import { expect, it } from 'vitest';
import { newId } from '../../lib/ids.ts';
import { MOST_SCHEDULES, type NewSchedule, type Ordered } from '../../lib/ports/index.ts';
import { anEnd, aSession, contract, DAY_MS, type Factory, once, START, type Steps, soonAfter } from './harness.ts';

const NOON = Date.parse('2026-11-10T12:00:00Z');
const ALL = 10_000;

export const aSchedule = (over: Partial<NewSchedule> = {}): NewSchedule => ({
  ...{ id: newId('sch'), name: 'Noon', cron: '0 12 * * *', timeZone: 'UTC', template: { goal: 'Look.', n: '\u0000' } },
  ...{ overlap: 'skip', maxCost: 500_000n, enabled: true, nextRunAt: NOON },
  ...over,
});

const ordered = (over: { id?: string; mostLive?: number } = {}): Extract<Ordered, { session: object }> => ({
  session: aSession({ maxCost: 500_000n, ...(over.id !== undefined && { id: over.id }) }),
  ...{ mostLive: over.mostLive ?? null, full: 'Too many sessions.' },
});

/** A schedule of a new user, at the instant at which it is due. */
async function atNoon(t: Steps, over: Partial<NewSchedule> = {}) {
  const user = await t.user();
  const schedule = aSchedule(over);
  await t.userSchedules.create(user, schedule, null);
  await t.setNow(NOON);
  const due = async () => (await t.schedules.due(ALL, null)).due.find((one) => one.schedule.id === schedule.id);
  const runs = async () => (await t.userSchedules.runs(user, schedule.id, { limit: 20, cursor: null }))!.data;
  const fire = async (order: Ordered = ordered(), next = NOON + DAY_MS) =>
    t.schedules.fire((await due())!, next, order);
  return { user, id: schedule.id, due, runs, fire };
}

const end = async (t: Steps, id: string) => {
  const { fence } = await t.claim(id);
  await t.sessions.save(id, fence, anEnd(), []);
};

export const schedulesContract = (name: string, factory: Factory) => {
  contract(`${name}: schedules`, factory, (t) => {
    it('keeps what was said, shows it to its user alone, and lists the newest first', async () => {
      const [user, other] = [await t().user(), await t().user()];
      const [first, second] = [aSchedule(), aSchedule({ template: { goal: 'Two' }, maxCost: 7n })];
      expect(await t().userSchedules.create(user, first, null)).toMatchObject({
        ...{ id: first.id, userId: user, cron: '0 12 * * *', nextRunAt: NOON, maxCost: 500_000n, version: 1 },
        ...{ waitingSince: null, lastSessionId: null, createdAt: soonAfter(START) },
      });
      await t().setNow(START + 60_000);
      await t().userSchedules.create(user, second, null);
      const page = await t().userSchedules.list(user, { limit: 1, cursor: null });
      expect(page.data).toMatchObject([{ id: second.id, template: { goal: 'Two' }, maxCost: 7n }]);
      const rest = await t().userSchedules.list(user, { limit: 1, cursor: page.next });
      expect([rest.data.map(({ id }) => id), rest.next]).toEqual([[first.id], null]);
      await expect(t().userSchedules.list(user, { limit: 1, cursor: 'x' })).rejects.toThrow();
      expect((await t().userSchedules.list(other, { limit: 9, cursor: null })).data).toEqual([]);
      for (const answer of [
        await t().userSchedules.get(other, first.id),
        await t().userSchedules.change(other, first.id, { name: 'Mine' }),
        await t().userSchedules.runs(other, first.id, { limit: 1, cursor: null }),
        await t().userSchedules.run(other, first.id, newId('run'), ordered()),
      ])
        expect(answer).toBeNull();
      expect(await t().userSchedules.remove(other, first.id)).toBe(false);
      expect(await t().userSchedules.get(user, first.id)).toMatchObject({ name: 'Noon' });
    });

    it('makes one schedule of a request and its repeats', async () => {
      const user = await t().user();
      const unique = once();
      const first = aSchedule();
      await t().userSchedules.create(user, first, unique);
      expect(await t().userSchedules.create(user, aSchedule(), unique)).toMatchObject({ id: first.id });
      expect(await t().userSchedules.create(user, aSchedule(), { ...unique, fingerprint: 'other' })).toBe('conflict');
      expect(await t().userSchedules.create(user, first, null)).toMatchObject({ id: first.id });
      expect((await t().userSchedules.list(user, { limit: 9, cursor: null })).data).toHaveLength(1);
    });

    it('has no more of one user than that', async () => {
      const user = await t().user();
      for (let i = 0; i < MOST_SCHEDULES; i++) await t().userSchedules.create(user, aSchedule(), null);
      const unique = once();
      expect(await t().userSchedules.create(user, aSchedule(), unique)).toBe('full');
      const { data } = await t().userSchedules.list(user, { limit: 1, cursor: null });
      await t().userSchedules.remove(user, data[0]!.id);
      expect(await t().userSchedules.create(user, aSchedule(), unique)).toMatchObject({ name: 'Noon' });
    });

    it('is due at its instant, and its run is made once', async () => {
      const s = await atNoon(t());
      await t().setNow(NOON - 60_000);
      expect(await s.due()).toBeUndefined();
      await t().setNow(NOON);
      const due = (await s.due())!;
      expect(due).toMatchObject({ schedule: { id: s.id, template: { goal: 'Look.' } }, dueAt: NOON });
      const first = ordered();
      expect(await t().schedules.fire(due, NOON + DAY_MS, first)).toEqual({
        run: 'started',
        sessionId: first.session.id,
      });
      expect(await t().schedules.fire(due, NOON + DAY_MS, ordered())).toBeNull();
      expect(await s.due()).toBeUndefined();
      expect(await s.runs()).toMatchObject([
        {
          dueAt: NOON,
          cause: 'cron',
          status: 'started',
          sessionId: first.session.id,
          sessionStatus: 'working',
          cost: 0n,
        },
      ]);
      expect(await t().userSessions.get(s.user, first.session.id)).toMatchObject({ maxCost: 500_000n });
      expect((await t().userSessions.list(s.user, { limit: 9, cursor: null })).data).toHaveLength(1);
    });

    it('gives an instant to one of two sweeps at once', async () => {
      const s = await atNoon(t(), { overlap: 'queue' });
      const due = (await s.due())!;
      const fired = await Promise.all([1, 2, 3].map(() => t().schedules.fire(due, NOON + DAY_MS, ordered())));
      expect(fired.filter((one) => one !== null)).toMatchObject([{ run: 'started' }]);
      expect(await s.runs()).toHaveLength(1);
      expect((await t().userSessions.list(s.user, { limit: 9, cursor: null })).data).toHaveLength(1);
    });

    it('does nothing by terms that have changed since they were read', async () => {
      const s = await atNoon(t());
      const due = (await s.due())!;
      await t().userSchedules.change(s.user, s.id, { template: { goal: 'Another' } });
      expect(await t().schedules.fire(due, NOON + DAY_MS, ordered())).toBeNull();
      expect((await s.due())!.schedule.template).toEqual({ goal: 'Another' });
      await t().userSchedules.remove(s.user, s.id);
      expect(await t().schedules.fire(due, NOON + DAY_MS, ordered())).toBeNull();
      expect(await s.due()).toBeUndefined();
    });

    it('changes nothing for terms that have changed since, and pauses what has no next instant', async () => {
      const s = await atNoon(t());
      const { version } = (await t().userSchedules.get(s.user, s.id))!;
      await t().userSchedules.change(s.user, s.id, { timeZone: 'Europe/Berlin', version });
      expect(await t().userSchedules.change(s.user, s.id, { cron: '0 1 * * *', version })).toBe('moved');
      expect(await s.fire(ordered(), Number.POSITIVE_INFINITY)).toMatchObject({ run: 'started' });
      expect(await t().userSchedules.get(s.user, s.id)).toMatchObject({
        ...{ cron: '0 12 * * *', timeZone: 'Europe/Berlin', enabled: false, nextRunAt: Infinity, version: version + 2 },
      });
      expect(await s.due()).toBeUndefined();
    });

    it('skips while the last session has not ended', async () => {
      const s = await atNoon(t());
      const first = ordered();
      await s.fire(first);
      await t().setNow(NOON + DAY_MS);
      expect(await s.fire(ordered(), NOON + 2 * DAY_MS)).toEqual({ run: 'skipped', sessionId: null });
      const [run] = await s.runs();
      expect(run).toMatchObject({ dueAt: NOON + DAY_MS, status: 'skipped', sessionId: null });
      expect(run!.reason).toMatch(/^The run before has not ended\. .*nothing was spent\.$/);
      await end(t(), first.session.id);
      await t().setNow(NOON + 2 * DAY_MS);
      expect(await s.fire(ordered(), NOON + 3 * DAY_MS)).toMatchObject({ run: 'started' });
    });

    it('lets one run wait, and no more, and begins it when the last session has ended', async () => {
      const s = await atNoon(t(), { overlap: 'queue' });
      const first = ordered();
      await s.fire(first);
      for (const [i, run] of (['waiting', 'skipped'] as const).entries()) {
        await t().setNow(NOON + (i + 1) * DAY_MS);
        expect(await s.fire(ordered(), NOON + (i + 2) * DAY_MS)).toEqual({ run, sessionId: null });
      }
      expect(await t().userSchedules.get(s.user, s.id)).toMatchObject({ waitingSince: NOON + DAY_MS });
      expect(await s.due()).toBeUndefined();
      await end(t(), first.session.id);
      const { nextDue, schedulesDue } = await t().sweeper.sweep(0);
      expect([nextDue! <= NOON + 2 * DAY_MS, schedulesDue]).toEqual([true, true]);
      const due = (await s.due())!;
      expect(due.dueAt).toBeNull();
      const second = ordered();
      expect(await t().schedules.fire(due, NOON + 3 * DAY_MS, second)).toEqual({
        run: 'started',
        sessionId: second.session.id,
      });
      expect(await t().schedules.fire(due, NOON + 3 * DAY_MS, ordered())).toBeNull();
      expect((await s.runs()).map(({ status }) => status)).toEqual(['skipped', 'started', 'started']);
      expect(await t().userSchedules.get(s.user, s.id)).toMatchObject({
        ...{ waitingSince: null, nextRunAt: NOON + 3 * DAY_MS, lastSessionId: second.session.id },
      });
    });

    it('begins the run that waits before a new one, which waits then', async () => {
      const s = await atNoon(t(), { overlap: 'queue' });
      const first = ordered();
      await s.fire(first);
      await t().setNow(NOON + DAY_MS);
      await s.fire(ordered(), NOON + 2 * DAY_MS);
      await end(t(), first.session.id);
      await t().setNow(NOON + 2 * DAY_MS);
      const second = ordered();
      expect(await s.fire(second, NOON + 3 * DAY_MS)).toEqual({ run: 'waiting', sessionId: second.session.id });
      expect((await s.runs()).map(({ status, sessionId }) => [status, sessionId])).toEqual([
        ['waiting', null],
        ['started', second.session.id],
        ['started', first.session.id],
      ]);
    });

    it('records a run that cannot be had, with the sentence, and goes on', async () => {
      const s = await atNoon(t());
      expect(await s.fire({ refused: 'No budget.' })).toEqual({ run: 'refused', sessionId: null });
      await t().session({}, s.user);
      await t().setNow(NOON + DAY_MS);
      expect(await s.fire(ordered({ mostLive: 1 }), NOON + 2 * DAY_MS)).toEqual({ run: 'refused', sessionId: null });
      expect((await s.runs()).map(({ status, reason }) => [status, reason])).toEqual([
        ['refused', 'Too many sessions.'],
        ['refused', 'No budget.'],
      ]);
      expect(await t().userSchedules.get(s.user, s.id)).toMatchObject({ nextRunAt: NOON + 2 * DAY_MS });
    });

    it('is not due while it is paused, gives up what waits, and goes on when it is resumed', async () => {
      const s = await atNoon(t(), { overlap: 'queue' });
      await s.fire();
      await t().setNow(NOON + DAY_MS);
      await s.fire(ordered(), NOON + 2 * DAY_MS);
      await t().userSchedules.change(s.user, s.id, { enabled: false, nextRunAt: Number.POSITIVE_INFINITY });
      expect((await s.runs())[0]).toMatchObject({ status: 'skipped', reason: expect.stringContaining('paused') });
      await t().setNow(NOON + 9 * DAY_MS);
      expect(await s.due()).toBeUndefined();
      expect(await t().userSchedules.get(s.user, s.id)).toMatchObject({
        enabled: false,
        nextRunAt: Infinity,
        waitingSince: null,
      });
      await t().userSchedules.change(s.user, s.id, { enabled: true, nextRunAt: NOON + 10 * DAY_MS });
      await t().setNow(NOON + 10 * DAY_MS);
      expect(await s.due()).toMatchObject({ dueAt: NOON + 10 * DAY_MS });
    });

    it('runs when it is asked to, once a request, under the same rule', async () => {
      const s = await atNoon(t());
      const [runId, first] = [newId('run'), ordered()];
      expect(await t().userSchedules.run(s.user, s.id, runId, first)).toMatchObject({
        ...{ id: runId, cause: 'request', status: 'started', sessionId: first.session.id, dueAt: soonAfter(NOON) },
      });
      const ran = (user: string, id: string) => t().userSchedules.ran(user, s.id, id);
      expect(await t().userSchedules.run(s.user, s.id, runId, ordered())).toEqual(await ran(s.user, runId));
      expect(await ran(s.user, runId)).toMatchObject({ sessionId: first.session.id });
      expect([await ran(s.user, newId('run')), await ran(await t().user(), runId)]).toEqual([null, null]);
      await t().setNow(NOON + 1_000);
      expect(await t().userSchedules.run(s.user, s.id, newId('run'), ordered())).toMatchObject({ status: 'skipped' });
      expect(await s.due()).toMatchObject({ dueAt: NOON });
      expect(await s.runs()).toHaveLength(2);
    });

    it('tells what each run has cost and the sum of 30 days, page by page, and keeps them when the session is gone', async () => {
      const s = await atNoon(t());
      const first = ordered();
      await s.fire(first);
      await t().iterate(first.session.id, { cost: 4_000n, save: anEnd() });
      await t().setNow(NOON + DAY_MS);
      await s.fire(ordered(), NOON + 2 * DAY_MS);
      await t().userSessions.remove(s.user, first.session.id);
      const page = await t().userSchedules.runs(s.user, s.id, { limit: 1, cursor: null });
      expect(page).toMatchObject({ data: [{ dueAt: NOON + DAY_MS, cost: 0n }], cost30Days: 4_000n });
      const rest = await t().userSchedules.runs(s.user, s.id, { limit: 1, cursor: page!.next });
      expect(rest).toMatchObject({ data: [{ dueAt: NOON, cost: 4_000n, sessionStatus: null }], next: null });
      await t().setNow(NOON + 40 * DAY_MS);
      expect(await t().userSchedules.runs(s.user, s.id, { limit: 1, cursor: null })).toMatchObject({ cost30Days: 0n });
    });

    it('goes without its sessions, which stay', async () => {
      const s = await atNoon(t());
      const first = ordered();
      await s.fire(first);
      expect(await t().userSchedules.remove(s.user, s.id)).toBe(true);
      expect(await t().userSchedules.get(s.user, s.id)).toBeNull();
      expect(await t().userSessions.get(s.user, first.session.id)).toMatchObject({ status: 'working' });
      expect(await t().iterate(first.session.id, { save: anEnd() })).toMatchObject({ state: 'ended' });
    });

    it('pages through what is due, those due longest first', async () => {
      const user = await t().user();
      const ids = [
        aSchedule({ nextRunAt: NOON }),
        aSchedule({ nextRunAt: NOON - 1_000 }),
        aSchedule({ nextRunAt: NOON }),
      ];
      for (const one of ids) await t().userSchedules.create(user, one, null);
      await t().setNow(NOON);
      const seen: string[] = [];
      for (let after: string | null = null; ; ) {
        const { due } = await t().schedules.due(1, after);
        if (due.length === 0) break;
        after = due[0]!.place;
        if (due[0]!.schedule.userId === user) seen.push(due[0]!.schedule.id);
      }
      expect(seen).toEqual([ids[1]!.id, ...[ids[0]!.id, ids[2]!.id].sort()]);
    });
  });
};
