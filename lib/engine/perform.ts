/**
 * Perform: one effect → one call of a port → the input that its outcome is. No decision about money or state is taken here. Whether a tool
 * may still start, after a stop or a dead owner, is decided in `runTool`.
 */
import type { Effect } from '../core/effect.ts';
import type { Input } from '../core/input.ts';
import { holdNumber, notAfforded } from '../core/paid-tool.ts';
import type { McpState } from '../core/remote.ts';
import { notSearched } from '../core/searches.ts';
import type { OfferedCall, ToolResult } from '../core/session.ts';
import { namesUntrusted } from '../core/shared-memory.ts';
import type { ToolLog, Workspace, World } from '../ports/index.ts';
import { namesPast, pastFiles, withPast } from '../tools/past.ts';
import { filesWith, framedUntrusted, withMemory } from '../tools/shared-memory.ts';
import { workspace } from '../tools/workspace.ts';
import { WEB_SEARCH } from '../web/known.ts';
import { withHeartbeat } from './heartbeat.ts';
import { listTools, type Remotes, remotes } from './mcp.ts';
import type { Run } from './run.ts';
import { sha256 } from './sha256.ts';
import { loadedMemory, savedWithMemory } from './shared-memory.ts';

/**
 * Real time kept back for settle, save, chain and mirror after a call or a tool: Lambda ends an invocation without a word. A reply of
 * Postgres that gets lost costs 15 s before it is asked for again, a message 5 s, the view 2 s; each of the requests themselves a second.
 * Neon does not fall asleep meanwhile, since heartbeats ask it.
 */
export const MARGIN_MS = 30_000;

export async function perform(world: World, run: Run, effect: Effect): Promise<Input | null> {
  const { sessions, model, queue, timer } = world;
  switch (effect.type) {
    case 'count': {
      const tokens = await model.count(effect.request);
      return { type: 'counted', at: run.at(), tokens };
    }
    case 'reserve': {
      const { type: _, ...asking } = effect;
      const answer = await sessions.reserve(run.id, run.fence, asking);
      return 'granted' in answer
        ? { type: 'granted', at: run.at(), amount: answer.granted, day: answer.day }
        : { type: 'refused', at: run.at(), by: answer.refused, day: answer.day, until: answer.until };
    }
    case 'think': {
      const thought = await think(world, run, effect.request);
      return { at: run.at(), ...thought };
    }
    case 'settle': {
      const { day, cost, pending } = await sessions.settle(run.id, run.fence, effect.settlement);
      run.desired = pending.desired;
      run.checkedAt = world.clock.elapsed();
      return { type: 'settled', at: run.at(), day, cost, pending };
    }
    case 'list': {
      const lists = await withHeartbeat(world, run, run.remaining() - MARGIN_MS, (signal) =>
        listTools(world, effect, signal),
      );
      return { at: run.at(), ...lists };
    }
    case 'act':
      return act(world, run, effect.calls, effect.servers);
    case 'save': {
      const saved = await savedWithMemory(world, run, effect.save, run.files?.changes() ?? []);
      run.view = saved.view;
      return { type: 'saved', at: run.at(), state: saved.state, due: saved.due, chain: saved.chain };
    }
    case 'chain':
      await queue.send({ sessionId: run.id, userId: run.userId }, effect.delayMs);
      return null;
    case 'sleep':
      await timer.schedule(effect.until);
      return null;
  }
}

const think = (world: World, run: Run, request: Parameters<World['model']['think']>[0]) =>
  withHeartbeat(world, run, run.remaining() - MARGIN_MS, (signal) => {
    const onText = run.watched ? drafts(world, run) : undefined;
    return world.model.think(request, { signal, onText });
  });

/** Least time between two drafts, so that a fast stream costs four small writes a second. */
const DRAFT_EVERY_MS = 250;

/** Shows the reply so far to those who watch; a draft that fails or comes late is replaced by the next. */
function drafts(world: World, run: Run) {
  let text = '';
  let thought = '';
  let last = Number.NEGATIVE_INFINITY;
  return (more: string, kind?: 'thought') => {
    if (kind) thought += more;
    else text += more;
    if (world.clock.elapsed() - last < DRAFT_EVERY_MS) return;
    last = world.clock.elapsed();
    void shown(world, run, { text, ...(thought && { thought }) });
  };
}

async function shown(world: World, run: Run, draft: { text: string; thought?: string }): Promise<void> {
  try {
    await world.live.draft(run.id, { iteration: run.iteration + 1, ...draft });
  } catch {}
}

async function act(
  world: World,
  run: Run,
  calls: OfferedCall[],
  servers: Record<string, McpState> = {},
): Promise<Input> {
  const results: ToolResult[] = [];
  const far = remotes(world, servers);
  const all = withHeartbeat(world, run, run.remaining() - MARGIN_MS, async (signal, look) => {
    for (const [place, call] of calls.entries()) {
      const began = world.clock.elapsed();
      const result = await runTool(world, run, { ...call, place }, { signal, look, far });
      const ms = Math.max(0, Math.round(world.clock.elapsed() - began));
      results.push(result.ran === false ? result : { ...result, ms });
    }
  });
  await all.finally(far.close);
  const states = far.states();
  return { type: 'observed', at: run.at(), results, ...(Object.keys(states).length > 0 && { servers: states }) };
}

/** What a user wants may be this old when a tool begins. A tool `once` always asks; others, which only touch the workspace, seldom must. */
const LOOK_AFTER_MS = 1_000;

