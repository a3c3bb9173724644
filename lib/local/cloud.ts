/** The services that the functions talk to, on loopback: Postgres, Redis, the queue, and the functions' environment that leads to them. */
import type { CloudRequest } from './options.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';
import { type LocalSqs, startSqs } from './sqs.ts';
import { startUpstash } from './upstash.ts';

export type Cloud = {
  pool: Awaited<ReturnType<typeof startPostgres>>['pool'];
  sqs: LocalSqs;
  /** For lib/config/env.ts and the SDKs; complete but for the scheduler, the model and the operator's key. */
  env: Record<string, string>;
};

type Options = {
  dataDir: string | null;
  databaseUrl?: string;
  redisUrl?: string;
  onRequest?: (request: CloudRequest) => void;
};

/** Any do, but some must be there, and never those of a real account. */
export const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' };

/** What has been started is closed by `stack`, also if something after it fails. */
export async function startCloud(options: Options, stack: AsyncDisposableStack): Promise<Cloud> {
  const { dataDir, databaseUrl, redisUrl, onRequest } = options;
  const tell = (service: CloudRequest['service'], whats: string[]) => onRequest?.({ service, what: whats.join('; ') });
  const closed = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    stack.defer(() => started.close());
    return started;
  };
  const starting = [
    closed(
      startPostgres({
        dataDir: dataDir ?? 'memory',
        databaseUrl,
        onRequest: ({ statements }) => tell('postgres', statements),
      }),
    ),
    closed(startSqs({ onRequest: (action) => tell('sqs', [action]) })),
    closed(startRedis({ url: redisUrl })),
  ] as const;
  // All of them, even if one fails: nothing may start after the stack has been closed.
  await Promise.allSettled(starting);
  const [postgres, sqs, redis] = await Promise.all(starting);
  const upstash = await closed(
    startUpstash({ redisUrl: redis.url, onRequest: ({ commands }) => tell('upstash', commands) }),
  );
  const env = {
    ...CREDENTIALS,
    DATABASE_URL: postgres.url,
    UPSTASH_REDIS_REST_URL: upstash.url,
    UPSTASH_REDIS_REST_TOKEN: upstash.token,
    // The SDK sends to the host of this URL, and the emulator's own name for itself need not resolve.
    QUEUE_URL: sqs.endpoint + new URL(sqs.queueUrl).pathname,
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
  };
  return { pool: postgres.pool, sqs, env };
}
