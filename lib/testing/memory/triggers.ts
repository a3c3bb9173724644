/** Inbound triggers by the words of the port (lib/ports/triggers.ts). */
import { MOST_SCHEDULES, type Trigger, type Triggers } from '../../ports/index.ts';
import { pageOf } from './lists.ts';
import { counting, rotated } from './secrets.ts';
import { copy, type Store, type TriggerRow } from './store.ts';

export function memoryTriggers(store: Store): Triggers {
  const find = (userId: string, id: string) => {
    const row = store.triggers.get(id);
    return row?.userId === userId ? row : null;
  };
  const shown = ({ order: _, secret: __, previous: ___, ...row }: TriggerRow): Trigger => copy(row);
  const rowsOf = (userId: string) => [...store.triggers.values()].filter((row) => row.userId === userId);
  return {
    async create(userId, trigger, once) {
      const key = once && `${userId} trigger ${once.key}`;
      const earlier = key ? store.operations.get(key) : undefined;
      if (earlier && earlier.fingerprint !== once?.fingerprint) return 'conflict';
      const made = find(userId, earlier?.sessionId ?? trigger.id);
      if (made) return shown(made);
      if (earlier) return 'conflict';
      if (rowsOf(userId).length >= MOST_SCHEDULES) return 'full';
      if (key && once) store.operations.set(key, { fingerprint: once.fingerprint, sessionId: trigger.id });
      const row: TriggerRow = {
        ...copy(trigger),
        ...{ userId, createdAt: store.now, updatedAt: store.now, lastUsedAt: null },
        ...{ order: store.triggers.size, previous: [] },
      };
      store.triggers.set(row.id, row);
      return shown(row);
    },
    async list(userId, page) {
      const rows = rowsOf(userId).sort((a, b) => b.order - a.order);
      const { data, next } = pageOf(rows, page, ({ id }) => id);
      return { data: data.map(shown), next };
    },
    async get(userId, id) {
      const row = find(userId, id);
      return row && shown(row);
    },
    async change(userId, id, { name, action }) {
      const row = find(userId, id);
      if (!row) return null;
      Object.assign(row, { name: name ?? row.name, updatedAt: store.now }, copy(action));
      return shown(row);
    },
    async rotate(userId, id, secret, operation) {
      const row = find(userId, id);
      return row && { isNew: rotated(store, row, secret, operation), trigger: shown(row) };
    },
    async remove(userId, id) {
      return find(userId, id) !== null && store.triggers.delete(id);
    },
    async find(id) {
      const row = store.triggers.get(id);
      if (!row) return null;
      return { trigger: shown(row), secrets: counting(store, row) };
    },
    async used(userId, id) {
      const row = find(userId, id);
      if (row && (row.lastUsedAt ?? 0) < store.now - 60_000) row.lastUsedAt = store.now;
    },
  };
}
