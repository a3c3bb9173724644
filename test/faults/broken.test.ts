/**
 * The checkers can fail: for each guarantee a variant of the product without it, caught in the smallest scenario that breaks it. All variants,
 * also those of the sources, are tried by `node test/faults/broken/main.ts`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { hasPostgres, realPostgres } from '../kit/servers.ts';
import { applySql, patched } from './broken/apply.ts';
import { type Lab, openLab } from './broken/lab.ts';
import { caughtBy, play } from './broken/trial.ts';
import { trials } from './broken/variants/index.ts';

const PROMISES = [
  ...Array.from({ length: 12 }, (_, i) => `G${i + 1}`),
  ...Array.from({ length: 15 }, (_, i) => `R${i + 1}`),
];

/** The first variant of each guarantee whose SQL is broken: those need no process of their own. */
const quick = PROMISES.filter((promise) => promise.startsWith('G')).flatMap(
  (promise) => trials.find(({ variant }) => variant.breaks === promise && variant.sql) ?? [],
);

describe('broken variants', () => {
  it.each(PROMISES)('%s has one at least', (promise) => {
    expect(trials.filter(({ variant }) => variant.breaks === promise)).not.toEqual([]);
  });

  it('have names of their own, and expect some check', () => {
    expect(new Set(trials.map(({ variant }) => variant.name)).size).toBe(trials.length);
    for (const { variant } of trials) expect(variant.expects).not.toEqual([]);
  });

  it('are refused when the text that they replace is not there once', async () => {
    const query = async () => ({ rows: [{ text: 'create function f() as $$ begin return 1; end $$' }] });
    const refused = applySql(query, [{ function: 'f', from: 'return 2', to: 'return 3' }]);
    await expect(refused).rejects.toThrow('f has 0 places with: return 2');
    expect(() => patched('a b a', { from: 'a', to: 'c' }, 'lib/x.ts')).toThrow('lib/x.ts has 2 places with: a');
  });

  describe.skipIf(!hasPostgres)('on PostgreSQL', () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await openLab((await realPostgres())!);
    });

    it.each(quick.map((trial) => ({ name: `${trial.variant.breaks}: ${trial.variant.name}`, ...trial })))(
      '$name',
      async ({ variant, scenario }) => {
        expect((await play(lab, scenario, null)).violations).toEqual([]);
        const played = await play(lab, scenario, variant);
        expect(caughtBy(variant, played), JSON.stringify(played.violations)).toBeDefined();
      },
    );
  });
});
