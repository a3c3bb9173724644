import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { type Job, type Live, told } from './job.ts';

const DAYS = {
  '2026-11-09': 'symbol,side,quantity,price\nPEAR,buy,10,20.00\nPLUM,buy,5,40.00\n',
  '2026-11-10': 'symbol,side,quantity,price\nPEAR,sell,10,23.50\nPLUM,sell,2,38.00\n',
} as const;

const BOOK = `python3 - <<'END'
import csv, glob
held, cost, gained = {}, {}, 0.0
for path in sorted(glob.glob('trades/*.csv')):
    for row in csv.DictReader(open(path)):
        name, n, price = row['symbol'], int(row['quantity']), float(row['price'])
        if row['side'] == 'buy':
            held[name] = held.get(name, 0) + n
            cost[name] = cost.get(name, 0) + n * price
        else:
            mean = cost[name] / held[name]
            gained += n * (price - mean)
            held[name] -= n
            cost[name] -= n * mean
open('journal.md', 'w').write(f'Realised: {gained:.2f}. Open: ' + (', '.join(f'{n} {name}' for name, n in sorted(held.items()) if n) or 'none') + '.\\n')
END
cat journal.md`;

const asked = (day: string) => reply(call('ask_user', { question: `The book is written. The trades after ${day}?` }));

/** The person sends a file each day and answers; the agent waits at no cost and keeps the book. */
export const journal: Job = {
  title: 'a trading journal, kept over days from files that its person sends',
  goal: () =>
    'Keep journal.md from the trades that I put into trades/: what is realised, what is open. Ask me for the next day when you are done.',
  session: { files: [{ path: 'trades/2026-11-09.csv', content: DAYS['2026-11-09'] }] },
  steps: () => [
    reply(call('bash', { command: BOOK })),
    asked('2026-11-09'),
    (request) => {
      expect(told(request)).toContain('trades/2026-11-10.csv');
      return reply(call('bash', { command: BOOK }));
    },
    reply(call('finish', { result: 'The book is up to date: journal.md.' })),
  ],
  async meanwhile({ person, id, file, local }: Live) {
    await person.until(id, { status: 'waiting_for_input' });
    expect(await file('journal.md')).toBe('Realised: 0.00. Open: 10 PEAR, 5 PLUM.\n');
    const path = `/v1/sessions/${id}/files/trades/2026-11-10.csv`;
    const put = await local.ask('PUT', path, { key: person.key, raw: DAYS['2026-11-10'] });
    expect(put.status, put.text).toBe(201);
    await person.wish(id, 'messages', { content: 'Here they are.' });
  },
  async accept({ file }) {
    expect(await file('journal.md')).toBe('Realised: 31.00. Open: 3 PLUM.\n');
  },
};
