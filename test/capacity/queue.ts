/**
 * The queue: who is next. Fair (a message group per user): users with something waiting take turns, so that one user's swarm delays its
 * owner alone. Not fair: first come, first served. SQS promises neither order; both are its average behaviour.
 */
export type WorkQueue = { push(session: number): void; shift(): number; readonly length: number };

/** A list that grows at its end and is read at its front, without moving what it holds. */
type Line = { items: number[]; from: number };

const take = (line: Line): number => {
  const item = line.items[line.from];
  if (item === undefined) throw new Error('nothing is waiting');
  line.from += 1;
  if (line.from > 1_024 && line.from * 2 > line.items.length) {
    line.items = line.items.slice(line.from);
    line.from = 0;
  }
  return item;
};

const isEmpty = ({ items, from }: Line): boolean => from === items.length;

export const firstComeQueue = (): WorkQueue => {
  const line: Line = { items: [], from: 0 };
  return {
    push: (session) => void line.items.push(session),
    shift: () => take(line),
    get length() {
      return line.items.length - line.from;
    },
  };
};

/** `userOf`: whose a session is, a number from 0. */
export const fairQueue = (users: number, userOf: (session: number) => number): WorkQueue => {
  const lines: Line[] = Array.from({ length: users }, () => ({ items: [], from: 0 }));
  const turns: Line = { items: [], from: 0 };
  let length = 0;
  return {
    push(session) {
      const user = userOf(session);
      const line = lines[user]!;
      if (isEmpty(line)) turns.items.push(user);
      line.items.push(session);
      length += 1;
    },
    shift() {
      const user = take(turns);
      const line = lines[user]!;
      const session = take(line);
      if (!isEmpty(line)) turns.items.push(user);
      length -= 1;
      return session;
    },
    get length() {
      return length;
    },
  };
};
