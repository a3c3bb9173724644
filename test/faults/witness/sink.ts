/** The outside world that tools act upon, in a process of its own: it writes down every effect that reaches it. EFFECTS names its file. */
import { createServer } from 'node:http';
import type { EffectLine } from '../evidence.ts';
import { answer, bodyOf, serve, writeLine } from './line.ts';

const path = process.env.EFFECTS!;

serve(
  createServer(async (request, response) => {
    const worker = /^\/(w\d+)\//.exec(request.url ?? '')?.[1] ?? '';
    const effect = JSON.parse(await bodyOf(request)) as Omit<EffectLine, 'at' | 'worker'>;
    writeLine(path, { at: Date.now(), worker, ...effect } satisfies EffectLine);
    answer(response, 200, { done: effect.call });
  }),
);
