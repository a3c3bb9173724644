/** Which answer about a session is shown: that to the question which was asked last, whichever comes last. */
import type { Session } from './types.ts';

export function newest() {
  let questions = 0;
  const shownBy = new Map<string, number>();
  const isOlder = (id: string, asked: number): boolean => (shownBy.get(id) ?? 0) > asked;
  const ask = (): number => ++questions;
  return {
    ask,
    /** A whole list in place of `known`; what became known since it was asked for stays. */
    replaced(known: readonly Session[], found: readonly Session[], asked: number): Session[] {
      const shown = new Map(known.map((session) => [session.id, session]));
      const listed = new Set(found.map(({ id }) => id));
      const fresh = known.filter(({ id }) => !listed.has(id) && isOlder(id, asked));
      const rows = found.flatMap((session) => (isOlder(session.id, asked) ? (shown.get(session.id) ?? []) : session));
      for (const { id } of found) if (!isOlder(id, asked)) shownBy.set(id, asked);
      return [...fresh, ...rows];
    },
    taken(known: readonly Session[], answered: readonly Session[], asked: number): Session[] {
      const found = answered.filter(({ id }) => !isOlder(id, asked));
      for (const { id } of found) shownBy.set(id, asked);
      const byId = new Map(found.map((session) => [session.id, session]));
      const rows = known.map((session) => {
        const newer = byId.get(session.id);
        byId.delete(session.id);
        return newer ?? session;
      });
      return [...[...byId.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : -1)), ...rows];
    },
    drop: (id: string): void => void shownBy.set(id, ask()),
    clear: (): void => shownBy.clear(),
  };
}
