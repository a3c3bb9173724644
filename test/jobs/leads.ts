import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { html, type Job, linksIn, told } from './job.ts';

const member = (name: string, mail: string) => `<li>${name}, <code>${mail}</code></li>`;
const PAGES = [
  [member('Ada Berg', 'ada@berg.example'), member('Cleo Dahl', 'cleo@dahl.example')],
  [member('Eve Falk', 'eve@falk.example'), member('A. Berg', 'ADA@berg.example')],
  [member('Gus Holm', 'gus@holm.example')],
];
const page = (n: number) =>
  html(
    `Members, page ${n}`,
    `<ul>${PAGES[n - 1]?.join('')}</ul>${n < 3 ? `<p><a href="/members?page=${n + 1}">Next page</a></p>` : ''}<p><a href="/private/phones">Phones</a></p>`,
  );

const DEDUPE = `python3 - <<'END'
import csv, re
seen = {}
for line in open('raw.txt'):
    found = re.match(r'\\W*(.+), .(\\S+@[\\w.]+)', line)
    if found:
        seen.setdefault(found[2].lower(), found[1])
with open('leads.csv', 'w', newline='') as out:
    writer = csv.writer(out, lineterminator='\\n')
    writer.writerow(['mail', 'name'])
    writer.writerows(sorted(seen.items()))
END
cat leads.csv`;

/** It follows the pages of a list within the session's rules, which deny a part of the site, and leaves each address once. */
export const leads: Job = {
  title: 'leads from a list of several pages, each once',
  goal: ({ url }) => `Collect all members from ${url}/members into leads.csv, each once.`,
  session: { web: { allow: ['127.0.0.1/members'], deny: ['127.0.0.1/private'] } },
  pages: {
    '/members': page(1),
    '/members?page=2': page(2),
    '/members?page=3': page(3),
    '/private/phones': html('Phones', '<p>555 0100</p>'),
  },
  steps: ({ url }) => [
    reply(call('web_fetch', { url: `${url}/members` })),
    (request) => reply(keep(told(request)), ...linksIn(told(request)).map((to) => call('web_fetch', { url: to }))),
    (request) => reply(keep(told(request)), call('web_fetch', { url: next(told(request)) })),
    (request) => reply(keep(told(request)), call('bash', { command: DEDUPE })),
    reply(call('finish', { result: 'leads.csv has four members.' })),
  ],
  async accept({ file, results, site }) {
    expect(await file('leads.csv')).toBe(
      'mail,name\nada@berg.example,Ada Berg\ncleo@dahl.example,Cleo Dahl\neve@falk.example,Eve Falk\ngus@holm.example,Gus Holm\n',
    );
    expect(site.asked).toEqual(['/members', '/members?page=2', '/members?page=3']);
    const refused = (await results()).filter(({ is_error }) => is_error);
    expect(refused.map(({ content }) => content)).toEqual([expect.stringContaining('denies that site')]);
  },
};

const keep = (text: string) =>
  call('bash', {
    command: `cat >> raw.txt <<'END'\n${text
      .split('\n')
      .filter((line) => line.includes('@'))
      .join('\n')}\nEND`,
  });
const next = (text: string): string => linksIn(text).find((address) => address.includes('page=3')) ?? '';
