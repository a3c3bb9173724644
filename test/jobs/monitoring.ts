import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { html, type Job } from './job.ts';

const LOOKS = 4;

/** It looks once an hour and sleeps in between, which costs nothing, until the page says that something is wrong. */
export const monitoring: Job = {
  title: 'watching a page by the hour, until it breaks',
  goal: ({ url }) => `Look at ${url}/status every hour. When it is not well, write incident.md and stop.`,
  pages: {
    '/status': (nth) =>
      nth < LOOKS - 1
        ? { body: html('Status', '<p>All well.</p>') }
        : { status: 503, body: html('Status', '<p>Database away.</p>') },
  },
  steps: ({ url }) => [
    ...Array.from({ length: LOOKS - 1 }, () => [
      reply(call('web_fetch', { url: `${url}/status` })),
      reply(call('sleep', { minutes: 60, note: 'All well. Look again.' })),
    ]).flat(),
    reply(call('web_fetch', { url: `${url}/status` })),
    (request) => {
      const [, status, said] =
        /answered (\d+)[\s\S]*?(Database away)/.exec(JSON.stringify(request.messages.at(-1))) ?? [];
      return reply(call('write_file', { path: 'incident.md', content: `${status}: ${said}\n` }));
    },
    reply(call('finish', { result: 'The page is not well: incident.md.' })),
  ],
  async accept({ file, site, person, id }) {
    expect(await file('incident.md')).toBe('503: Database away\n');
    expect(site.asked).toHaveLength(LOOKS);
    const slept = (await person.journal(id)).filter(({ type }) => type === 'agent.sleeping');
    expect(slept).toHaveLength(LOOKS - 1);
  },
};
