/**
 * The queue of hints: a standard SQS queue. The SDK is loaded with the first message, so that invocations that send none do not pay for it.
 * Messages of one user form a message group, by which SQS is fair between users; on a standard queue it orders and blocks nothing
 * (Amazon SQS developer guide, "fair queues").
 */
import { createHash } from 'node:crypto';
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import type { Queue, QueueMessage } from '../../ports/index.ts';

/** SQS's limits: seconds of delay, messages in one request. */
const MAX_DELAY_SECONDS = 900;
const BATCH = 10;
/** Batches under way at once. A million sleepers of one midnight are 100,000 batches. */
const LANES = 8;

/** `endpoint`: only where it is not AWS's own. */
export type SqsOptions = { queueUrl: string; region?: string; endpoint?: string };

export function sqsQueue({ queueUrl, ...config }: SqsOptions): Queue {
  const client = lazyClient(config);

  /** Sends up to ten; returns those that SQS refused. */
  const sendBatch = async (hints: QueueMessage[]): Promise<QueueMessage[]> => {
    const { sqs, SendMessageBatchCommand } = await client();
    const Entries = hints.map(toEntry);
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    return Failed.map((failure) => hints[Number(failure.Id)]!);
  };
  /** Throws at the first request that failed altogether, once those under way have ended: the SDK has tried it three times by then. */
  const sendRound = async (hints: QueueMessage[]): Promise<QueueMessage[]> => {
    const batches = inBatches(hints);
    const refused: QueueMessage[] = [];
    const lane = async () => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        try {
          refused.push(...(await sendBatch(batch)));
        } catch (error) {
          batches.length = 0;
          throw error;
        }
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
    for (const { reason } of lanes.filter((one) => one.status === 'rejected')) throw reason;
    return refused;
  };

  return {
    async send(hint, delayMs) {
      const { sqs, SendMessageCommand } = await client();
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: bodyOf(hint),
          MessageGroupId: groupOf(hint.userId),
          DelaySeconds: Math.min(MAX_DELAY_SECONDS, Math.max(0, Math.ceil(delayMs / 1_000))),
        }),
      );
    },

    /** What SQS refuses of a batch is sent once more, after all the others. */
    async sendAll(hints) {
      const refused = await sendRound(await sendRound(hints));
      if (refused.length > 0) throw new Error(`sqs: ${refused.length} of ${hints.length} hints were refused twice`);
    },
  };
}

/** Ids only, whatever else the caller's object carries. */
const bodyOf = ({ sessionId, userId }: QueueMessage) => JSON.stringify({ sessionId, userId });

function toEntry(hint: QueueMessage, index: number): SendMessageBatchRequestEntry {
  return { Id: String(index), MessageBody: bodyOf(hint), MessageGroupId: groupOf(hint.userId) };
}

function inBatches(hints: QueueMessage[]): QueueMessage[][] {
  return Array.from({ length: Math.ceil(hints.length / BATCH) }, (_, n) => hints.slice(n * BATCH, (n + 1) * BATCH));
}

/** A group's name is up to 128 printable ASCII characters without spaces; any other user id is hashed into one. */
function groupOf(userId: string): string {
  return /^[\x21-\x7e]{1,128}$/.test(userId) ? userId : createHash('sha256').update(userId).digest('hex');
}

function lazyClient(config: { region?: string; endpoint?: string }) {
  let loaded: Promise<typeof import('@aws-sdk/client-sqs') & { sqs: SQSClient }> | null = null;
  return () => {
    loaded ??= import('@aws-sdk/client-sqs').then((sdk) => ({
      ...sdk,
      sqs: new sdk.SQSClient({
        ...config,
        requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
      }),
    }));
    return loaded;
  };
}
