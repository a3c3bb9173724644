/**
 * Jobs that people give to agents for days, each through the whole local system over HTTP: a site on loopback with redirects and traps, files in and
 * out, Python, a git server, an MCP server, webhooks. The model is scripted; everything else is real. Each ends with what a person would accept, at a bill equal to the ledger.
 */
import { afterAll, describe, expect, it, vi } from 'vitest';
import { TOKEN } from '../kit/git-server.ts';
import { DAYS, PATIENCE, type Person, stage } from '../local/acceptance/stage.ts';
import { appTesting } from './app-testing.ts';
import { book } from './book.ts';
import { configWith } from './circadian.config.ts';
import { cleaning } from './cleaning.ts';
import { competitors } from './competitors.ts';
import { corpus } from './corpus.ts';
import { digest } from './digest.ts';
import { inbox, MAIL_KEY, startMail } from './inbox.ts';
import { type Job, type Live, type Part, type Site, startSite } from './job.ts';
import { journal } from './journal.ts';
import { leads } from './leads.ts';
import { learningPlan } from './learning-plan.ts';
import { migration } from './migration.ts';
import { monitoring } from './monitoring.ts';
import { repository } from './repository.ts';
import { seo } from './seo.ts';
import { site } from './site.ts';

const mail = await startMail();
const JOBS: Job[] = [
  competitors,
  leads,
  cleaning,
  journal,
  corpus,
  site,
  migration,
  repository,
  inbox(mail),
  appTesting(),
  learningPlan(),
  book,
];

/**
 * Jobs that a schedule starts at half past two at night by local clocks, in the night in which they change: a time that is skipped in Sydney, that no
 * clock of Tokyo knows anything of, and that comes twice in Berlin. `eve`: when the schedule is made. `over`: when both of Berlin have passed.
 */
const SCHEDULED = [
  {
    ...{
      job: monitoring,
      time_zone: 'Australia/Sydney',
      eve: '2026-10-03T12:00:00.000Z',
      over: '2026-10-03T17:00:00Z',
    },
    ...{ due_at: '2026-10-03T16:00:00.000Z', next_run_at: '2026-10-04T15:30:00.000Z' },
  },
  {
    ...{ job: seo, time_zone: 'Asia/Tokyo', eve: '2026-10-24T12:00:00.000Z', over: '2026-10-24T18:00:00Z' },
    ...{ due_at: '2026-10-24T17:30:00.000Z', next_run_at: '2026-10-25T17:30:00.000Z' },
  },
  {
    ...{ job: digest, time_zone: 'Europe/Berlin', eve: '2026-10-24T20:00:00.000Z', over: '2026-10-25T02:00:00Z' },
    ...{ due_at: '2026-10-25T00:30:00.000Z', next_run_at: '2026-10-26T01:30:00.000Z' },
  },
];

const DAY_MS = 86_400_000;
/** A search costs more than nothing, so that its price is in the ledger. */
const SEARCH_PRICE = 5_000;
let found: object[] = [];
const json = { 'content-type': 'application/json' };
const searxng = await startSite({ '/search': () => ({ headers: json, body: JSON.stringify({ results: found }) }) });
const local = stage({
  startAt: Date.parse(SCHEDULED[0]!.eve) - DAY_MS,
  config: configWith(mail.url),
  iterateHandler: 'test/jobs/iterate.handler',
  toolSecrets: { TOOL_SECRET_GIT_TOKEN: TOKEN, TOOL_SECRET_MAIL_KEY: MAIL_KEY },
  env: {
    MAIL_SERVER: mail.url,
    ...{ TOOLS_LOOPBACK: '1', NOTIFY_LOOPBACK: '1', MAX_OUTPUT_TOKENS: '8000', LEAST_OUTPUT_TOKENS: '1024' },
    ...{ SEARCH_SERVICE: 'searxng', SEARXNG_URL: searxng.url, SEARCH_PRICE: String(SEARCH_PRICE) },
  },
});
afterAll(() => Promise.all([searxng.close(), mail.close()]));
afterAll(() => expect(local.failures).toEqual([]));

/** Of a person whose twenty days begin on whatever day it is by now. */
async function personOf({ daily }: Job): Promise<Person> {
  const { json } = await local.ask('GET', '/local/clock');
  const renewal = new Date(Date.parse(json.now) + DAYS * DAY_MS).toISOString().slice(0, 10);
  return local.person({ daily, subscription_renewal_date: renewal });
}

