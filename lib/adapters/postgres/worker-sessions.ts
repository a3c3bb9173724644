/** The WorkerSessions port: each method is one function of schema/functions/ (claim, reserve, settle, save, heartbeat, start-tool). */
import type { CallApproval } from '../../core/approval.ts';
import type { Save } from '../../core/effect.ts';
import type { RefusedBy } from '../../core/input.ts';
import type { Claims, Message, PendingCommands, SessionConfig, StoredMessage, ToolCall } from '../../core/session.ts';
import { type StatusInput, wakeAtOf } from '../../core/status.ts';
import { type Claim, type FileChange, MemoryMoved, type Saved, type WorkerSessions } from '../../ports/index.ts';
import type { Database } from './connect.ts';
import { rethrow, rethrowUnstorable } from './errors.ts';
import { type DayJson, dayOf, fromInstant, type StateJson, stateJson, stateOf, toInstant, toJson } from './json.ts';
import { loadedOf, type MemoryJson, memoryJson, memoryOf } from './memories.ts';
import { complete, type KeptMessages, keepMessages } from './message-cache.ts';

type ClaimJson = {
  fence: number;
  at: string;
  attempts: number;
  iteration: number;
  cost: string;
  least?: string;
  facts: Omit<SessionConfig, 'agent' | 'maxCost' | 'goal'> & {
    agent: string;
    maxCost: string | null;
    goal: string | null;
  };
  state: StateJson;
  memory: unknown;
  from: number;
  msgN: number;
  history: StoredMessage[];
  calls: CallJson[];
  pending: PendingCommands;
  day: DayJson;
  claims: Claims;
  searches: number;
  shared?: MemoryJson | null;
};

type CallJson = Omit<ToolCall, 'approval'> & { approval?: Omit<CallApproval, 'expiresAt'> & { expiresAt: string } };

const callOf = ({ approval, ...call }: CallJson): ToolCall =>
  approval ? { ...call, approval: { ...approval, expiresAt: fromInstant(approval.expiresAt) } } : call;

type SavedJson = {
  state: StateJson;
  desired: PendingCommands['desired'];
  due: string;
  now: string;
  userId: string;
  fence: number;
  seq: number;
  cost: string;
  day: DayJson;
  msgN: number;
};

/** Of the rows before a summary: what an agent may have read back within one iteration's memory. */
const MOST_PAST_BYTES = 4 * 1024 * 1024;

/** Backwards from the summary by the primary key, so that it costs what it returns. Images and PDFs come without their bytes. */
const PAST = `select n, role, content from (
  select n, role, content, sum(octet_length(content::text)) over (order by n desc) as bytes
    from (select n, role, without_media(content) as content from agent_messages
      where session_id = $1 and n < $2 order by n desc limit 5000) rows) x
  where bytes <= $3 order by n desc`;

export function postgresSessions(database: Database, kept: KeptMessages = keepMessages()): WorkerSessions {
  const call = <T>(name: string, ...args: Parameters<Database['call']> extends [string, ...infer A] ? A : never) =>
    database.call<T>(name, ...args).catch(rethrow);

  return {
    claim: (id, invocation) => claim(database, kept, id, invocation),

    async reserve(id, fence, { n, least, wanted, model, handOff, journal }) {
      const answer = await call<
        { granted: string; day: string } | { refused: RefusedBy; day: DayJson; until?: string }
      >('reserve', ...[id, fence, n, least, wanted, model, String(handOff), toJson(journal)]);
      if ('refused' in answer) {
        const { refused, day, until } = answer;
        return { refused, day: dayOf(day), ...(until !== undefined && { until: fromInstant(until) }) };
      }
      return { granted: BigInt(answer.granted), day: answer.day };
    },

    async settle(id, fence, settlement) {
      const json = toJson(settlement);
      const answer = await call<
        { late: true } | { day: DayJson; cost: string; pending: PendingCommands; msgN: number }
      >('settle', ...[id, fence, json]).catch(rethrowUnstorable);
      if ('late' in answer)
        rethrow(Object.assign(new Error(`session ${id}: only the money was settled`), { code: 'FENCE' }));
      kept.append(id, numbered((JSON.parse(json) as { turns: Message[] }).turns, answer.msgN));
      return { day: dayOf(answer.day), cost: BigInt(answer.cost), pending: answer.pending };
    },

    async save(id, fence, save, files, memory) {
      const json = toJson(saveJson(save));
      const args = [id, fence, json, toJson(files.map(fileJson))] as const;
      const answer = await (memory
        ? call<SavedJson | { moved: true }>('save_with_memory', ...args, toJson(memoryJson(memory)))
        : call<SavedJson>('save', ...args));
      if ('moved' in answer) throw new MemoryMoved(`session ${id}: its shared memory was changed meanwhile`);
      const { turn } = JSON.parse(json) as Pick<Save, 'turn'>;
      if (answer.state.state === 'ended') kept.forget(id);
      else if (turn) kept.append(id, [{ n: answer.msgN, role: 'user', content: turn }]);
      return savedOf(id, answer);
    },

    heartbeat: (id, fence) => call<PendingCommands>('heartbeat', id, fence),

    async holdTool(id, fence, { n, tool, most }) {
      const answer = await call<{ granted: string; day: string } | { refused: RefusedBy; day: DayJson }>(
        'reserve_for_tool',
        ...[id, fence, n, tool, most],
      );
      if ('refused' in answer) return { refused: answer.refused, day: dayOf(answer.day) };
      return { granted: BigInt(answer.granted), day: answer.day };
    },

    async startSearch(id, fence, { n, call: callId, tool, most }) {
      const answer = await call<
        | { granted: string; day: string }
        | { refused: RefusedBy; day: DayJson }
        | { refused: 'searches'; most: number; day: DayJson }
      >('start_search', ...[id, fence, n, callId, tool, most]);
      if ('refused' in answer) return { ...answer, day: dayOf(answer.day) };
      return { granted: BigInt(answer.granted), day: answer.day };
    },

    startTool: (id, fence, callId) => call<PendingCommands['desired'] | 'begun'>('start_tool', id, fence, callId),

    async files(id) {
      const query = `select path, mode, encode(content, 'base64') as content from workspace($1) order by path`;
      const rows = await database.repeat(() => database.sql.query(query, [id]));
      return rows.map(({ path, mode, content }) => ({
        path,
        mode,
        content: new Uint8Array(Buffer.from(content, 'base64')),
      }));
    },

    async memory(id) {
      const query = 'select shared_memory(user_id, memory_name, true) as memory from agent_sessions where id = $1';
      const rows = await database.repeat(() => database.sql.query(query, [id]));
      return loadedOf((rows as { memory: MemoryJson }[])[0]!.memory);
    },

    async past(id, before) {
      const rows = await database.repeat(() => database.sql.query(PAST, [id, before, MOST_PAST_BYTES]));
      return (rows as StoredMessage[]).reverse();
    },
  };
}

