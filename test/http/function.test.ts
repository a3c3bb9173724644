import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { functionUrl } from '../../lib/http/function-url.ts';
import { installAwsLambda, onPrelude, type Prelude, type StreamingHandler } from '../../lib/local/lambda/streaming.ts';

/** functions/api.ts with the event that a Function URL sends (payload version 2.0). Nothing here asks a database. */
const event = (method: string, rawPath: string, headers: Record<string, string> = {}, body?: string) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath,
  rawQueryString: '',
  headers: { host: 'abc.lambda-url.us-east-1.on.aws', 'x-forwarded-proto': 'https', ...headers },
  requestContext: {
    accountId: 'anonymous',
    apiId: 'abc',
    domainName: 'abc.lambda-url.us-east-1.on.aws',
    domainPrefix: 'abc',
    http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'curl' },
    requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
    routeKey: '$default',
    stage: '$default',
    time: '10/Nov/2026:08:00:00 +0000',
    timeEpoch: 1794297600000,
  },
  ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
  isBase64Encoded: body !== undefined,
});

let handler: StreamingHandler;
beforeAll(async () => {
  const loopback = 'http://127.0.0.1:9';
  const variables = {
    ...{ DATABASE_URL: 'postgresql://u:p@127.0.0.1:9/d', UPSTASH_REDIS_REST_URL: loopback, QUEUE_URL: `${loopback}/q` },
    ...{ UPSTASH_REDIS_REST_TOKEN: 'x', SCHEDULE_GROUP: 'g', SCHEDULE_ROLE_ARN: 'r', WAKE_FUNCTION_ARN: 'w' },
    ...{ ANTHROPIC_API_KEY: 'x', ADMIN_API_KEY: 'operator-key-of-the-tests' },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  installAwsLambda();
  ({ handler } = (await import('../../functions/api.ts')) as unknown as { handler: StreamingHandler });
});
afterAll(() => vi.unstubAllEnvs());

async function invoke(sent: ReturnType<typeof event>, to = handler) {
  const stream = new PassThrough();
  let prelude: Prelude | null = null;
  onPrelude(stream, (given) => {
    prelude = given;
  });
  const context = { getRemainingTimeInMillis: () => 60_000 } as Parameters<StreamingHandler>[2];
  const [body] = await Promise.all([text(stream), to(sent, stream, context)]);
  return { prelude: prelude as Prelude | null, body };
}

describe('functions/api', () => {
  it('answers a Function URL', async () => {
    const { prelude, body } = await invoke(event('GET', '/healthz'));
    expect(prelude?.statusCode).toBe(200);
    expect(prelude?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual({ status: 'ok' });
  });

  it('that cannot start says so, and when to ask again', async () => {
    const broken = functionUrl(
      () => {
        throw new Error('no DATABASE_URL');
      },
      () => undefined,
    );
    const { prelude, body } = await invoke(event('GET', '/healthz'), broken as unknown as StreamingHandler);
    expect([prelude?.statusCode, prelude?.headers['retry-after']]).toEqual([503, '60']);
    expect(JSON.parse(body).code).toBe('unavailable');
  });

  it('knows the operator of this deployment, and its models', async () => {
    const authorization = 'Bearer operator-key-of-the-tests';
    const asked = event('PUT', '/v1/admin/users/ada', { authorization }, JSON.stringify({ tier: 'gold' }));
    const { prelude, body } = await invoke(asked);
    expect([prelude?.statusCode, JSON.parse(body).code]).toEqual([422, 'unknown_tier']);
    expect(body).toContain('economy, standard, premium');
    expect((await invoke(event('GET', '/v1/budget'))).prelude?.statusCode).toBe(401);
  });
});