/** Begins a session; answers its id. */
type Start = (person: Person, session: { goal: string }) => Promise<string>;

async function atOnce(person: Person, session: { goal: string }): Promise<string> {
  const created = await person.call('POST', '/sessions', session);
  expect(created.status, created.text).toBe(201);
  return created.json.id;
}

/** One session from its beginning to its end. `billed`: what the model server has charged for it. */
async function play(part: Part, person: Person, web: Site, start: Start) {
  const { goal, requests, bill, done } = local.script(part.steps(web), part.goal(web));
  const id = await start(person, { goal, ...part.session });
  const get = (path: string) => person.call('GET', `/sessions/${id}${path}`);
  const live: Live = {
    ...{ person, local, site: web, id, requests },
    async file(path) {
      const { status, text } = await get(`/files/${path}`);
      expect(status, `${path}: ${text}`).toBe(200);
      return text;
    },
    paths: async () => (await get('/files')).json.data.map(({ path }: { path: string }) => path),
    results: async () =>
      (await person.journal(id))
        .filter(({ type }) => type === 'agent.tool.result')
        .map(({ content, is_error }) => ({ content: String(content), is_error: is_error === true })),
  };
  await part.meanwhile?.(live);
  const { cost_microdollars: cost } = await person.carried(id, { status: 'completed' });
  done();
  return { live, cost, billed: bill().reduce((sum, { cost_microdollars }) => sum + cost_microdollars, 0) };
}

/** A whole job, accepted, at a bill equal to the ledger. */
async function played(job: Job, start: Start) {
  const web = await (job.serve?.() ?? startSite(job.pages));
  found = job.found?.(web) ?? [];
  const searched = searxng.asked.length;
  try {
    const person = await personOf(job);
    await job.before?.(person, web, local);
    const parts = [await play(job, person, web, start)];
    if (job.later) parts.push(await play(job.later, person, web, start));
    await job.accept(parts.at(-1)!.live);
    const sum = (field: 'cost' | 'billed') => parts.reduce((all, one) => all + one[field], 0);
    const billed = sum('billed') + SEARCH_PRICE * (searxng.asked.length - searched);
    const budget = await person.budget();
    expect(sum('billed')).toBeGreaterThan(0);
    const { subscription, held_microdollars } = budget;
    expect([sum('cost'), subscription.spent_microdollars, held_microdollars]).toEqual([billed, billed, 0]);
    return { person, live: parts.at(-1)!.live, billed };
  } finally {
    await web.close();
  }
}

describe('a job that a schedule starts in the night in which clocks change', () => {
  // In the order of their nights: the clock never goes back.
  it.each(SCHEDULED)('$job.title, in $time_zone', async ({ job, time_zone, due_at, next_run_at, eve, over }) => {
    expect((await local.moveClock({ now: eve })).status).toBe(200);
    let path = '';
    const bySchedule: Start = async (person, template) => {
      const terms = { name: time_zone, cron: '30 2 * * *', time_zone, max_cost_microdollars: 5_000_000, template };
      const made = await person.call('POST', '/schedules', terms);
      expect([made.status, made.json.next_run_at], made.text).toEqual([201, due_at]);
      path = `/schedules/${made.json.id}`;
      await local.moveClock({ now: over });
      return vi.waitFor(async () => {
        const { data } = (await person.call('GET', `${path}/runs`)).json;
        expect(data).toMatchObject([{ due_at, status: 'started', session_id: expect.any(String) }]);
        return data[0].session_id;
      }, PATIENCE);
    };
    const { person, live, billed } = await played(job, bySchedule);
    const run = { due_at, cause: 'cron', status: 'started', session_id: live.id, session_status: 'completed' };
    expect((await person.call('GET', `${path}/runs`)).json).toMatchObject({
      data: [{ ...run, cost_microdollars: billed }],
      cost_30_days_microdollars: billed,
    });
    expect((await person.call('GET', path)).json).toMatchObject({ next_run_at });
    expect((await person.call('DELETE', path)).status).toBe(204);
  });
});

describe('a job', () => {
  it.each(JOBS)('$title', async (job) => {
    await played(job, atOnce);
  });
});