/** Asks only for the messages that are not kept; if it turns out that some are missing, the same claim is read again in full. */
async function claim(database: Database, kept: KeptMessages, id: string, invocation: string) {
  for (const known of [kept.get(id), null]) {
    const have = known?.rows.at(-1)?.n ?? 0;
    const answer = await database.call<ClaimJson | { retryInMs: number | null }>('claim', id, invocation, have);
    if ('retryInMs' in answer) return { claimed: false as const, retryInMs: answer.retryInMs };
    const history = complete(known?.rows ?? [], answer.history, answer.from, answer.msgN);
    if (!history) continue;
    const goal = known?.goal ?? answer.facts.goal ?? '';
    const system = known ? known.system : answer.facts.system;
    kept.put(id, { goal, system, rows: history });
    return claimOf(answer, { goal, system }, history);
  }
  throw new Error(`session ${id}: its messages have a gap`);
}

function claimOf(answer: ClaimJson, texts: { goal: string; system: string | null }, history: StoredMessage[]): Claim {
  const { fence, attempts, iteration, memory, pending, claims, searches } = answer;
  const calls = answer.calls.map(callOf);
  const { maxCost } = answer.facts;
  const { shared = null } = answer;
  return {
    ...{ fence, attempts, iteration, memory, calls, pending, claims, searches, history },
    shared: shared && memoryOf(shared),
    at: fromInstant(answer.at),
    cost: BigInt(answer.cost),
    // Left out by the functions of the release before, which serve for a moment when that one is deployed again.
    least: BigInt(answer.least ?? 0),
    facts: { ...answer.facts, ...texts, maxCost: maxCost === null ? null : BigInt(maxCost) },
    state: stateOf(answer.state),
    day: dayOf(answer.day),
  };
}

function savedOf(sessionId: string, answer: SavedJson): Saved {
  const standing: StatusInput = {
    state: stateOf(answer.state),
    desired: answer.desired,
    due: fromInstant(answer.due),
    now: fromInstant(answer.now),
  };
  const { due, now } = standing;
  const { userId, fence, seq } = answer;
  const view = {
    ...{ sessionId, userId, fence, seq, due },
    wakeAt: wakeAtOf(standing),
    cost: BigInt(answer.cost),
    day: dayOf(answer.day),
  };
  return { state: standing.state.state, due, chain: due <= now, view };
}

/** The last of `turns` has number `last`. */
function numbered(turns: Message[], last: number): StoredMessage[] {
  return turns.map(({ role, content }, i) => ({ n: last - turns.length + 1 + i, role, content }));
}

function saveJson({ suspension, due, requests, ...save }: Save): object {
  const { to } = suspension ?? {};
  return {
    ...save,
    ...(requests && { requests: requests.map((one) => ({ ...one, expiresAt: toInstant(one.expiresAt) })) }),
    due: toInstant(due),
    suspension: suspension && to && { ...suspension, to: stateJson(to), due: toInstant(suspension.due) },
  };
}

function fileJson({ path, content, mode }: FileChange): object {
  return { path, mode, content: content && Buffer.from(content).toString('base64') };
}
