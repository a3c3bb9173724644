/**
 * From a document to a session that may be put in: checked as a whole, brought to rest, and stripped of whatever its author could have
 * gained by writing it himself. The document comes from a user, so nothing in it may decide about money.
 */
import type * as z from 'zod';
import { resumeTo } from '../core/claimed.ts';
import type { LogEntry } from '../core/events.ts';
import { freshMemory, type Memory } from '../core/memory.ts';
import type { Block, Message, SessionError, StoredState } from '../core/session.ts';
import type { Restored } from '../ports/transfer.ts';
import type { FieldError } from '../problem.ts';
import { Document, FORMAT, VERSION } from './document.ts';
import { faultsIn } from './history.ts';
import { flawIn } from './strict.ts';

/** Why a session that was imported does not move, and what moves it. */
export const IMPORTED: SessionError = {
  code: 'imported',
  message:
    'This session was imported and waits for you. Nothing was charged for it here, and nothing is spent until you resume it: its cost begins at 0.',
};

/** More than its reader mends at once. */
const MOST_FAULTS = 20;

/** The document, or what is wrong with it. Never throws; a large one takes a second, in which others are served. */
export async function read(value: unknown): Promise<{ document: Document } | { faults: FieldError[] }> {
  const other = notOurs(value) ?? (await flawIn(value));
  if (other) return { faults: [other] };
  const parsed = await Document.safeParseAsync(value);
  if (!parsed.success) return { faults: parsed.error.issues.slice(0, MOST_FAULTS).flatMap(faultOf) };
  const faults = faultsIn(parsed.data);
  return faults.length > 0 ? { faults } : { document: parsed.data };
}

function notOurs(value: unknown): FieldError | null {
  const { format, version } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (format !== FORMAT) return { path: 'format', message: `Must be ${FORMAT}: this is no export of a session` };
  if (version === VERSION) return null;
  const what =
    typeof version === 'number' && version > VERSION ? 'a newer version than this deployment reads' : 'unknown';
  return { path: 'version', message: `Is ${what}; this one reads ${VERSION}` };
}

const faultOf = (issue: z.core.$ZodIssue): FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys
        .slice(0, MOST_FAULTS)
        .map((key) => ({ path: [...issue.path, key].join('.').slice(0, 200), message: 'Unknown field' }))
    : [{ path: issue.path.join('.').slice(0, 200), message: issue.message }];

/** The model that the session goes on with: its own, or the one that took its place. A name that nobody has checked. */
export const modelIn = ({ session, checkpoint }: Document): string => checkpoint.successor ?? session.model;

/** `id` is the new session's; agent, model and tier are names that this deployment and this user have. */
export function restored(doc: Document, { id, tier }: { id: string; tier: string }): Restored {
  const { session, messages, inbox, files } = doc;
  const { state, resume } = atRest(doc);
  return {
    id,
    tier,
    goal: session.goal,
    agent: session.agent,
    model: modelIn(doc),
    system: session.system,
    onEndTurn: session.on_end_turn,
    maxIterations: session.max_iterations,
    maxCost: session.max_cost_microdollars === null ? null : BigInt(session.max_cost_microdollars),
    share: session.daily_share_percent,
    ladder: session.model_ladder,
    effort: session.effort,
    maxOutputTokens: session.max_output_tokens,
    tools: session.tools,
    web: session.web && {
      allow: session.web.allow,
      deny: session.web.deny,
      searchesPerDay: session.web.searches_per_day,
      ...(session.web.shell && { shell: session.web.shell }),
      ...(session.web.git && { git: session.web.git }),
    },
    mcp: session.mcp,
    memoryName: session.memory,
    approvals: session.approvals,
    resultSchema: session.result_schema,
    offerChoices: session.offer_choices,
    metadata: session.metadata,
    iteration: doc.iteration,
    state,
    memory: { ...harmless(doc.checkpoint), resume, outside: session.memory !== null },
    rows: messages.map(({ role, content, at }) => ({ role, content: content as Block[], at: Date.parse(at) })),
    calls: callsOf(doc),
    inbox: inbox.map(({ at, content }) => ({ at: Date.parse(at), content })),
    received: doc.received,
    journal: journalOf(doc, state),
    files: files.map(({ path, mode, updated_at, content }) => ({
      ...{ path, mode, updatedAt: Date.parse(updated_at) },
      content: new Uint8Array(Buffer.from(content, 'base64')),
    })),
  };
}

