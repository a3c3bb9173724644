/**
 * The live stream of one session: its journal from Postgres, the only source of numbered events, and hints from the live view about when
 * to look there. While nothing happens only the live view is asked, so that watching a sleeper leaves Postgres asleep.
 */
import type { Draft, JournalRow, SessionView } from '../ports/index.ts';
import type { KeyCheck, Ready } from './deps.ts';
import * as render from './render.ts';

const PAGE = 200;
/** Characters that are written at once: each write has its timer, and a viewer that draws with each would draw a long journal too often. */
const PIECE = 32_768;
/** A working session whose mirror write was lost is looked for this often; one at rest is found when the client comes back. */
const LOST_MIRROR_MS = 30_000;
/** How many times less often than a worker's a sleeper's journal is asked for while the live view is away. */
const REST_FACTOR = 10;
/** After this long without news the live view is asked less often, too. */
const QUIET_MS = 60_000;
const QUIET_FACTOR = 4;
/** A key that was let in is looked at again so often: for so long a revoked one shows what it showed before. */
const AGAIN_MS = 60_000;
/** An ended session's stream is over: a browser that comes back by itself need not do so at once. circadian/client stops at it. */
const AFTER_END_MS = 3_600_000;

const ENDINGS = new Set(['agent.completed', 'agent.failed', 'agent.cancelled']);
const RESTS = new Set(['agent.sleeping', 'agent.paused', 'agent.waiting_for_input', 'agent.budget_exceeded']);

/** `told`: the newest number that the live view told, so that one which Postgres does not have is asked for once only. */
type Progress = {
  seq: number;
  told: number;
  ended: boolean;
  resting: boolean;
  lastSent: number;
  /** When the key was looked at, and whether it held. */
  lastAsked: number;
  open: boolean;
};
type Terms = { signal: AbortSignal; keyCheck: KeyCheck };

/**
 * Frames of the stream, from the entry after `after` on. Ends with the session, after `ms`, with the signal, when the
 * session is deleted, or when the key does not hold any more: the client comes back, and is told so. Throws what the port throws: the client comes
 * back with its last id.
 */
export async function* follow(
  deps: Ready,
  view: SessionView,
  { after, ms, signal, keyCheck }: Terms & { after: number; ms: number },
): AsyncGenerator<string> {
  const { time, limits } = deps;
  const deadline = time.elapsed() + ms;
  const progress: Progress = {
    seq: after,
    told: after,
    ended: view.completedAt !== null,
    resting: view.status !== 'working',
    lastSent: time.elapsed(),
    lastAsked: time.elapsed(),
    open: true,
  };
  const deltas = deltasOf(view);
  yield `retry: ${limits.retryMs}\n\n`;
  if (after > 0) yield* resynced(deps, view, progress);
  while (!signal.aborted && time.elapsed() < deadline) {
    if (!(await isOpen(deps, keyCheck, progress))) return;
    if (!(yield* journal(deps, view, progress))) return;
    if (progress.ended) return yield `retry: ${AFTER_END_MS}\n\n`;
    yield* untilNews(deps, view.id, progress, deltas, { deadline, signal, keyCheck });
  }
}

/**
 * A number beyond the end was never given here: the client has followed another database, or one that was restored since. It is told where
 * the journal ends, and goes on from there; waiting for its own number would show it nothing until then.
 */
