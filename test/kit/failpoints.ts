/**
 * Failpoints: a name before and a name after each call that an iteration makes of a port, so that a fault can be made at each. They wrap
 * the ports; the product knows nothing of them.
 */
import { drive, type InvocationLimits } from '../../lib/engine/drive.ts';
import type { QueueMessage, World } from '../../lib/ports/index.ts';

export const FAILPOINTS = [
  'received',
  ...['opening', 'opened', 'standing_in', 'stood_in'],
  ...['claiming', 'claimed', 'hinting_again', 'hinted_again'],
  ...['counting', 'counted', 'reserving', 'reserved'],
  ...['thinking', 'connected', 'message_started', 'streaming', 'message_stopped', 'thought'],
  ...['settling', 'settled'],
  ...['loading_files', 'files_loaded', 'marking_tool', 'tool_marked', 'running_tool', 'tool_ran'],
  ...['beating', 'beaten'],
  ...['saving', 'saved', 'chaining', 'chained', 'scheduling', 'scheduled', 'mirroring', 'mirrored', 'finished'],
] as const;

export type FailpointName = (typeof FAILPOINTS)[number];

/** Told of every failpoint; the iteration goes on when it resolves, and fails there if it throws. */
export type Failpoint = (name: FailpointName) => Promise<void> | void;

/** One invocation, with its failpoints. */
export const driveWithFailpoints = async (
  world: World,
  hint: QueueMessage,
  limits: InvocationLimits,
  failpoint: Failpoint,
): Promise<void> => {
  await failpoint('received');
  const { wrapped, isOwner } = wrap(world, failpoint);
  await drive(wrapped, hint, limits);
  if (isOwner()) await failpoint('finished');
};

/** A message that an invocation sends stands in for a marker, comes back later, or is the next iteration's: that depends on its claim. */
const SENDING = {
  none: ['standing_in', 'stood_in'],
  refused: ['hinting_again', 'hinted_again'],
  owner: ['chaining', 'chained'],
} as const;

const wrap = (world: World, failpoint: Failpoint) => {
  const { sessions, live, model, tools, queue, timer } = world;
  let claim: keyof typeof SENDING = 'none';
  const around =
    <Args extends unknown[], T>(
      names: () => readonly [FailpointName, FailpointName],
      call: (...args: Args) => Promise<T>,
    ) =>
    async (...args: Args): Promise<T> => {
      const [before, after] = names();
      await failpoint(before);
      const done = await call(...args);
      await failpoint(after);
      return done;
    };
  const at = <Args extends unknown[], T>(
    before: FailpointName,
    after: FailpointName,
    call: (...args: Args) => Promise<T>,
  ) => around(() => [before, after], call);

  const claimed: World['sessions']['claim'] = async (...args) => {
    const answer = await sessions.claim(...args);
    claim = 'claimed' in answer ? 'refused' : 'owner';
    return answer;
  };
  const wrapped: World = {
    ...world,
    live: {
      ...live,
      open: at('opening', 'opened', live.open),
      mirror: at('mirroring', 'mirrored', live.mirror),
    },
    sessions: {
      ...sessions,
      claim: at('claiming', 'claimed', claimed),
      reserve: at('reserving', 'reserved', sessions.reserve),
      settle: at('settling', 'settled', sessions.settle),
      files: at('loading_files', 'files_loaded', sessions.files),
      startTool: at('marking_tool', 'tool_marked', sessions.startTool),
      heartbeat: at('beating', 'beaten', sessions.heartbeat),
      save: at('saving', 'saved', sessions.save),
    },
    model: {
      ...model,
      count: at('counting', 'counted', model.count),
      think: at('thinking', 'thought', model.think),
    },
    tools: { ...tools, run: at('running_tool', 'tool_ran', tools.run) },
    queue: { ...queue, send: around(() => SENDING[claim], queue.send) },
    timer: { ...timer, schedule: at('scheduling', 'scheduled', timer.schedule) },
  };
  return { wrapped, isOwner: () => claim === 'owner' };
};

/** Of all events of a reply's stream, those that are failpoints: `streaming` is told at each delta. */
const OF_EVENT: Partial<Record<string, FailpointName>> = {
  message_start: 'message_started',
  content_block_delta: 'streaming',
  message_stop: 'message_stopped',
};

/** `fetch` as the Messages API's client calls it, with failpoints at the head of an answer and at the events of its stream. */
export const fetchWithFailpoints =
  (real: typeof fetch, failpoint: Failpoint): typeof fetch =>
  async (input, init) => {
    const response = await real(input, init);
    const { pathname } = new URL(input instanceof Request ? input.url : String(input));
    if (!pathname.endsWith('/v1/messages') || !response.ok || !response.body) return response;
    await failpoint('connected');
    return new Response(response.body.pipeThrough(eventByEvent(failpoint)), response);
  };

/** Passes on each event of a stream as it is, and tells of it before the next. */
const eventByEvent = (failpoint: Failpoint): TransformStream<Uint8Array, Uint8Array> => {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  return new TransformStream({
    async transform(chunk, controller) {
      rest += decoder.decode(chunk, { stream: true });
      for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
        const event = rest.slice(0, end + 2);
        rest = rest.slice(end + 2);
        controller.enqueue(encoder.encode(event));
        const name = OF_EVENT[/^event: (\w+)/.exec(event)?.[1] ?? ''];
        if (name) await failpoint(name);
      }
    },
    flush(controller) {
      if (rest) controller.enqueue(encoder.encode(rest));
    },
  });
};
