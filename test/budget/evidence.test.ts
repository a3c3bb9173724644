/** What a report of whole hours proves: which hours a doubtful call may count for, and how what is left for them is shared. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, shared, spansOf } from '../../lib/budget/evidence.ts';

const at = (time: string) => Date.parse(`2026-11-10T${time}:00Z`);
const MODEL = 'claude-haiku-5-5';
const doubt = (time: string, over: object = {}) => ({
  ...{ model: MODEL, cost: 100n, usage: null, at: at(time), ended: at(time) + 60_000 },
  ...over,
});

describe('the hours of doubtful calls', () => {
  it.each([
    ['in mid-hour', doubt('08:30'), '08:00', '09:00'],
    ['that began as the hour did', doubt('08:02'), '07:00', '09:00'],
    ['that ended as it did', doubt('08:53', { ended: at('08:56') }), '08:00', '10:00'],
    [
      'that were charged days later, since their owner had died',
      doubt('08:30', { ended: at('08:30') + 3e8 }),
      '08:00',
      '09:00',
    ],
  ])('one %s', (_, one, from, to) => {
    expect(spansOf([one])).toMatchObject([{ from: at(from), to: at(to) }]);
  });

  it('are joined where they touch, model by model, a dated id with its model', () => {
    const all = [
      doubt('08:30'),
      doubt('08:58'),
      doubt('09:30'),
      doubt('12:30'),
      doubt('08:40', { model: `${MODEL}-20261001` }),
    ];
    const others = [doubt('08:30', { model: 'claude-opus-5-5' })];
    const spans = spansOf([...all, ...others]).map(({ model, from, to, doubts }) => [model, from, to, doubts.length]);
    expect(spans).toEqual([
      [MODEL, at('08:00'), at('10:00'), 4],
      ['claude-opus-5-5', at('08:00'), at('09:00'), 1],
      [MODEL, at('12:00'), at('13:00'), 1],
    ]);
    expect(HOUR_MS).toBe(3_600_000);
  });
});

describe('what is left for them', () => {
  const costs = (list: { cost: bigint }[] | null) => list?.map(({ cost }) => cost) ?? null;

  it('is shared in proportion, rounded up; nothing left is nothing charged', () => {
    const [a, b] = [doubt('08:10', { cost: 300n }), doubt('08:20')];
    expect(costs(shared([a, b], 0n))).toEqual([0n, 0n]);
    expect(costs(shared([a, b], 101n))).toEqual([76n, 26n]);
    expect(costs(shared([a, b], 400n))).toBeNull();
    expect(costs(shared([a, b], 999n))).toBeNull();
  });

  it('never takes away what is known: the prompt of a stream that was cut', () => {
    const cut = doubt('08:10', { cost: 3_000n, usage: { input_tokens: 1_000, output_tokens: 1 } });
    const known = shared([cut, doubt('08:20')], 2_000n)!;
    expect(known[0]!.cost).toBeGreaterThanOrEqual(1_000n);
    expect(shared([cut], 10n)).toBeNull();
    expect(
      shared([{ ...cut, model: 'claude-hasUnreadMessages-of' }, doubt('08:20')], 3_000n)!.map(({ cost }) => cost),
    ).toEqual([3_000n, 0n]);
  });

  it('is never less than the remainder in sum, and for none more than its charge', () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt(1n, 10n ** 9n), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, part) => {
          const doubts = list.map((cost) => doubt('08:30', { cost }));
          const charged = list.reduce((sum, cost) => sum + cost, 0n);
          const remainder = BigInt(Math.floor(Number(charged) * part));
          const lowered = shared(doubts, remainder);
          if (remainder >= charged) return void expect(lowered).toBeNull();
          const sum = lowered!.reduce((total, { cost }) => total + cost, 0n);
          expect(sum).toBeGreaterThanOrEqual(remainder);
          expect(sum).toBeLessThan(remainder + BigInt(list.length));
          for (const { doubt: of, cost } of lowered!) expect(cost).toBeLessThanOrEqual(of.cost);
        },
      ),
    );
  });
});
