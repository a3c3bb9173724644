import { createHash } from 'node:crypto';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from 'vitest';
import { type PollerOptions, startPoller } from '../../lib/local/poller.ts';
import { failedItems, type SqsEvent } from '../../lib/local/poller-event.ts';
import { startSqs } from '../../lib/local/sqs.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const queue = async () => {
  const sqs = await startSqs();
  closers.push(() => sqs.close());
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region, credentials });
  closers.push(() => client.destroy());
  const send = (body: string) =>
    client.send(
      new SendMessageCommand({
        QueueUrl: sqs.queueUrl,
        MessageBody: body,
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
      }),
    );
  /** Messages that are visible, and those that are received but not deleted. */
  const counts = async () => {
    const command = new GetQueueAttributesCommand({ QueueUrl: sqs.queueUrl, AttributeNames: ['All'] });
    const { Attributes = {} } = await client.send(command);
    return [Number(Attributes.ApproximateNumberOfMessages), Number(Attributes.ApproximateNumberOfMessagesNotVisible)];
  };
  const poll = (deliver: PollerOptions['deliver'], change: Partial<PollerOptions> = {}) => {
    const { endpoint, region, queueUrl, queueArn } = sqs;
    const poller = startPoller({
      endpoint,
      region,
      queueUrl,
      queueArn,
      timeoutMs: 30_000,
      maxConcurrency: 2,
      deliver,
      ...change,
    });
    closers.push(() => poller.close());
    return poller;
  };
  return { sqs, client, send, counts, poll };
};

/** Collects deliveries; `take` waits for the next one, which stays open until its `answer` is called. */
const userSessions = () => {
  type Delivery = { event: SqsEvent; answer: (value: unknown) => void; fail: (error: Error) => void };
  const arrived: Delivery[] = [];
  const waiting: ((delivery: Delivery) => void)[] = [];
  const deliver = (event: SqsEvent) =>
    new Promise<unknown>((answer, fail) => {
      const delivery = { event, answer, fail };
      const next = waiting.shift();
      if (next) next(delivery);
      else arrived.push(delivery);
    });
  const take = (): Promise<Delivery> =>
    new Promise((resolve) => {
      const delivery = arrived.shift();
      if (delivery) resolve(delivery);
      else waiting.push(resolve);
    });
  return { deliver, take, arrived };
};

describe('the poller', () => {
  it('gives one message per event, in the shape of an SQS record, and deletes it', async () => {
    const { sqs, send, counts, poll } = await queue();
    const { deliver, take } = userSessions();
    const { MessageId } = await send('{"sessionId":"ses_1"}');
    const poller = poll(deliver);
    const { event, answer } = await take();
    expect(event.Records).toHaveLength(1);
    expect(event.Records[0]).toMatchObject({
      messageId: MessageId,
      body: '{"sessionId":"ses_1"}',
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: { kind: { stringValue: 'test', dataType: 'String' } },
      md5OfBody: createHash('md5').update('{"sessionId":"ses_1"}').digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: sqs.queueArn,
      awsRegion: 'us-east-1',
    });
    expect(event.Records[0]?.receiptHandle).toBeTruthy();
    expect(Object.keys(event.Records[0]?.attributes ?? {})).toContain('SentTimestamp');
    expect(await counts()).toEqual([0, 1]);
    answer({ batchItemFailures: [] });
    await poller.close();
    expect(await counts()).toEqual([0, 0]);
  });

  it('keeps a message that the function refused or failed on', async () => {
    const { send, counts, poll } = await queue();
    const { deliver, take } = userSessions();
    await send('refused');
    await send('failed');
    const poller = poll(deliver);
    for (const { event, answer, fail } of [await take(), await take()]) {
      const [record] = event.Records;
      if (record?.body === 'failed') fail(new Error('broken'));
      else answer({ batchItemFailures: [{ itemIdentifier: record?.messageId }] });
    }
    await poller.close();
    expect(await counts()).toEqual([0, 2]);
  });

  it('has no more deliveries under way than its concurrency', async () => {
    const { send, counts, poll } = await queue();
    const { deliver, take, arrived } = userSessions();
    for (const body of ['1', '2', '3']) await send(body);
    poll(deliver, { maxConcurrency: 2 });
    const [first, second] = [await take(), await take()];
    expect(arrived).toHaveLength(0);
    expect(await counts()).toEqual([1, 2]);
    first.answer(null);
    const third = await take();
    for (const delivery of [second, third]) delivery.answer(null);
  });

  it('waits for deliveries when paused, and delivers what came meanwhile when resumed', async () => {
    const { send, poll } = await queue();
    const { deliver, take, arrived } = userSessions();
    const poller = poll(deliver);
    await send('before');
    const first = await take();
    let quiet = false;
    const paused = poller.pause().then(() => {
      quiet = true;
    });
    await send('meanwhile');
    expect(quiet).toBe(false);
    first.answer(null);
    await paused;
    expect(arrived).toHaveLength(0);
    poller.resume();
    const second = await take();
    expect(second.event.Records[0]?.body).toBe('meanwhile');
    second.answer(null);
  });

  it('serves the dead-letter queue alike, which gets a message after five receives', async () => {
    const { sqs, client, send, poll } = await queue();
    const { deliver, take } = userSessions();
    await send('poison');
    const receive = new ReceiveMessageCommand({ QueueUrl: sqs.queueUrl, VisibilityTimeout: 0 });
    for (let times = 0; times < 5; times += 1) expect((await client.send(receive)).Messages).toHaveLength(1);
    expect((await client.send(receive)).Messages ?? []).toHaveLength(0);
    poll(deliver, { queueUrl: sqs.deadLetterUrl, queueArn: sqs.deadLetterArn });
    const { event, answer } = await take();
    expect(event.Records[0]).toMatchObject({ body: 'poison', eventSourceARN: sqs.deadLetterArn });
    answer(null);
  });
});

describe('failedItems', () => {
  it.each([
    [null, []],
    [{}, []],
    [{ batchItemFailures: [] }, []],
    [{ batchItemFailures: [{ itemIdentifier: 'b' }] }, ['b']],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, ['a', 'b']],
    [{ batchItemFailures: [{ other: 'b' }] }, ['a', 'b']],
    [{ batchItemFailures: [{ itemIdentifier: 'c' }] }, ['a', 'b']],
    [{ batchItemFailures: 'all' }, ['a', 'b']],
  ])('reads %j as %j', (answer, failed) => {
    expect(failedItems(answer, ['a', 'b'])).toEqual(failed);
  });
});
