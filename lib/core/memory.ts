/**
 * Memory: the part of a checkpoint that the core alone writes and decides by (`agent_checkpoints.agent_state`). Small, plain and versioned:
 * its size does not grow with the conversation, and a checkpoint written by an older version parses, since every field has a default.
 *
 * Outside of the core these fields are read, and no others: `phase` and `guard.errors` (shown beside it, `save_memory`), `context.from` (the first
 * message that a claim sends), `unaffordable` (whether money moves the session, `save`), `successor` (session-view.ts; `purge` keeps it) and
 * `windDown`, `handOff` and `counted.tokens` (session-view.ts).
 */
import * as z from 'zod';
import { EFFORTS } from '../budget/prices.ts';

const day = z.string();

export const Memory = z.object({
  v: z.literal(1).default(1),
  /** Repetition and error guard, see guard.ts. */
  guard: z
    .object({
      last: z.string().nullable().default(null),
      streak: z.int().default(0),
      /** Height of the streak within the last reply. */
      peak: z.int().default(0),
      errors: z.array(z.object({ signature: z.string(), tries: z.array(z.string()) })).default([]),
      escalations: z.int().default(0),
    })
    .prefault({}),
  /**
   * Replies bought in the wind-down of `day`; at most 3 (G11). `short`: the day's ceiling in microdollars when a step did not fit any
   * more, if that and not the threshold began it: with more money it is over. `needs`: what that step needed at least, microdollars.
   * `ceiling`: the day's when it last went on; a bill corrected
   * downwards ends no wind-down for good, only more money does.
   */
  windDown: z
    .object({
      day,
      iterations: z.int(),
      short: z.string().nullable().default(null),
      needs: z.string().optional(),
      ceiling: z.string().default(''),
    })
    .nullable()
    .default(null),
  /** What the agent left for its next day, told first when it wakes. */
  handOff: z.string().nullable().default(null),
  /** How far down its ladder a refused step has sent the session on this day, with that day's ceiling (`short`); and the model of its last reply. */
  rung: z
    .object({ day, index: z.int(), short: z.string().default('') })
    .nullable()
    .default(null),
  model: z.string().nullable().default(null),
  /** The effort that its last reply was asked for. */
  effort: z.enum(EFFORTS).nullable().default(null),
  /** The model that took the place of the session's own, which was retired; and the model whose coming end the journal was told of. */
  successor: z.string().nullable().default(null),
  retiring: z.string().nullable().default(null),
  /** Model calls in a row that failed, and those of them that may have been billed; they grow the backoff. */
  failures: z.int().default(0),
  doubts: z.int().default(0),
  /** Holds refused in a row because others held the money; grows the wait. */
  waits: z.int().default(0),
  /** The user was asked for money, since not even a whole day allows the next step. It is tried again every morning. */
  unaffordable: z.boolean().default(false),
  /** Replies in a row that were cut at their length limit, and whether the last one said nothing at all. */
  cuts: z.int().default(0),
  blank: z.boolean().default(false),
  /** The agent called finish, but a command came in with it: without a message among the commands it ends all the same. */
  finished: z.string().nullable().default(null),
  /** The same result as the session's schema has it; left out: it has none. */
  finishedJson: z.record(z.string(), z.unknown()).optional(),
  /** Ends that did not have the shape of the session's schema, since the person was last asked how to go on. */
  misfits: z.int().default(0),
  /** Least output tokens that make a call worth it for this session, raised when a shrunk reply was cut (R13). 0: the policy's. */
  floor: z.int().default(0),
  /** Output tokens of the last replies, oldest first: what the next one is likely to need. */
  outputs: z.array(z.int()).default([]),
  /** The last part of the day's money, in per cent, of which the agent was told that it is used. */
  told: z.object({ day, percent: z.int() }).nullable().default(null),
  /** Exact tokens of the prompt and reply that end at row `n`, by the provider's usage for `model` and this head of the prompt (R15). */
  counted: z
    .object({ model: z.string(), tokens: z.int().min(0), n: z.int(), head: z.string().default('') })
    .nullable()
    .default(null)
    // A wrong count of an older version's is no count: with it the session could not move.
    .catch(null),
  /**
   * First row of the live context, and the iteration it dates from; tool results in rows before `clearedBefore` are shown as a note of their
   * length. `mediaFrom`: images and PDFs in rows before it are told and not shown. `summary`: the row that stands for what was before `from`, and is told first although it was written later.
   */
  context: z
    .object({
      from: z.int(),
      clearedBefore: z.int(),
      mediaFrom: z.int().default(1),
      compactedAt: z.int().default(0),
      summary: z.int().nullable().default(null),
    })
    .prefault({ from: 1, clearedBefore: 1 }),
  /**
   * The agent's thinking before row `from` is left out of every prompt: what stood before it has changed since, and the provider takes it
   * back only unchanged. The others are what the thinking from `from` on is bound to (binding.ts).
   */
  thoughts: z
    .object({
      from: z.int().default(1),
      head: z.string().nullable().default(null),
      model: z.string().nullable().default(null),
      account: z.string().nullable().default(null),
    })
    .prefault({}),
  /** The id of the head (prompt and tools) that this session's prompts have, see `AgentSpec`. */
  head: z.string().nullable().default(null),
  /**
   * By the name of an MCP server: its session and protocol, by which the next owner goes on there; the pin of its tools in `head`; `stale`: a tool was
   * found changed, so that the list is taken anew before the next call. `mcpAway`: times in a row that a first list could not be had.
   */
  mcp: z
    .record(
      z.string(),
      z.object({
        session: z.string().nullable().default(null),
        protocol: z.string().nullable().default(null),
        pin: z.string().nullable().default(null),
        stale: z.boolean().default(false),
      }),
    )
    .default({}),
  mcpAway: z.int().default(0),
  /** The model that refused the last call, which another rung then took. */
  refusedBy: z.string().nullable().default(null),
  /** Summaries in a row that were paid for and came to nothing: the next one is tried later each time. */
  failedSummaries: z.int().default(0),
  /** A compaction is owed, and why. */
  compact: z.enum(['full', 'before_sleep']).nullable().default(null),
  /** The day on which the summary before sleep was tried: once a day (R14). */
  beforeSleep: day.nullable().default(null),
  /** The last stored reply: how it ended, and whether the wind-down notice was in its prompt. Lets a crash after settle decide as settle would have. */
  replied: z.object({ stopReason: z.string(), noticed: z.boolean() }).nullable().default(null),
  /** A real rest was taken, so the next prompt says so in a user turn. */
  rested: z.object({ reason: z.string(), since: z.number() }).nullable().default(null),
  /** Where `resume` returns to. */
  resume: z
    .object({
      state: z.enum(['ready', 'waiting', 'sleeping']),
      question: z.string().nullable(),
      until: z.number().nullable().default(null),
      choices: z.array(z.string()).optional(),
    })
    .nullable()
    .default(null),
  phase: z.string().nullable().default(null),
  /** The session has a shared memory and has read text from outside: what it writes there is untrusted from then on. */
  outside: z.boolean().default(false),
  /** The versions of the shared memory's entries that the agent was told of, and the first row of the context in which it was. */
  shared: z
    .object({ from: z.int(), versions: z.record(z.string(), z.int()) })
    .nullable()
    .default(null),
});
export type Memory = z.infer<typeof Memory>;

export const freshMemory = (): Memory => Memory.parse({});
