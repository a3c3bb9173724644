/**
 * The dead letters of an SQS queue, moved back by hand: receive, send, delete. SQS's own StartMessageMoveTask would do it, too, but one at a
 * time, unseen, and only where the service offers it. Hints may be doubled, so a crash between send and delete does no harm.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html (RedrivePolicy).
 */
import type { Message, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { DeadLetters } from '../../ports/index.ts';

type Sdk = typeof import('@aws-sdk/client-sqs');

const BATCH = 10;
/** One run ends, also when letters come back as fast as they are moved. */
const MOST = 10_000;

const RedrivePolicy = z.object({ deadLetterTargetArn: z.string() });

/**
 * `endpoint`: only where it is not AWS's own. `waitSeconds`: how long an empty queue is asked (1 by default): a short poll asks some of SQS's
 * servers only, and may find nothing where there is something.
 */
export type LettersOptions = { queueUrl: string; region?: string; endpoint?: string; waitSeconds?: number };

export function sqsLetters({ queueUrl, waitSeconds = 1, ...config }: LettersOptions): DeadLetters {
  return {
    async moveBack() {
      const sdk = await import('@aws-sdk/client-sqs');
      const sqs = new sdk.SQSClient(config);
      try {
        return await moveAll(sdk, sqs, { from: await lettersOf(sdk, sqs, queueUrl), to: queueUrl, waitSeconds });
      } finally {
        sqs.destroy();
      }
    },
  };
}

/** The queue itself names its dead-letter queue, which is in the same account and region: only the last part of its address differs. */
async function lettersOf(sdk: Sdk, sqs: SQSClient, queueUrl: string): Promise<string> {
  const ask = new sdk.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['RedrivePolicy'] });
  const { Attributes } = await sqs.send(ask);
  if (!Attributes?.RedrivePolicy) throw new Error('The queue has no dead-letter queue: it has no RedrivePolicy.');
  const { deadLetterTargetArn } = RedrivePolicy.parse(JSON.parse(Attributes.RedrivePolicy));
  const url = new URL(queueUrl);
  url.pathname = url.pathname.replace(/[^/]+$/, deadLetterTargetArn.split(':').at(-1)!);
  return url.href;
}

type Route = { from: string; to: string; waitSeconds: number };

async function moveAll(sdk: Sdk, sqs: SQSClient, { from, to, waitSeconds }: Route): Promise<number> {
  let moved = 0;
  while (moved < MOST) {
    const { Messages = [] } = await sqs.send(
      new sdk.ReceiveMessageCommand({
        ...{ QueueUrl: from, MaxNumberOfMessages: BATCH, WaitTimeSeconds: waitSeconds },
        MessageSystemAttributeNames: ['MessageGroupId'],
      }),
    );
    if (Messages.length === 0) break;
    const sent = await send(sdk, sqs, to, Messages);
    if (sent.length === 0) throw new Error('SQS refused to take the dead letters back; they stay where they are.');
    const Entries = sent.map((message, i) => ({ Id: String(i), ReceiptHandle: message.ReceiptHandle }));
    await sqs.send(new sdk.DeleteMessageBatchCommand({ QueueUrl: from, Entries }));
    moved += sent.length;
  }
  return moved;
}

/** Those that were taken. */
async function send(sdk: Sdk, sqs: SQSClient, to: string, messages: Message[]): Promise<Message[]> {
  const Entries = messages.map(({ Body, Attributes }, i) => ({
    ...{ Id: String(i), MessageBody: Body, MessageGroupId: Attributes?.MessageGroupId },
  }));
  const { Successful = [] } = await sqs.send(new sdk.SendMessageBatchCommand({ QueueUrl: to, Entries }));
  return Successful.map(({ Id }) => messages[Number(Id)]!);
}
