/** The arithmetic of schema/functions/_rules.sql and of lib/budget/rules.ts is the same, for any numbers that can occur. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as rules from '../../lib/budget/rules.ts';
import { onPostgres } from '../money/kit.ts';

const INPUTS = 1_000;
const money = fc.oneof(fc.bigInt(0n, 100n), fc.bigInt(0n, 100_000_000n), fc.bigInt(0n, rules.MOST_MICRODOLLARS));
const multiple = fc.option(fc.integer({ min: 100, max: 999_999 }).map((hundredths) => hundredths / 100));
const days = fc.integer({ min: 1, max: 400 });
const anchor = fc.integer({ min: 1, max: 31 });
const percent = fc.integer({ min: 1, max: 100 });
const date = fc
  .integer({ min: Date.UTC(2020), max: Date.UTC(2040) })
  .map((ms) => new Date(ms).toISOString().slice(0, 10));

type Value = bigint | number | string | null;
type Rule = [sql: string, types: string[], inputs: fc.Arbitrary<Value[]>, twin: (...values: never[]) => Value];

const RULES: Rule[] = [
  ['largest_sum', [], fc.constant([]), () => rules.MOST_MICRODOLLARS],
  ['days_until', ['date', 'date'], fc.tuple(fc.option(date), date), rules.daysUntil],
  [
    'allowance_of',
    ['numeric', 'numeric', 'int', 'numeric', 'int', 'numeric'],
    fc.tuple(money, money, days, money, days, multiple),
    (left: bigint, forToday: bigint, until: number, all: bigint, cycleDays: number, most: number | null) =>
      rules.allowanceOf({ left, forToday, days: until, money: all, cycleDays, multiple: most }),
  ],
  ['ceiling_of', ['bigint', 'numeric'], fc.tuple(money, money), rules.ceilingOf],
  ['graceful_at', ['bigint'], fc.tuple(money), rules.gracefulAt],
  ['share_of', ['bigint', 'int'], fc.tuple(money, percent), rules.shareOf],
  ['handoff_need', ['bigint', 'bigint'], fc.tuple(money, money), rules.handoffNeed],
  ['handoff_reserve_of', ['bigint', 'numeric', 'bigint'], fc.tuple(money, money, money), rules.handoffReserveOf],
  ['next_renewal', ['date', 'int', 'date'], fc.tuple(date, anchor, date), rules.nextRenewal],
];

onPostgres('the rules', (_t, db) => {
  it.each(RULES)('%s is what its twin in TypeScript is', async (name, types, inputs, twin) => {
    const seen = fc.sample(inputs, INPUTS);
    const values = types.map((type, i) => `(v ->> ${i})::${type}`).join(', ');
    const rows = await db().rows(
      `select ${name}(${values})::text as answer from json_array_elements($1::json) with ordinality x(v, i) order by i`,
      JSON.stringify(seen.map((one) => one.map((value) => (typeof value === 'bigint' ? String(value) : value)))),
    );
    const answers = rows.map(({ answer }, i) => ({ of: seen[i], answer }));
    expect(answers).toEqual(seen.map((of) => ({ of, answer: String(twin(...(of as never[]))) })));
  });
});

it('are all that their file has', () => {
  const text = readFileSync(new URL('../../schema/functions/_rules.sql', import.meta.url), 'utf8');
  expect([...text.matchAll(/^create or replace function (\w+)/gm)].map(([, name]) => name)).toEqual(
    RULES.map(([name]) => name),
  );
});
