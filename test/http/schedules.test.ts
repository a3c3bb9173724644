import { describe, expect, it } from 'vitest';
import { ready } from '../../lib/http/deps.ts';
import { orderRun } from '../../lib/http/templates.ts';
import type { ScheduleChange } from '../../lib/ports/index.ts';
import type { Problem } from '../../lib/problem.ts';
import { api } from './kit.ts';

const DAILY = {
  name: 'Morning report',
  cron: '30 8 * * *',
  time_zone: 'Europe/Berlin',
  max_cost_microdollars: 500_000,
  template: { goal: 'Report.', metadata: { team: 'red' } },
};

const setup = async (...change: Parameters<typeof api>) => {
  const t = api(...change);
  const key = await t.user('ada');
  const make = async (body: object = {}) =>
    (await t.call('POST', '/v1/schedules', { key, body: { ...DAILY, ...body } })).json;
  return { ...t, key, make };
};

describe('a schedule', () => {
  it('is shown with its next instants, changed, paused, resumed and deleted', async () => {
    const { call, key, world, make } = await setup();
    const made = await call('POST', '/v1/schedules', { key, body: DAILY });
    expect([made.status, made.headers.get('location')]).toEqual([201, `/v1/schedules/${made.json.id}`]);
    expect(made.json).toMatchObject({
      ...DAILY,
      ...{ overlap: 'skip', enabled: true, next_run_at: '2026-11-11T07:30:00.000Z', waiting_since: null },
    });
    expect(made.json.next_runs).toHaveLength(5);
    const at = `/v1/schedules/${made.json.id}`;
    const changed = await call('PATCH', at, { key, body: { cron: '0 12 * * *', overlap: 'queue' } });
    expect(changed.json).toMatchObject({
      name: 'Morning report',
      overlap: 'queue',
      next_run_at: '2026-11-10T11:00:00.000Z',
    });
    const moved = await call('PATCH', at, { key, body: { time_zone: 'UTC', template: { goal: 'Else.' } } });
    expect(moved.json).toMatchObject({ next_run_at: '2026-11-10T12:00:00.000Z', template: { goal: 'Else.' } });
    expect((await call('POST', `${at}/pause`, { key })).json).toMatchObject({
      enabled: false,
      next_run_at: null,
      next_runs: [],
    });
    expect((await call('PATCH', at, { key, body: { cron: '0 13 * * *' } })).json.next_run_at).toBeNull();
    world.advance(86_400_000);
    expect((await call('POST', `${at}/resume`, { key })).json).toMatchObject({
      next_run_at: '2026-11-11T13:00:00.000Z',
    });
    const second = await make();
    expect((await call('GET', '/v1/schedules?limit=1', { key })).json).toMatchObject({ data: [{ id: second.id }] });
    expect((await call('DELETE', at, { key })).status).toBe(204);
    for (const [method, path] of [
      ['GET', at],
      ['DELETE', at],
      ['GET', `${at}/runs`],
      ['POST', `${at}/run`],
      ['POST', `${at}/pause`],
    ] as const)
      expect((await call(method, path, { key })).json.code, path).toBe('not_found');
  });

  it('says of each fault what must be, and makes nothing', async () => {
    const { call, key } = await setup();
    const fault = async (body: object) => {
      const { status, json } = await call('POST', '/v1/schedules', { key, body: { ...DAILY, ...body } });
      return [status, json.code, json.errors?.[0]?.path];
    };
    expect(await fault({ cron: '* * * * *' })).toEqual([422, 'invalid_request', 'cron']);
    expect(await fault({ time_zone: 'Mars/Base' })).toEqual([422, 'invalid_request', 'time_zone']);
    expect(await fault({ max_cost_microdollars: undefined })).toEqual([
      422,
      'invalid_request',
      'max_cost_microdollars',
    ]);
    expect(await fault({ template: { goal: 'x', max_cost_microdollars: 5 } })).toEqual([
      422,
      'invalid_request',
      'template.max_cost_microdollars',
    ]);
    const large = { goal: 'x', files: [{ path: 'a.md', content: 'é'.repeat(33_000) }] };
    expect(await fault({ template: large })).toEqual([422, 'invalid_request', 'template']);
    expect(await fault({ template: { goal: ' ' } })).toEqual([422, 'invalid_request', 'template.goal']);
    expect((await fault({ template: { goal: 'x', agent: 'nobody' } }))[1]).toBe('unknown_agent');
    expect((await call('GET', '/v1/schedules', { key })).json.data).toEqual([]);
  });

  it.each([{ cron: '' }, { time_zone: '' }])('refuses the change %j', async (change) => {
    const { call, key, make } = await setup();
    const at = `/v1/schedules/${(await make()).id}`;
    expect((await call('PATCH', at, { key, body: change })).json.errors?.[0]?.path).toBe(Object.keys(change)[0]);
    expect((await call('GET', at, { key })).json).toMatchObject({ cron: DAILY.cron, time_zone: DAILY.time_zone });
  });

  it.each(['schedules', 'triggers', 'webhooks'])(
    'of %s, a change of nothing is refused, and an address names it',
    async (noun) => {
      const { call, key } = await setup();
      const nothing = await call('PATCH', `/v1/${noun}/x_1`, { key, body: {} });
      expect([nothing.status, nothing.json.detail]).toEqual([422, expect.stringContaining('at least one setting')]);
      const none = await call('GET', `/v1/${noun}/-`, { key });
      expect(none.json.detail).toContain(`There is no such ${noun.slice(0, -1)} for you`);
    },
  );

  it('keeps each of two changes at once, and stays paused', async () => {
    const { call, key, world, make } = await setup();
    const at = `/v1/schedules/${(await make()).id}`;
    const get = world.userSchedules.get;
    /** A change that another request makes between the reading and the writing of the next one. */
    const meanwhile = (change: ScheduleChange) => {
      world.userSchedules.get = async (userId, id) => {
        const was = await get(userId, id);
        world.userSchedules.get = get;
        await world.userSchedules.change(userId, id, change);
        return was;
      };
    };
    meanwhile({ timeZone: 'UTC', nextRunAt: Date.parse('2026-11-11T08:30:00Z') });
    expect((await call('PATCH', at, { key, body: { cron: '0 12 * * *' } })).json).toMatchObject({
      ...{ cron: '0 12 * * *', time_zone: 'UTC', next_run_at: '2026-11-10T12:00:00.000Z' },
    });
    meanwhile({ enabled: false, nextRunAt: Number.POSITIVE_INFINITY });
    expect((await call('PATCH', at, { key, body: { cron: '0 13 * * *' } })).json).toMatchObject({
      ...{ cron: '0 13 * * *', enabled: false, next_run_at: null },
    });
  });

  it('is made once under a key', async () => {
    const { call, key } = await setup();
    const post = (body: object = {}) =>
      call('POST', '/v1/schedules', { key, body: { ...DAILY, ...body }, headers: { 'idempotency-key': 'one' } });
    const [first, again, other] = [await post(), await post(), await post({ name: 'Else' })];
    expect(again.json.id).toBe(first.json.id);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(other.json.code).toBe('idempotency_conflict');
  });

  it('is refused while nobody could tell the recovery cron', async () => {
    const { call, key, world } = await setup();
    world.live.lose();
    const open = world.live.open;
    world.live.open = async () => Promise.reject(new Error('away'));
    expect((await call('POST', '/v1/schedules', { key, body: DAILY })).json.code).toBe('unavailable');
    world.live.open = open;
    expect((await call('GET', '/v1/schedules', { key })).json.data).toEqual([]);
  });
});

