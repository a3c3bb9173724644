/** The api function in this process: the app of functions/api.ts, on the same world, behind the same streaming interface. */
import { Writable } from 'node:stream';
import { streamHandle } from 'hono/aws-lambda';
import type { Config } from '../agents/config.ts';
import { readEnv, secretValues } from '../config/env.ts';
import { app } from '../http/app.ts';
import { discreetLog, redactor } from '../observe/redact.ts';
import type { Log } from '../ports/index.ts';
import { type Deployment, worldFrom } from '../world.ts';
import { installAwsLambda, onPrelude, type StreamingHandler, withPrelude } from './lambda/streaming.ts';

/** `env`: what the function's environment would be. Unlike in a process of its own, several systems may live beside each other. */
export function startApi(
  env: Record<string, string>,
  config: Config,
  log: Log,
): { handler: StreamingHandler; world: Deployment } {
  installAwsLambda();
  const settings = readEnv(env);
  const redact = redactor(secretValues(settings));
  const world = { ...worldFrom(settings, config), log: discreetLog(log, redact) };
  const api = app({ ...world, ...world.api });
  const handler: StreamingHandler = (event, stream, context) => {
    const gone = new AbortController();
    stream.once('close', () => gone.abort());
    const fetch = (request: Request, bindings: object) =>
      api.fetch(new Request(request, { signal: gone.signal }), bindings);
    return (streamHandle({ fetch } as typeof api) as unknown as StreamingHandler)(event, patient(stream), context);
  };
  return { world, handler };
}

/** Drops what is written after the client has gone. The app is told by its request's signal; to Hono it would be an error to print. */
function patient(stream: Writable): Writable {
  const written = new Writable({
    write: (chunk, _encoding, done) => (stream.destroyed ? done() : stream.write(chunk, () => done())),
    final: (done) => (stream.destroyed ? done() : stream.end(() => done())),
  });
  onPrelude(written, (prelude) => withPrelude(stream, prelude));
  return written;
}
