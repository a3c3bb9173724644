import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { html, type Job, linksIn, redirect, told } from './job.ts';

const LONG = 'Everything that anybody could ever want to know about the pears of our valley and their many keepers';

/** It asks every address that the site map names, and finds what a search engine would stumble over. */
export const seo: Job = {
  title: 'an audit of a site’s pages for search engines',
  goal: ({ url }) =>
    `Audit ${url}/: ask each page that it links to. Write audit.csv: page, status, length of its title.`,
  pages: {
    '/': html('Pears', '<p><a href="/apples">Apples</a> <a href="/old-pears">Pears</a> <a href="/gone">Plums</a></p>'),
    '/apples': html('Apples', '<p>Red ones.</p>'),
    '/old-pears': redirect('/pears', 301),
    '/pears': html(LONG, '<p>Green ones.</p>'),
  },
  steps: ({ url }) => [
    reply(call('web_fetch', { url: `${url}/` })),
    (request) => reply(...linksIn(told(request)).map((address) => call('web_fetch', { url: address }))),
    (request) => {
      const rows = [
        ...told(request).matchAll(
          /(The server answered (\d+)\. )?Content of "([^"]+)"[\s\S]*?(?=Content of|The server answered|$)/g,
        ),
      ].map(([piece, , status, address]) => {
        const title = /Title: (.*)/.exec(piece)?.[1] ?? '';
        return `${new URL(address ?? '').pathname},${status ?? 200},${title.length}`;
      });
      return reply(call('write_file', { path: 'audit.csv', content: `page,status,title\n${rows.join('\n')}\n` }));
    },
    reply(
      call('bash', {
        command: `awk -F, 'NR > 1 && ($2 >= 400 || $3 > 60) { print $1 }' audit.csv > problems.txt; cat problems.txt`,
      }),
    ),
    reply(call('finish', { result: 'Two pages have problems: problems.txt.' })),
  ],
  async accept({ file }) {
    expect(await file('audit.csv')).toBe(`page,status,title\n/apples,200,6\n/pears,200,${LONG.length}\n/gone,404,0\n`);
    expect(await file('problems.txt')).toBe('/pears\n/gone\n');
  },
};
