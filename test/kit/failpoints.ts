/**
 * Failpoints: a name before and a name after each call of a port that an iteration depends on, so that a fault can be made at each. They wrap
 * the ports; the product knows nothing of them. What may fail without harm has none: drafts, forgotten snapshots, heads, past messages. A
 * model call has its names within its heartbeat.
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
  const { wrapped, hasSaved } = wrap(world, failpoint);
  await drive(wrapped, hint, limits);
  if (hasSaved()) await failpoint('finished');
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
  let saved = false;
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
  const save: World['sessions']['save'] = async (...args) => {
    const answer = await sessions.save(...args);
    saved = true;
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
      save: at('saving', 'saved', save),
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
  return { wrapped, hasSaved: () => saved };
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
    return new Response(ReadableStream.from(eventByEvent(response.body, failpoint)), response);
  };

/** Each event of a stream as it is. A failpoint is told when its event has been taken, so what came before it is never lost. */
async function* eventByEvent(body: ReadableStream<Uint8Array>, failpoint: Failpoint): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = rest.slice(0, end + 2);
      rest = rest.slice(end + 2);
      yield encoder.encode(event);
      const name = OF_EVENT[/^event: (\w+)/.exec(event)?.[1] ?? ''];
      if (name) await failpoint(name);
    }
  }
  if (rest) yield encoder.encode(rest);
}
