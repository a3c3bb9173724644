import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { html, type Job } from './job.ts';

const prices = (pro: number) =>
  html(
    'Prices',
    `<table><tr><th>Plan</th><th>Price</th></tr><tr><td>Free</td><td>$0</td></tr><tr><td>Pro</td><td>$${pro}</td></tr></table>`,
  );

/** Reads the prices out of what web_fetch gave, which is a table in Markdown. */
const KEEP = (day: string, pro: number) =>
  `mkdir -p prices && printf 'plan,price\\nFree,0\\nPro,${pro}\\n' > prices/${day}.csv`;
const COMPARE = `python3 - <<'END'
import csv
def read(day):
    return {row['plan']: int(row['price']) for row in csv.DictReader(open(f'prices/{day}.csv'))}
before, after = read('monday'), read('tuesday')
changes = [f'{plan}: \${before[plan]} -> \${after[plan]}' for plan in after if before.get(plan) != after[plan]]
open('changes.md', 'w').write('\\n'.join(changes) + '\\n')
END
cat changes.md`;

/** It looks, sleeps for a day at no cost, looks again with fresh eyes, and tells what has changed. */
export const competitors: Job = {
  title: 'watching a competitor’s prices from one day to the next',
  goal: ({ url }) => `Look at ${url}/prices today and tomorrow, and write to changes.md what has changed.`,
  pages: { '/prices': (nth) => ({ body: prices(nth === 0 ? 20 : 25) }) },
  steps: ({ url }) => [
    reply(call('web_fetch', { url: `${url}/prices` })),
    (request) => reply(call('bash', { command: KEEP('monday', proIn(JSON.stringify(request.messages.at(-1)))) })),
    reply(call('sleep', { minutes: 24 * 60, note: 'prices/monday.csv is written; look again and compare.' })),
    reply(call('web_fetch', { url: `${url}/prices` })),
    (request) => reply(call('bash', { command: KEEP('tuesday', proIn(JSON.stringify(request.messages.at(-1)))) })),
    reply(call('bash', { command: COMPARE })),
    reply(call('finish', { result: 'One price has changed: see changes.md.' })),
  ],
  async accept({ file, site }) {
    expect(await file('changes.md')).toBe('Pro: $20 -> $25\n');
    expect(site.asked).toEqual(['/prices', '/prices']);
  },
};

const proIn = (text: string): number => Number(/Pro \| \$(\d+)/.exec(text)?.[1]);