async function* resynced(deps: Ready, view: SessionView, progress: Progress): AsyncGenerator<string> {
  const after = progress.seq;
  const seq = await deps.userSessions.lastSeq(view.userId, view.id);
  if (seq === null || after <= seq) return;
  Object.assign(progress, { seq, told: seq });
  const data = { session_id: view.id, type: 'agent.resync', seq, after };
  yield `id: ${seq}\nevent: agent.resync\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Whether the key still holds, looked at no more than once a minute. */
async function isOpen({ time }: Ready, keyCheck: KeyCheck, progress: Progress): Promise<boolean> {
  if (!progress.open || time.elapsed() - progress.lastAsked < AGAIN_MS) return progress.open;
  progress.lastAsked = time.elapsed();
  progress.open = await keyCheck.holds();
  return progress.open;
}

/** All entries that there are by now. False: the session is gone. */
async function* journal(deps: Ready, view: SessionView, progress: Progress): AsyncGenerator<string, boolean> {
  for (;;) {
    const rows = await deps.userSessions.events(view.userId, view.id, { after: progress.seq, limit: PAGE });
    if (!rows) return false;
    let piece = '';
    for (const row of rows) {
      piece += frame(view.id, row);
      progress.seq = row.seq;
      progress.ended ||= ENDINGS.has(row.type);
      progress.resting = RESTS.has(row.type);
      progress.lastSent = deps.time.elapsed();
      if (piece.length < PIECE) continue;
      yield piece;
      piece = '';
    }
    if (piece !== '') yield piece;
    if (rows.length < PAGE) return true;
  }
}

/** Waits until Postgres is worth asking; meanwhile the reply being written, and a sign of life now and then. */
async function* untilNews(
  deps: Ready,
  sessionId: string,
  progress: Progress,
  deltas: (draft: Draft) => string | null,
  { deadline, signal, keyCheck }: Terms & { deadline: number },
): AsyncGenerator<string> {
  const { time, limits } = deps;
  const since = time.elapsed();
  while (!signal.aborted && time.elapsed() < deadline) {
    const seen = await watch(deps, sessionId);
    if (seen && seen.seq > Math.max(progress.seq, progress.told)) {
      progress.told = seen.seq;
      return;
    }
    const delta = seen?.draft ? deltas(seen.draft) : null;
    // While a sleeper's stream has nothing to show, looking at its key would only wake Postgres.
    const asleep = delta === null && progress.resting && keyCheck.asksPostgres;
    if (!asleep && !(await isOpen(deps, keyCheck, progress))) return;
    if (delta !== null) yield delta;
    else if (time.elapsed() - progress.lastSent >= limits.heartbeatMs) yield ': still here\n\n';
    else if (time.elapsed() - since >= patience(deps, seen !== null, progress.resting)) return;
    else {
      const factor = time.elapsed() - since >= QUIET_MS ? QUIET_FACTOR : 1;
      await time.sleep(limits.pollMs * factor, signal);
      continue;
    }
    progress.lastSent = time.elapsed();
  }
}

function patience(deps: Ready, seen: boolean, resting: boolean): number {
  if (seen) return resting ? Number.POSITIVE_INFINITY : LOST_MIRROR_MS;
  return deps.limits.fallbackMs * (resting ? REST_FACTOR : 1);
}

/** What the live view knows; null when it is away, or has lost the session and so cannot tell. */
async function watch(deps: Ready, sessionId: string): Promise<{ seq: number; draft: Draft | null } | null> {
  try {
    const seen = await deps.live.watch(sessionId);
    return seen.seq > 0 || seen.draft ? seen : null;
  } catch {
    return null;
  }
}

const KINDS = ['thought', 'text'] as const;

/**
 * Drafts → what is new in each, of thoughts and of text. One of a reply that was saved before this stream began is in the journal already. One that does not
 * continue what was sent (another attempt, another iteration) replaces it, from offset 0.
 */
function deltasOf(view: SessionView): (draft: Draft) => string | null {
  let sent: Draft = { iteration: view.iterationNumber, text: '' };
  return (draft) => {
    if (draft.iteration <= view.iterationNumber) return null;
    const frames = KINDS.map((kind) => {
      const [now, before] = [draft[kind] ?? '', sent[kind] ?? ''];
      const offset = draft.iteration === sent.iteration && now.startsWith(before) ? before.length : 0;
      const text = now.slice(offset);
      const data = { session_id: view.id, type: 'agent.delta', iteration: draft.iteration, kind, offset, text };
      return text === '' ? '' : `event: agent.delta\ndata: ${JSON.stringify(data)}\n\n`;
    });
    sent = draft;
    return frames.join('') || null;
  };
}

const frame = (sessionId: string, row: JournalRow): string =>
  `id: ${row.seq}\nevent: ${row.type}\ndata: ${JSON.stringify(render.event(sessionId, row))}\n\n`;
