/** What paid tools cost is in the money that a session decides with and tells of, as soon as it has their results. */
import { expect, it } from 'vitest';
import type { LogEntry } from '../../lib/core/events.ts';
import { charged } from '../../lib/core/paid-tool.ts';
import type { ToolResult } from '../../lib/core/session.ts';
import { afterSettle, agent, day, ready, reply, saveOf, toolUse, when } from './given.ts';

const bought = (id: string, cost: bigint | null, on = day().date): ToolResult => ({
  ...{ id, content: 'bought', isError: false },
  paid: { n: 2, cost, held: 8_000n, day: on },
});
const results = [bought('a', 5_000n), bought('b', null), bought('c', 0n)];

it('charges the day and the share with each cost, and with all of a hold whose cost nobody knows', () => {
  const share = { allowance: 5_000_000n, ceiling: 5_500_000n, spent: 700n, held: 0n };
  const s = charged(ready({ cost: 1_000n, day: day(1_000n, { share }) }), results);
  expect(s.cost).toBe(14_000n);
  expect(s.day).toEqual(day(14_000n, { share: { ...share, spent: 13_700n } }));
});

it('leaves the day as it is where a tool was paid for after midnight', () => {
  const s = charged(ready({ cost: 1_000n, day: day(1_000n) }), [bought('a', 5_000n, '2026-11-23')]);
  expect([s.cost, s.day]).toEqual([6_000n, day(1_000n)]);
});

/** What the meter says after a reply that called `calls`, of which the paid ones have come back. */
function metersOf(calls: string[], facts: object, came: ToolResult[] = results): unknown[] {
  const asked = reply(
    calls.map((id) => toolUse(id, id === 'ask' ? 'put' : 'bash')),
    'tool_use',
  );
  const { session } = afterSettle(ready({ facts, cost: 1_000n }), asked);
  const { journal, paid } = saveOf(when(session, { type: 'observed', results: came }));
  expect(paid).toEqual(came.flatMap((r) => (r.paid ? [{ n: 2, cost: r.paid.cost }] : [])));
  const meters = journal.filter((entry): entry is Extract<LogEntry, { type: 'agent.budget_updated' }> =>
    entry.type.endsWith('budget_updated'),
  );
  return meters.map(({ data }) => data.spent_microdollars);
}

it('moves the meter once more, and only where something was charged', () => {
  expect(metersOf(['a', 'b', 'c'], {})).toEqual([1_000, 14_000]);
  expect(metersOf(['c'], {}, [bought('c', 0n)])).toEqual([1_000]);
});

it('moves the meter also where another call of the reply waits for a person', () => {
  const tools = ['bash', 'put'].map((name) => ({ ...agent.tools[0]!, name }));
  const approval = { asks: ({ name }: { name: string }) => name === 'put', hash: (text: string) => text };
  expect(metersOf(['a', 'b', 'c', 'ask'], { agent: { ...agent, tools }, approval })).toEqual([1_000, 14_000]);
});