/**
 * Whatever worked, slept or was paused is paused; a question stays a question and an end an end, since neither moves by itself. One that
 * asked for money, or to whom somebody has already spoken, would move: it is paused, too. So is one that waits for approvals: nobody was asked here, and its calls
 * may run where it was exported.
 */
function atRest(doc: Document): { state: Restored['state']; resume: Memory['resume'] } {
  const { checkpoint: memory, inbox, desired } = doc;
  const state = stateOf(doc.state);
  if (state.state === 'ended') return { state, resume: memory.resume };
  const still =
    state.state === 'waiting' &&
    state.kind !== 'approval' &&
    !memory.unaffordable &&
    inbox.length === 0 &&
    desired === 'run';
  if (still) return { state, resume: memory.resume };
  const paused = { state: 'paused', error: IMPORTED } as const;
  const ready = { state: 'ready', question: null, until: null } as const;
  return { state: paused, resume: memory.unaffordable ? ready : resumeTo({ ...state, memory }) };
}

const stateOf = (state: Document['state']): StoredState =>
  ('until' in state
    ? { ...state, until: state.until === null ? Number.POSITIVE_INFINITY : Date.parse(state.until) }
    : state) as StoredState;

/**
 * What a checkpoint says about money and days is not taken over. `counted` above all: it bounds the next prompt's tokens, so a forged one
 * would make a hold too small for its call, and the day's ceiling with it. Nor is what its thinking was bound to: this is another account. What the
 * conversation has taken in is not known, so that it counts as text from outside.
 */
const harmless = (memory: Memory): Memory => ({
  ...memory,
  counted: null,
  thoughts: freshMemory().thoughts,
  head: null,
  mcp: {},
  told: null,
  shared: null,
  windDown: null,
  rung: null,
  beforeSleep: null,
  unaffordable: false,
  ...{ successor: null, retiring: null },
  ...{ failures: 0, doubts: 0, waits: 0 },
});

/** An open call counts as started: what ran in the original, or will, must not run once more here (`once`, G5). */
function callsOf({ messages, tool_calls: calls }: Document): Restored['calls'] {
  const inputs = new Map(
    (messages as (Message & { n: number })[]).flatMap(({ content }) =>
      content.flatMap((b) => (b.type === 'tool_use' ? [[b.id as string, b.input as Record<string, unknown>]] : [])),
    ) as [string, Record<string, unknown>][],
  );
  return calls.map((call) => ({
    ...{ id: call.id, name: call.name, messageN: call.message_n, position: call.position },
    input: inputs.get(call.id) ?? {},
    started: call.started || call.done_at === null,
    doneAt: call.done_at === null ? null : Date.parse(call.done_at),
  }));
}

/** The original's, told at its beginning where it comes from and at its end that it waits. */
function journalOf(doc: Document, state: StoredState): Restored['journal'] {
  const [first, ...others] = doc.journal.map(({ seq: _, at, ...entry }) => ({
    ...(entry as LogEntry),
    at: Date.parse(at),
  }));
  const from = { session_id: doc.session.id, exported_at: doc.exported_at };
  const started = { ...first!, data: { ...first!.data, imported_from: from } } as typeof first & LogEntry;
  const known = doc.state.state === 'paused' && doc.state.error?.code === IMPORTED.code;
  const paused = { at: null, type: 'agent.paused', data: { error: IMPORTED } } as const;
  return [started, ...others, ...(state.state === 'paused' && !known ? [paused] : [])];
}
