/** The HTTP API behind a Function URL with response streaming. Built by the first request, so that importing it asks for nothing. */
import config from '#config';
import { app } from '../lib/http/app.ts';
import { functionUrl } from '../lib/http/function-url.ts';
import { jsonLog } from '../lib/observe/log.ts';
import { apiWorld } from '../lib/world.ts';

/** The function of these agents and tools. */
export const api = (definitions: Parameters<typeof apiWorld>[0]) =>
  functionUrl(() => app(apiWorld(definitions)), jsonLog());

export const handler = api(config);
