/**
 * A player that answers from a script, step by step, for tests. It records every request; a request beyond the script's end is answered by
 * a 400 and remembered, and `done` throws then, as it does when steps were left unused.
 */

import type { MessagesRequest } from '../messages-api/shape.ts';
import { type Answer, failing, type Player, reply } from './answer.ts';

/** A string is an answer of that text, which ends the turn. A function sees the request. */
export type Step = string | Answer | ((request: MessagesRequest) => Answer | Promise<Answer>);
export type Script = { player: Player; requests: MessagesRequest[]; done(): void };

export function scripted(steps: Step[]): Script {
  const left = [...steps];
  const requests: MessagesRequest[] = [];
  let unexpected = 0;

  const player: Player = (request) => {
    requests.push(request);
    const step = left.shift();
    if (step === undefined) {
      unexpected += 1;
      const message = `the script has ${steps.length} steps, and this is request ${requests.length}`;
      return failing({ kind: 'status', status: 400, type: 'invalid_request_error', message });
    }
    if (typeof step === 'string') return reply(step);
    return typeof step === 'function' ? step(request) : step;
  };

  const done = () => {
    if (unexpected > 0) throw new Error(`${unexpected} requests came after the script's end`);
    if (left.length > 0) throw new Error(`${left.length} of the script's ${steps.length} steps were not used`);
  };
  return { player, requests, done };
}
