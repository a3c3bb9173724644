/** The end of every model call: its money, what it left behind and what comes next are one settlement, written at once (R7, R13). */
import { keptUsage } from '../budget/usage.ts';
import type { Settlement } from './effect.ts';
import type { Continuation, PendingCommands, Session, StoredMessage } from './session.ts';
import { known, ofCall, type Step } from './step.ts';

export type Thinking = Extract<Session, { state: 'thinking' }>;

export function settle(
  s: Thinking,
  part: Pick<Settlement, 'cost' | 'model' | 'usage'> & Partial<Settlement>,
  after: Continuation,
): Step {
  const settlement: Settlement = {
    n: s.hold.n,
    class: part.cost === null ? 'unknown' : 'settled',
    kind: s.call.kind,
    turns: [],
    calls: [],
    inboxTaken: 0,
    iterated: false,
    memory: s.memory,
    ...part,
    journal: ofCall(s, part.journal ?? []),
    usage: part.usage && keptUsage(part.usage),
  };
  const first = (s.history.at(-1)?.n ?? 0) + 1;
  const rows = settlement.turns.map((turn, i): StoredMessage => ({ n: first + i, ...turn }));
  return {
    session: {
      ...known(s),
      memory: settlement.memory,
      history: [...s.history, ...rows].filter((row) => row.n >= settlement.memory.context.from),
      open: settlement.calls.map((call) => ({ ...call, startedBy: null })),
      iteration: s.iteration + (settlement.iterated ? 1 : 0),
      pending: stillUnread(s.pending, settlement),
      state: 'settling',
      after,
    },
    effects: [{ type: 'settle', settlement }],
  };
}

function stillUnread({ received, ...pending }: PendingCommands, told: Settlement): PendingCommands {
  const inbox = pending.inbox.filter(({ n }) => n > told.inboxTaken);
  return { ...pending, inbox, ...(received && !told.filesTold && { received }) };
}
