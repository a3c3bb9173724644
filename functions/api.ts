/**
 * The HTTP API behind a Function URL with response streaming. Events are version 2.0 of API Gateway's payload, which Function URLs share.
 */
import { streamHandle } from 'hono/aws-lambda';
import { app } from '../lib/http/app.ts';
import { world } from '../lib/world.ts';

const here = world();

export const handler = streamHandle(app({ ...here, ...here.api }));
