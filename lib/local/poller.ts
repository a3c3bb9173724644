/**
 * An SQS event source mapping: takes messages from a queue and gives each to a function, one per invocation, deleting those it accepted.
 * What fails stays in the queue, is seen again after its visibility timeout, and moves to the dead-letter queue by the queue's own rule.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and, for partial batch responses, services-sqs-errorhandling.html.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { failedItems, type SqsEvent, toRecord } from './poller-event.ts';

/** After a queue that did not answer. */
const RETRY_MS = 500;

export type PollerOptions = {
  endpoint: string;
  region: string;
  queueUrl: string;
  queueArn: string;
  /** The function's; a message stays hidden for this and a minute more, so that no second delivery meets a running first. */
  timeoutMs: number;
  /** Most invocations at a time. */
  maxConcurrency: number;
  /** Invokes the function; its answer may name failures (`batchItemFailures`), a throw fails the message. */
  deliver: (event: SqsEvent) => Promise<unknown>;
};

export type Poller = {
  /** Delivers nothing more until `resume`; resolves when no delivery is under way. A message received meanwhile is kept for then. */
  pause(): Promise<void>;
  resume(): void;
  /** Stops receiving and waits for the deliveries under way. */
  close(): Promise<void>;
};

export function startPoller(options: PollerOptions): Poller {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint: options.endpoint, region: options.region, credentials, maxAttempts: 1 });
  const closing = new AbortController();
  let gate: PromiseWithResolvers<void> | null = null;
  let running = 0;
  let whenQuiet: (() => void)[] = [];

  const enter = async (): Promise<void> => {
    while (gate) await gate.promise;
    running += 1;
  };
  const leave = (): void => {
    running -= 1;
    if (running > 0) return;
    for (const resolve of whenQuiet) resolve();
    whenQuiet = [];
  };

  const receive = async (): Promise<Message | undefined> => {
    const command = new ReceiveMessageCommand({
      QueueUrl: options.queueUrl,
      MaxNumberOfMessages: 1,
      WaitTimeSeconds: 20,
      VisibilityTimeout: Math.ceil(options.timeoutMs / 1000) + 60,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
    const { Messages } = await client.send(command, { abortSignal: closing.signal });
    return Messages?.[0];
  };

  const process = async (message: Message): Promise<void> => {
    await enter();
    try {
      if (closing.signal.aborted) return;
      const record = toRecord(message, { arn: options.queueArn, region: options.region });
      const answer = await options.deliver({ Records: [record] });
      if (failedItems(answer, [record.messageId]).length > 0) return;
      await client.send(new DeleteMessageCommand({ QueueUrl: options.queueUrl, ReceiptHandle: record.receiptHandle }));
    } finally {
      leave();
    }
  };

  const lane = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const message = await receive().catch(() =>
        delay(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined),
      );
      // Whatever made it fail, the message comes again: that is all there is to do about it.
      if (message) await process(message).catch(() => {});
    }
  };
  const lanes = Promise.all(Array.from({ length: options.maxConcurrency }, lane));

  const resume = (): void => {
    gate?.resolve();
    gate = null;
  };
  return {
    pause: () => {
      gate ??= Promise.withResolvers();
      return running === 0 ? Promise.resolve() : new Promise((resolve) => whenQuiet.push(resolve));
    },
    resume,
    close: async () => {
      closing.abort();
      resume();
      await lanes;
      client.destroy();
    },
  };
}
