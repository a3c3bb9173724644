/**
 * SQS in this process, in memory, on the loopback only: the work queue and its dead-letter queue, with the real service's API. Messages
 * are hints, so that they may go with the process.
 */
import type { AddressInfo } from 'node:net';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';

/** After so many receives that did not end in a delete, a message is given up (as lib/infra/deployment.ts has it for the real queue). */
const MAX_RECEIVES = 5;
const REGION = 'us-east-1';

export type LocalSqs = {
  /** For the SDK's `endpoint`. Any credentials do, but there must be some. */
  endpoint: string;
  region: string;
  queueUrl: string;
  queueArn: string;
  deadLetterUrl: string;
  deadLetterArn: string;
  close(): Promise<void>;
};

type SqsOptions = {
  /** Any free one by default. */
  port?: number;
  /** How long a received message is hidden, 30 by default. */
  visibilitySeconds?: number;
  /** Each request's action, `SendMessage` or another. */
  onRequest?: (action: string) => void;
};

export async function startSqs(options: SqsOptions = {}): Promise<LocalSqs> {
  const { port = 0, visibilitySeconds = 30, onRequest } = options;
  const { buildApp } = await import('fauxqs');
  const app = buildApp({ logger: false, defaultRegion: REGION });
  app.addHook('onRequest', async ({ headers }) =>
    onRequest?.(String(headers['x-amz-target']).replace('AmazonSQS.', '')),
  );
  await app.listen({ port, host: '127.0.0.1' });
  const endpoint = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint, region: REGION, credentials });
  const create = async (name: string, attributes: Record<string, string> = {}) => {
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
    const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    // The emulator names a host that nothing resolves, and the SDK sends to the queue's host when its endpoint comes from the environment.
    const url = endpoint + new URL(QueueUrl!).pathname;
    return { url, arn: (await client.send(ask)).Attributes!.QueueArn! };
  };
  const deadLetters = await create('circadian-dead-letters');
  const work = await create('circadian-work', {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: MAX_RECEIVES }),
  });
  client.destroy();

  return {
    endpoint,
    region: REGION,
    queueUrl: work.url,
    queueArn: work.arn,
    deadLetterUrl: deadLetters.url,
    deadLetterArn: deadLetters.arn,
    close: () => app.close(),
  };
}
