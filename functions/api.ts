/** The HTTP API behind a Function URL with response streaming (DESIGN 10). Built by the first request, so that importing it asks for nothing. */
import { Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';
import { app } from '../lib/http/app.ts';
import type { Env } from '../lib/http/deps.ts';
import { apiWorld } from '../lib/world.ts';

let api: ReturnType<typeof app> | null = null;

const first = new Hono<Env>().all('*', (c) => {
  api ??= app(apiWorld());
  return api.fetch(c.req.raw, c.env);
});

export const handler = streamHandle(first);
