/** A scripted model server for tests, in one line. Ends with the test that started it. */
import { onTestFinished } from 'vitest';
import { type Script, type Step, scripted } from '../../lib/local/model/scripted.ts';
import { type ModelServer, type ModelServerOptions, startModelServer } from '../../lib/local/model/server.ts';

export * from '../../lib/local/model/answer.ts';
export type { Step } from '../../lib/local/model/scripted.ts';

export type ScriptedModel = ModelServer & Pick<Script, 'requests' | 'done'>;

/** `done()` throws when requests came beyond the script or steps were not used: call it at the test's end. */
export const scriptedModel = async (
  steps: Step[],
  options: Omit<ModelServerOptions, 'player'> = {},
): Promise<ScriptedModel> => {
  const { player, requests, done } = scripted(steps);
  const server = await startModelServer({ ...options, player });
  onTestFinished(() => server.close());
  return { ...server, requests, done };
};
