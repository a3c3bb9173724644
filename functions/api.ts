/** The HTTP API behind a Function URL with response streaming. Built by the first request, so that importing it asks for nothing. */
import config from '#config';
import { app } from '../lib/http/app.ts';
import { functionUrl } from '../lib/http/function-url.ts';
import { jsonLog } from '../lib/observe/log.ts';
import { apiWorld } from '../lib/world.ts';

export const handler = functionUrl(() => app(apiWorld(config)), jsonLog());
