/**
 * The child process of one local execution environment: loads the handler named by `_HANDLER` and runs one invocation after the other,
 * as told by the Lambda Runtime API at `AWS_LAMBDA_RUNTIME_API`.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { answerStreaming, call, describe } from './runtime-client.ts';
import {
  type BufferedHandler,
  type Context,
  installAwsLambda,
  isStreaming,
  type StreamingHandler,
} from './streaming.ts';

new Worker(new URL('./deathwatch.ts', import.meta.url), { env: {} }).unref();
installAwsLambda();

type Handler = BufferedHandler | StreamingHandler;

/** `functions/wake.handler` → the export `handler` of functions/wake.mjs, if a bundle is there, else of functions/wake.ts below the task root. */
async function loadHandler(): Promise<Handler> {
  const name = process.env._HANDLER ?? '';
  const dot = name.lastIndexOf('.');
  const path = join(process.env.LAMBDA_TASK_ROOT ?? '', name.slice(0, dot));
  const file = existsSync(`${path}.mjs`) ? `${path}.mjs` : `${path}.ts`;
  const found = (await import(pathToFileURL(file).href))[name.slice(dot + 1)];
  if (typeof found === 'function') return found;
  throw Object.assign(new Error(`${name} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
}

function contextOf(id: string, headers: Record<string, unknown>): Context {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  const functionName = process.env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  return {
    awsRequestId: id,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

async function serve(handler: Handler): Promise<void> {
  const next = await call('GET', '/invocation/next');
  const id = String(next.headers['lambda-runtime-aws-request-id']);
  const context = contextOf(id, next.headers);
  try {
    const event: unknown = JSON.parse(next.body);
    if (isStreaming(handler)) return await answerStreaming(id, (stream) => handler(event, stream, context));
    const result = await (handler as BufferedHandler)(event, context);
    await call('POST', `/invocation/${id}/response`, JSON.stringify(result) ?? 'null');
  } catch (error) {
    await call('POST', `/invocation/${id}/error`, describe(error));
  }
}

const handler = await loadHandler().catch(async (error: unknown) => {
  await call('POST', '/init/error', describe(error));
  return process.exit(1);
});
for (;;) await serve(handler);