describe('a run', () => {
  it('starts a session now, once under a key, and is listed with its cost', async () => {
    const { call, key, world, make } = await setup();
    const at = `/v1/schedules/${(await make()).id}`;
    const headers = { 'idempotency-key': 'now' };
    const run = await call('POST', `${at}/run`, { key, headers });
    expect([run.status, run.json]).toMatchObject([
      201,
      { cause: 'request', status: 'started', session_status: 'working' },
    ]);
    expect(run.headers.get('location')).toBe(`/v1/sessions/${run.json.session_id}`);
    await world.userSchedules.change('ada', at.split('/').at(-1)!, { template: { goals: 'x' } });
    const again = await call('POST', `${at}/run`, { key, headers });
    expect([again.json, again.headers.get('idempotent-replayed')]).toEqual([run.json, 'true']);
    await world.userSchedules.change('ada', at.split('/').at(-1)!, { template: DAILY.template });
    world.advance(1_000);
    expect((await call('POST', `${at}/run`, { key })).json).toMatchObject({
      ...{ status: 'skipped', session_id: null, reason: expect.stringMatching(/nothing was spent\.$/) },
    });
    const session = (await call('GET', `/v1/sessions/${run.json.session_id}`, { key })).json;
    expect(session).toMatchObject({ goal: 'Report.', max_cost_microdollars: 500_000 });
    expect(session.metadata).toMatchObject({ team: 'red', schedule_id: at.split('/').at(-1) });
    expect(world.queue.sent.map(({ sessionId }) => sessionId)).toContain(session.id);
    const runs = (await call('GET', `${at}/runs`, { key })).json;
    expect(runs).toMatchObject({
      data: [{ status: 'skipped' }, { status: 'started', cost_microdollars: 0 }],
      cost_30_days_microdollars: 0,
    });
  });

  it('of the sweep is by what the deployment has then; what cannot be had is a sentence', async () => {
    const { deps, world, make, key, call } = await setup();
    const { id } = await make();
    const order = async (more: object = {}) => {
      const schedule = (await world.userSchedules.get('ada', id))!;
      return orderRun(ready({ ...deps, ...more }), schedule, Date.parse('2026-11-11T07:30:00Z'));
    };
    expect(await order()).toMatchObject({
      session: {
        goal: 'Report.',
        model: 'claude-sonnet-5-5',
        maxCost: 500_000n,
        metadata: { due_at: '2026-11-11T07:30:00.000Z' },
      },
    });
    expect(await order({ agents: [] })).toEqual({ refused: expect.stringContaining('nothing was spent') });
    expect(await order({ tierModels: {} })).toMatchObject({
      refused: expect.stringContaining('The tier "standard" is not known'),
    });
    await world.userSchedules.change('ada', id, { template: { goals: 'x' } });
    expect(await order()).toMatchObject({ refused: expect.stringContaining('The template is not valid any more') });
    const getUser = async () => Promise.reject(new Error('away') as Problem);
    await expect(order({ accounts: { ...world.accounts, getUser } })).rejects.toThrow('away');
    expect((await call('POST', `/v1/schedules/${id}/run`, { key })).json.code).toBe('invalid_request');
  });
});
