/** A world in which a recorded agent works: its tools exist and give the recorded results. All else is the deployment's own. */
import type { Claim, World } from '../../lib/ports/index.ts';
import { markedId, type Recording } from './recording.ts';

/** For one invocation: which recording it plays is known from the claimed session. */
export const replayed = (world: World, recordings: Map<string, Recording>): World => {
  let playing: Recording | undefined;

  const current = (): Recording => {
    if (!playing) throw new Error('the claimed session plays no recording');
    return playing;
  };
  const claim: World['sessions']['claim'] = async (id, invocation) => {
    const claimed = await world.sessions.claim(id, invocation);
    if (!('claimed' in claimed)) playing = recordings.get(markedId((claimed as Claim).facts.system) ?? '');
    return claimed;
  };
  const tools: World['tools'] = {
    effectOf: () => 'pure',
    priceOf: () => null,
    run: async ({ id = '' }) =>
      current().results.get(id) ?? { content: 'This call is not in the recording.', isError: true },
  };
  return { ...world, sessions: { ...world.sessions, claim }, tools, agent: () => current().agent };
};
