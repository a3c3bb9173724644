/** Traces, from the settings: in the function that sends them, and in the one that turns them on. */
import { otlpReceiver } from './adapters/otlp.ts';
import { connect } from './adapters/postgres/connect.ts';
import { switchTraces } from './adapters/postgres/traces.ts';
import { type Env, readEnv } from './config/env.ts';
import { headersOf } from './config/traces.ts';
import type { Traces } from './ports/index.ts';
import type { Tracing } from './traces/send.ts';

/** Null: nobody is to be told. */
const addressOf = (env: Env<'migrate'>): string | null =>
  env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ??
  (env.OTEL_EXPORTER_OTLP_ENDPOINT ? `${env.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, '')}/v1/traces` : null);

/** Null where no endpoint is set: nothing asks the database about traces then. */
export function tracingOf(env: Env<'wake'>, traces: Traces): Tracing | null {
  const url = addressOf(env);
  if (url === null) return null;
  const headers = (env.OTEL_EXPORTER_OTLP_HEADERS && headersOf(env.OTEL_EXPORTER_OTLP_HEADERS)) || {};
  const content = env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;
  return { traces, receiver: otlpReceiver({ url, headers }), service: env.OTEL_SERVICE_NAME, content };
}

/**
 * After the migrations of a deployment: from now on what is journalled is sent, or nothing is and what was not sent is forgotten. `variables`: the
 * environment, where it is not this process's.
 */
export function turnTraces(variables = process.env): Promise<void> {
  const env = readEnv(variables, 'migrate');
  return switchTraces(connect(env.DATABASE_URL), addressOf(env) !== null);
}
