/** Every document that names costs names those of the list prices. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { costTables, idleMonth, sum, thousandIterations } from '../capacity/tables.ts';
import { withCosts } from './costs.ts';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

describe('the cost tables', () => {
  it('of docs/operations.md are reckoned from the prices: run `npm run docs`', () => {
    expect(withCosts(read('docs/operations.md'))).toBe(read('docs/operations.md'));
    expect(read('docs/operations.md')).toContain(costTables());
  });

  it('add up to what README.md and the comparison say', () => {
    const [idle, free] = [dollars(sum(idleMonth(), 'dollars')), dollars(sum(idleMonth(), 'free'))];
    const busy = dollars(sum(thousandIterations(), 'dollars'));
    expect(read('README.md')).toContain(`an idle deployment costs ${idle} a month (${free} with`);
    expect(read('README.md')).toContain(`1,000 iterations cost ${busy}`);
    expect(read('docs/comparison.md')).toContain(`crons (${idle} a month in all, by list prices)`);
  });

  it('never cost more with free tiers than by list price', () => {
    for (const { name, dollars: list, free } of idleMonth()) {
      expect(list, name).toBeGreaterThan(0);
      expect(free, name).toBeLessThanOrEqual(list);
    }
  });
});