const STOPPED = 'Not run: the person stopped the session before this call. Call it again if it is still needed.';

const keyOf = (run: Run, call: { id: string }): string => sha256(`${run.id}/${call.id}`).slice(0, 32);

async function runTool(
  world: World,
  run: Run,
  call: OfferedCall & { place: number },
  { signal, look, far }: { signal: AbortSignal; look: () => Promise<void>; far: Remotes },
): Promise<ToolResult> {
  let paid: ToolResult['paid'];
  const notRun = (content: string): ToolResult => ({
    id: call.id,
    content,
    isError: true,
    ran: false,
    ...(paid && { paid }),
  });
  const stopped = () =>
    run.desired !== 'run'
      ? notRun(STOPPED)
      : signal.aborted
        ? notRun('Not run: the time of this iteration was used up. Call it again.')
        : null;
  const before = stopped();
  if (before) return before;
  const price = world.tools.priceOf(call.name);
  // Also one that its own tool has marked. An import marks all that are open, by 0.
  const effect = call.remote ? call.remote.tool.effect : world.tools.effectOf(call.name);
  const once = effect === 'once' || (call.startedBy ?? 0) > 0;
  if (call.name === WEB_SEARCH || (price !== null && !(once && call.startedBy !== null))) {
    const n = holdNumber(call.place);
    const asking = { n, tool: call.name, most: price ?? 0n };
    const answer = await (call.name === WEB_SEARCH
      ? world.sessions.startSearch(run.id, run.fence, { ...asking, call: call.id })
      : world.sessions.holdTool(run.id, run.fence, asking));
    if ('most' in answer) return notRun(notSearched(answer.most, answer.day.resetsAt));
    if ('granted' in answer) {
      const { granted: held, day } = answer;
      paid = held > 0n ? { n, cost: 0n, held, day } : undefined;
    } else if (answer.refused === 'stopped') {
      await look();
      return notRun(STOPPED);
    } else return notRun(notAfforded(answer.refused, asking.most, answer.day));
  }
  const begun = once && call.startedBy !== null;
  const remote =
    call.remote && !begun ? await far.prepare({ ...call, key: keyOf(run, call), remote: call.remote }, signal) : null;
  if (remote && 'instead' in remote) return { id: call.id, ...remote.instead };
  if (once) {
    const answer = begun ? 'begun' : await world.sessions.startTool(run.id, run.fence, call.id);
    if (answer === 'begun')
      return notRun('Interrupted: the outcome is unknown. It may have happened; check before you call it again.');
    if (answer !== 'run') run.desired = answer;
    run.checkedAt = world.clock.elapsed();
  } else if (world.clock.elapsed() - run.checkedAt > LOOK_AFTER_MS) await look();
  // The mark or the look may have brought the stop, or a heartbeat meanwhile.
  const meanwhile = stopped();
  if (meanwhile) return meanwhile;
  if (remote) return { id: call.id, ...(await remote.run()) };
  const context = {
    idempotencyKey: keyOf(run, call),
    session: run.id,
    web: run.web,
    files: async () => {
      run.files ??= await openedFiles(world, run);
      const own = run.memory ? withMemory(run.files, { untrusted: namesUntrusted(call.input) }) : run.files;
      if (run.from === 1 || !namesPast(call.input)) return own;
      run.past ??= pastFiles(await world.sessions.past(run.id, run.from));
      return withPast(own, run.past);
    },
    once: onceBefore(world, run, call.id),
    signal,
    log: toolLog(world, run, call.name),
  };
  const { cost, ...told } = await world.tools.run(call, context);
  const result =
    run.memory && namesUntrusted(call.input)
      ? { ...told, content: framedUntrusted(told.content, run.memory, context.idempotencyKey) }
      : told;
  if (price !== null && cost != null && cost > price)
    world.log({
      level: 'error',
      message: 'a tool cost more than its price',
      session: run.id,
      tool: call.name,
      cost,
      price,
    });
  return { id: call.id, ...result, ...(paid && { paid: { ...paid, cost: cost ?? null } }) };
}

/** With its shared memory in it, if it has one. */
async function openedFiles(world: World, run: Run): Promise<Workspace> {
  const own = await world.sessions.files(run.id);
  run.memory = await loadedMemory(world, run);
  return workspace(run.memory ? filesWith(own, run.memory) : own);
}

/** The mark of a call whose tool finds out only while it runs that its effect must not happen twice. Asked for once, however often it is needed. */
function onceBefore(world: World, run: Run, id: string): () => Promise<boolean> {
  let marked: Promise<boolean> | null = null;
  const mark = async (): Promise<boolean> => {
    const answer = await world.sessions.startTool(run.id, run.fence, id);
    run.checkedAt = world.clock.elapsed();
    if (answer === 'pause' || answer === 'cancel') run.desired = answer;
    return answer === 'run';
  };
  return () => {
    marked ??= mark();
    return marked;
  };
}

/** What cannot be logged is no reason for a tool to fail. */
function toolLog({ log }: World, { id, userId: user, fence }: Run, tool: string): ToolLog {
  const line = { level: 'info', message: 'tool', session: id, user, fence, tool } as const;
  return (said, fields) => {
    try {
      log({ ...line, said: String(said), ...(fields && { fields }) });
    } catch {
      log({ ...line, said: 'a line could not be written: its fields are not JSON' });
    }
  };
}
