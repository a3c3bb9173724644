import { expect } from 'vitest';
import { call, reply } from '../../lib/local/model/answer.ts';
import { type Job, told } from './job.ts';

const RAW = [
  'date;customer;amount',
  '2026-01-05;Berg;1 200,50',
  '06.01.2026;berg ;300',
  '2026-01-05;Berg;1 200,50',
  '01/07/2026;Dahl;n/a',
  '08.01.2026; Falk;99,95',
  '',
].join('\r\n');

const CLEAN = `cat > clean.py <<'END'
import csv, re
from datetime import datetime
def date(text):
    for form in ('%Y-%m-%d', '%d.%m.%Y', '%m/%d/%Y'):
        try:
            return datetime.strptime(text, form).date().isoformat()
        except ValueError:
            pass
    raise ValueError(text)
rows, left = [], []
for row in csv.DictReader(open('sales.csv', newline=''), delimiter=';'):
    amount = re.sub(r'\\s', '', row['amount']).replace(',', '.')
    if not re.fullmatch(r'[\\d.]+', amount):
        left.append(row)
        continue
    one = (date(row['date']), row['customer'].strip().title(), f'{float(amount):.2f}')
    if one not in rows:
        rows.append(one)
with open('clean.csv', 'w', newline='') as out:
    writer = csv.writer(out, lineterminator='\\n')
    writer.writerow(['date', 'customer', 'amount'])
    writer.writerows(sorted(rows))
print(f'{len(rows)} rows, {len(left)} left out')
END
python3 clean.py`;

/** A file goes in, Python runs on it, a file comes out. */
export const cleaning: Job = {
  title: 'a table of sales put in order by Python',
  goal: () =>
    'Put sales.csv in order: ISO dates, one form of names and amounts, no row twice. Write clean.csv and say what you left out.',
  session: { files: [{ path: 'sales.csv', content: RAW }] },
  steps: () => [
    reply(call('bash', { command: 'head -3 sales.csv; wc -l sales.csv' })),
    reply(call('bash', { command: CLEAN })),
    (request) => reply(call('finish', { result: `clean.csv: ${/\d+ rows, \d+ left out/.exec(told(request))?.[0]}.` })),
  ],
  async accept({ file, person, id }) {
    expect(await file('clean.csv')).toBe(
      'date,customer,amount\n2026-01-05,Berg,1200.50\n2026-01-06,Berg,300.00\n2026-01-08,Falk,99.95\n',
    );
    expect((await person.get(id)).result).toBe('clean.csv: 3 rows, 1 left out.');
  },
};
