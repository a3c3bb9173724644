/** What a process keeps of the conversations it has served: bounded, and never with a gap. */
import { describe, expect, it } from 'vitest';
import { complete, keepMessages } from '../../lib/adapters/postgres/message-cache.ts';
import type { StoredMessage } from '../../lib/core/session.ts';

const row = (n: number, text = ''): StoredMessage => ({ n, role: 'user', content: [{ type: 'text', text }] });
const kept = (...rows: StoredMessage[]) => ({ goal: 'goal', system: null, rows });

describe('kept messages', () => {
  it('lets the session go that was used longest ago when there is too much', () => {
    const cache = keepMessages(3_000);
    for (const id of ['a', 'b']) cache.put(id, kept(row(1, 'x'.repeat(1_000))));
    cache.append('a', [row(2)]);
    cache.put('c', kept(row(1, 'x'.repeat(1_000))));
    expect(cache.get('b')).toBeNull();
    expect(cache.get('a')?.rows).toHaveLength(2);
    cache.put('d', kept(row(1, 'x'.repeat(10_000))));
    expect(cache.get('d')).toBeNull();
    expect(cache.get('c')).not.toBeNull();
  });

  it('appends only what follows', () => {
    const cache = keepMessages();
    cache.put('a', kept(row(1)));
    cache.append('a', [row(3)]);
    cache.append('a', []);
    cache.append('nobody', [row(1)]);
    expect(cache.get('a')?.rows).toEqual([row(1)]);
    expect(cache.get('nobody')).toBeNull();
    cache.forget('a');
    expect(cache.get('a')).toBeNull();
  });

  it.each([
    ['both halves', [row(1), row(2)], [row(3)], 1, 3, [1, 2, 3]],
    ['what is below the pointer left out', [row(1), row(2)], [row(3)], 2, 3, [2, 3]],
    ['a gap between them', [row(1)], [row(3)], 1, 3, null],
    ['the last one missing', [row(1)], [row(2)], 1, 3, null],
    ['the first one missing', [row(2)], [row(3)], 1, 3, null],
    ['one twice', [row(1), row(2)], [row(2)], 1, 2, null],
  ])('completes a history: %s', (_, old, fresh, from, to, numbers) => {
    expect(complete(old, fresh, from, to)?.map(({ n }) => n) ?? null).toEqual(numbers);
  });
});
