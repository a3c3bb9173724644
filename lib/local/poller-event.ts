/** The event that Lambda makes of SQS messages, and how it reads the function's answer. */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';

type RecordAttribute = {
  stringValue?: string;
  binaryValue?: string;
  stringListValues: string[];
  binaryListValues: string[];
  dataType: string;
};

export type SqsRecord = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  messageAttributes: Record<string, RecordAttribute>;
  md5OfBody: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
};
export type SqsEvent = { Records: SqsRecord[] };

const toAttribute = ({ StringValue, BinaryValue, DataType = 'String' }: MessageAttributeValue): RecordAttribute => ({
  ...(StringValue !== undefined && { stringValue: StringValue }),
  ...(BinaryValue && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
  stringListValues: [],
  binaryListValues: [],
  dataType: DataType,
});

export const toRecord = (message: Message, queue: { arn: string; region: string }): SqsRecord => ({
  messageId: message.MessageId ?? '',
  receiptHandle: message.ReceiptHandle ?? '',
  body: message.Body ?? '',
  attributes: { ...message.Attributes },
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
  ),
  md5OfBody: message.MD5OfBody ?? '',
  eventSource: 'aws:sqs',
  eventSourceARN: queue.arn,
  awsRegion: queue.region,
});

/**
 * Ids of the messages that the function did not accept. Nothing, or an empty list, accepts all; an answer that is not of the documented
 * form, or names a message that was not sent, fails all.
 */
export function failedItems(answer: unknown, ids: string[]): string[] {
  const list = (answer as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures ?? [];
  if (!Array.isArray(list)) return ids;
  const failed = list.map((item: { itemIdentifier?: unknown } | null) => item?.itemIdentifier);
  return failed.every((id) => typeof id === 'string' && ids.includes(id)) ? (failed as string[]) : ids;
}
