/**
 * Jobs that people give to agents for days, each through the whole local system over HTTP: a site on loopback with redirects and traps, files in and
 * out, Python, a git server. The model is scripted; everything else is real. Each ends with what a person would accept, at a bill equal to the ledger.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { TOKEN } from '../kit/git-server.ts';
import { stage } from '../local/acceptance/stage.ts';
import config from './circadian.config.ts';
import { cleaning } from './cleaning.ts';
import { competitors } from './competitors.ts';
import { corpus } from './corpus.ts';
import { digest } from './digest.ts';
import { type Job, type Live, startSite } from './job.ts';
import { journal } from './journal.ts';
import { leads } from './leads.ts';
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
];

/** A search costs more than nothing, so that its price is in the ledger. */
const SEARCH_PRICE = 5_000;
let found: object[] = [];
const json = { 'content-type': 'application/json' };
const searxng = await startSite({ '/search': () => ({ headers: json, body: JSON.stringify({ results: found }) }) });

const local = stage({
  config,
  iterateHandler: 'test/jobs/iterate.handler',
  toolSecrets: { TOOL_SECRET_GIT_TOKEN: TOKEN },
  env: {
    ...{ TOOLS_LOOPBACK: '1', MAX_OUTPUT_TOKENS: '8000', LEAST_OUTPUT_TOKENS: '1024' },
    ...{ SEARCH_SERVICE: 'searxng', SEARXNG_URL: searxng.url, SEARCH_PRICE: String(SEARCH_PRICE) },
  },
});
afterAll(() => searxng.close());
afterAll(() => expect(local.failures).toEqual([]));

describe('a job', () => {
  it.each(JOBS)('$title', async (job) => {
    const web = await (job.serve?.() ?? startSite(job.pages));
    found = job.found?.(web) ?? [];
    const searched = searxng.asked.length;
    try {
      const person = await local.person();
      const { goal, requests, bill, done } = local.script(job.steps(web), job.goal(web));
      const created = await person.call('POST', '/sessions', { goal, ...job.session });
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
      await job.meanwhile?.(live);
      const ended = await person.carried(id, { status: 'completed' });
      done();
      await job.accept(live);
      const calls = bill().reduce((sum, { cost_microdollars }) => sum + cost_microdollars, 0);
      const billed = calls + SEARCH_PRICE * (searxng.asked.length - searched);
      const budget = await person.budget();
      expect(calls).toBeGreaterThan(0);
      expect([ended.cost_microdollars, budget.subscription.spent_microdollars, budget.held_microdollars]).toEqual([
        ...[billed, billed, 0],
      ]);
    } finally {
      await web.close();
    }
  });
});
