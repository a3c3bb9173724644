/**
 * Jobs that people give to agents for days, each through the whole local system over HTTP: a site on loopback with redirects and traps, files in and
 * out, Python, a git server, an MCP server, webhooks. The model is scripted; everything else is real. Each ends with what a person would accept, at a bill equal to the ledger.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { TOKEN } from '../kit/git-server.ts';
import { DAYS, type Person, stage } from '../local/acceptance/stage.ts';
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

const JOBS: Job[] = [
  digest,
  competitors,
  leads,
  seo,
  monitoring,
  cleaning,
  journal,
  corpus,
  site,
  migration,
  repository,
  inbox,
  appTesting,
  learningPlan,
  book,
];

const DAY_MS = 86_400_000;
/** A search costs more than nothing, so that its price is in the ledger. */
const SEARCH_PRICE = 5_000;
let found: object[] = [];
const json = { 'content-type': 'application/json' };
const searxng = await startSite({ '/search': () => ({ headers: json, body: JSON.stringify({ results: found }) }) });
const mail = await startMail();

const local = stage({
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

/** One session from its beginning to its end. `billed`: what the model server has charged for it. */
async function play(part: Part, person: Person, web: Site) {
  const { goal, requests, bill, done } = local.script(part.steps(web), part.goal(web));
  const created = await person.call('POST', '/sessions', { goal, ...part.session });
  expect(created.status, created.text).toBe(201);
  const { id } = created.json;
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

describe('a job', () => {
  it.each(JOBS)('$title', async (job) => {
    const web = await (job.serve?.() ?? startSite(job.pages));
    found = job.found?.(web) ?? [];
    const searched = searxng.asked.length;
    try {
      const person = await personOf(job);
      await job.before?.(person, web, local);
      const played = [await play(job, person, web)];
      if (job.later) played.push(await play(job.later, person, web));
      await job.accept(played.at(-1)!.live);
      const sum = (field: 'cost' | 'billed') => played.reduce((all, one) => all + one[field], 0);
      const billed = sum('billed') + SEARCH_PRICE * (searxng.asked.length - searched);
      const budget = await person.budget();
      expect(sum('billed')).toBeGreaterThan(0);
      expect([sum('cost'), budget.subscription.spent_microdollars, budget.held_microdollars]).toEqual([
        ...[billed, billed, 0],
      ]);
    } finally {
      await web.close();
    }
  });
});
