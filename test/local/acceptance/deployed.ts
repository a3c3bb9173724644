/** functions/iterate as the next deployment has it, once the file that `NEXT_DEPLOYMENT` names is there: its text ends every prompt and a tool. */
import { existsSync, readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import type { AgentSpec } from '../../../lib/core/session.ts';
import { drive } from '../../../lib/engine/drive.ts';
import { type Failures, processBatch, type Records } from '../../../lib/engine/sqs-batch.ts';
import { iterateWorld } from '../../../lib/world.ts';

const { NEXT_DEPLOYMENT: path = '' } = process.env;

const changed = (spec: AgentSpec | null): AgentSpec | null => {
  if (!spec || !existsSync(path)) return spec;
  const words = readFileSync(path, 'utf8');
  const tools = spec.tools.map((tool, i) =>
    i === 0 ? { ...tool, description: `${tool.description} ${words}` } : tool,
  );
  return { ...spec, system: `${spec.system}\n${words}`, tools };
};

export const handler = (event: Records, context: Context): Promise<Failures> => {
  const here = iterateWorld({});
  const world = { ...here, agent: (name: string) => changed(here.agent(name)) };
  const remaining = () => context.getRemainingTimeInMillis();
  return processBatch(world.log, event, (hint) => drive(world, hint, { remaining }));
};
