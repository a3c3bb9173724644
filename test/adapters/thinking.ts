/** A client of the model port and a request for it, shared by its tests. */
import { createServer } from 'node:net';
import { anthropic } from '../../lib/adapters/anthropic/index.ts';
import type { ModelRequest } from '../../lib/core/session.ts';
import type { Thought } from '../../lib/ports/index.ts';
import { type Step, scriptedModel } from '../kit/model.ts';

const bash = { name: 'bash', description: 'Runs a command.', input_schema: { type: 'object', properties: {} } };

export const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  model: 'claude-haiku-5-5',
  max_tokens: 1_000,
  system: [{ type: 'text', text: 'You are a gardener. '.repeat(200), cache_control: { type: 'ephemeral' } }],
  tools: [bash],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Plant a tree.' }] }],
  ...more,
});

export const never = new AbortController().signal;

/** Without thoughts of the stand-in's own, so that a script's blocks are all that come, unless the test is about these. */
export const thinking = async (steps: Step[], more: Partial<ModelRequest> = {}, thinks = false) => {
  const server = await scriptedModel(steps, { thinks });
  const model = anthropic({ apiKey: 'test', baseURL: server.url });
  return { server, model, think: (signal = never) => model.think(request(more), { signal }) };
};

export const replied = (thought: Thought) => {
  if (thought.type !== 'replied') throw new Error(JSON.stringify(thought));
  return thought.reply;
};
export const failed = (thought: Thought) => {
  if (thought.type !== 'failed') throw new Error(JSON.stringify(thought));
  return thought.failure;
};

/** A port on which nobody listens: it was given out a moment ago and let go. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};
