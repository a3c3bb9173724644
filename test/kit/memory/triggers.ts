/** Inbound triggers by the words of the port (lib/ports/triggers.ts). */
import { MOST_SCHEDULES, type Trigger, type Triggers } from '../../../lib/ports/index.ts';
import { pageOf } from './lists.ts';
import { copy, type Store } from './store.ts';

export type TriggerRow = Trigger & { order: number; secret: string; former: { secret: string; until: number } | null };

const DAY_MS = 86_400_000;

export function memoryTriggers(store: Store): Triggers {
  const find = (userId: string, id: string) => {
    const row = store.triggers.get(id);
    return row?.userId === userId ? row : null;
  };
  const shown = ({ order: _, secret: __, former: ___, ...row }: TriggerRow): Trigger => copy(row);
  const rowsOf = (userId: string) => [...store.triggers.values()].filter((row) => row.userId === userId);
  return {
    async create(userId, trigger) {
      const made = find(userId, trigger.id);
      if (made) return shown(made);
      if (rowsOf(userId).length >= MOST_SCHEDULES) return 'full';
      const row: TriggerRow = {
        ...copy(trigger),
        ...{ userId, createdAt: store.now, updatedAt: store.now, lastUsedAt: null },
        ...{ order: store.triggers.size, former: null },
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
    async change(userId, id, { name, action, secret }) {
      const row = find(userId, id);
      if (!row) return null;
      Object.assign(row, { name: name ?? row.name, updatedAt: store.now }, copy(action));
      if (secret !== undefined && secret !== row.secret)
        Object.assign(row, { secret, former: { secret: row.secret, until: store.now + DAY_MS } });
      return shown(row);
    },
    async remove(userId, id) {
      return find(userId, id) !== null && store.triggers.delete(id);
    },
    async find(id) {
      const row = store.triggers.get(id);
      if (!row) return null;
      const former = row.former && row.former.until > store.now ? [row.former.secret] : [];
      return { trigger: shown(row), secrets: [row.secret, ...former] };
    },
    async used(userId, id) {
      const row = find(userId, id);
      if (row && (row.lastUsedAt ?? 0) < store.now - 60_000) row.lastUsedAt = store.now;
    },
  };
}
