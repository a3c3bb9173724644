/** Whole iterations, by drive and core. Each ends in peace, with nothing left to do. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { anthropic } from '../../../../lib/adapters/anthropic/index.ts';
import type { Block } from '../../../../lib/core/session.ts';
import { cast, type Said, wake } from '../cast.ts';
import { ended, HOLD, hold, reply, saving, serve, taken, use } from '../hand.ts';
import type { Stage } from '../stage.ts';

const text = (words: string): Block => ({ type: 'text', text: words });
const says = (...content: Block[]): Said => ({ content });
const done = says(text('Done.'));
const enough = (daily: bigint) => ({ budget: daily * 21n });

/** Two steps with tools of all classes, something said in between, and an end. */
export async function workDay(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const id = await stage.session(userId);
  const calls = (n: number) => [use(`a${n}`, 'look'), use(`b${n}`, 'put'), use(`c${n}`, 'fire')];
  const play = cast(stage, (_request, index) => (index < 2 ? says(text('On it.'), ...calls(index)) : done));
  await play.once(id);
  const said = 'Mind the third of May.';
  stage.evidence.settings.said.push({ session: id, text: said });
  await stage.userSessions.command(userId, id, { type: 'message', content: said }, randomUUID());
  await play.run();
}

/** One session is cancelled after its first step, another paused. */
export async function stops(stage: Stage): Promise<void> {
  const userId = await stage.user();
  const play = cast(stage, (_request, index) => (index < 3 ? says(use(`a${index}`, 'look')) : done));
  for (const type of ['cancel', 'pause'] as const) {
    const id = await stage.session(userId);
    await play.once(id);
    await stage.userSessions.command(userId, id, { type }, randomUUID());
    if (type === 'cancel') stage.evidence.settings.cancelled = [id];
  }
  await play.run();
}

/** Dies when the effects of its tools have happened and nobody knows yet. */
export async function diesInTool(stage: Stage): Promise<void> {
  await stage.session(await stage.user());
  const play = cast(stage, (_request, index) =>
    index === 0 ? says(use('a', 'fire')) : index === 1 ? says(use('b', 'put')) : done,
  );
  play.dieAt('tool_ran', 2);
  await play.run();
}

/** The provider serves and bills, and answers with 500. */
export async function served500(stage: Stage): Promise<void> {
  await stage.session(await stage.user());
  let calls = 0;
  const play = cast(stage, () => {
    calls += 1;
    return calls === 1
      ? { ...done, failure: { proof: 'unknown', status: 500, message: 'Internal server error' } }
      : done;
  });
  await play.run({ until: '2026-11-10T12:00:00Z' });
}

/** The same by the real adapter, which may not try again by itself. */
export async function provider500(stage: Stage): Promise<void> {
  const id = await stage.session(await stage.user());
  let worker = { name: '' };
  const served = (): void => void serve(stage, { worker: worker.name, id });
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/messages')) served();
    response.writeHead(500, { 'content-type': 'application/json', 'retry-after-ms': '1' });
    response.end('{"type":"error","error":{"type":"api_error","message":"Internal server error"}}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const play = cast(stage, () => done, { model: anthropic({ apiKey: 'none', baseURL }) });
  worker = play.worker;
  await play.once(id);
  server.close();
}

/** Dies after every reply that it bought. */
export async function diesThinking(stage: Stage): Promise<void> {
  await stage.session(await stage.user(enough(10_000_000n)));
  const play = cast(stage, () => done);
  play.dieAt('thought', 7);
  await play.run();
}

/** Works until the day's money runs short, is told so, and finishes the next day. */
export async function windDown(stage: Stage): Promise<void> {
  await stage.session(await stage.user(enough(24_000n)));
  let mornings = 0;
  const play = cast(
    stage,
    (request, index) => {
      if (JSON.stringify(request.messages).includes('You slept from')) mornings += 1;
      return mornings > 0 || index > 40
        ? done
        : { content: [use(`t${index}`, 'look')], output: index < 10 ? 4_000 : 1 };
    },
    { policy: { maxOutputTokens: 4_000, leastOutputTokens: 256, repetitionGuard: false } },
  );
  await play.run({ until: '2026-11-12T00:00:00Z' });
}

/** Replies that are as long as they may be, on the rest of a day. */
export async function shrunkReplies(stage: Stage): Promise<void> {
  const userId = await stage.user(enough(20_000n));
  await stage.session(userId);
  stage.evidence.settings.maxOutputTokens = 64_000;
  let calls = 0;
  const play = cast(
    stage,
    () => {
      calls += 1;
      return calls < 12 ? { content: [text('And so on, and so on.')], output: 'all' } : done;
    },
    { policy: { maxOutputTokens: 64_000, leastOutputTokens: 64 } },
  );
  await play.run({ until: '2026-11-11T12:00:00Z', most: 30 });
}

/** A text of which every byte is a token. */
export async function denseText(stage: Stage): Promise<void> {
  await stage.session(await stage.user(), { goal: '\u{1F9EA}'.repeat(20_000) });
  const play = cast(stage, () => ({ ...done, output: 'all', stopReason: 'end_turn' }), {
    bytesPerToken: 1,
    policy: { maxOutputTokens: 1_024 },
  });
  await play.run();
}

/** An agent that would go on for ever. */
export async function endless(stage: Stage): Promise<void> {
  await stage.session(await stage.user(), { maxIterations: 3 });
  const play = cast(stage, (_request, index) => (index < 6 ? says(use(`t${index}`, 'look')) : done));
  await play.run();
}

/** What is left of the day is held by another session, which then uses little of it. */
export async function heldByOthers(stage: Stage): Promise<void> {
  const userId = await stage.user(enough(20_000n));
  const other = await taken(stage, await stage.session(userId));
  await hold(other, 21_000n, HOLD);
  const id = await stage.session(userId);
  const play = cast(stage, () => done);
  await play.once(id);
  await other.sessions.settle(other.id, other.fence, reply(other, serve(stage, other)));
  await other.sessions.save(other.id, other.fence, saving({ suspension: ended }), []);
  await play.run({ until: '2026-11-12T00:00:00Z' });
}

/** A reply is cut off in the midst of its calls. */
export async function cutCalls(stage: Stage): Promise<void> {
  await stage.session(await stage.user());
  const play = cast(stage, (_request, index) =>
    index === 0 ? { content: [use('a', 'look'), use('b', 'put')], stopReason: 'max_tokens' } : done,
  );
  await play.run();
}

/** A context that is long by its goal alone: no summary makes it shorter. */
export async function longHead(stage: Stage): Promise<void> {
  await stage.session(await stage.user(), { goal: 'word '.repeat(30_000) });
  let steps = 0;
  const play = cast(
    stage,
    (request) => {
      if (JSON.stringify(request.messages.at(-1)).includes('will be replaced by a summary'))
        return says(text('What was done: much.'));
      steps += 1;
      return steps < 9 ? says(use(`toolu_of_a_long_goal_${steps}`, 'look')) : done;
    },
    { policy: { compactAtTokens: 20_000, maxOutputTokens: 4_096 } },
  );
  await play.run();
}

/** A sweep runs twice at once. */
export async function sweptTwice(stage: Stage): Promise<void> {
  await stage.session(await stage.user());
  const play = cast(stage, () => done);
  await wake(play.world, 'schedule');
  await wake(play.world, 'schedule');
  await play.run();
}
