/** Queue over the AWS SDK: on the local SQS, and against a service that refuses part of a batch. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sqsQueue } from '../../lib/adapters/aws/queue.ts';
import { startSqs } from '../../lib/local/sqs.ts';
import { queueContract } from '../contract/queue.ts';

beforeAll(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
});
afterAll(() => {
  vi.unstubAllEnvs();
});

async function start(options?: Parameters<typeof startSqs>[0]) {
  const sqs = await startSqs(options);
  const client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region });
  const close = async () => {
    client.destroy();
    await sqs.close();
  };
  const receive = async (more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
    const input = { QueueUrl: sqs.queueUrl, MaxNumberOfMessages: 10, ...more };
    return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
  };
  return { sqs, client, receive, close };
}

queueContract('SQS on localhost', async () => {
  const { sqs, client, receive, close } = await start();
  const take = async () => {
    const taken: Message[] = [];
    for (let batch = await receive(); batch.length > 0; batch = await receive()) {
      taken.push(...batch);
      const Entries = batch.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl: sqs.queueUrl, Entries }));
    }
    return taken.map((message) => JSON.parse(message.Body!));
  };
  return { queue: sqsQueue(sqs), take, close };
});

describe('the local SQS', () => {
  const withSqs = async (options?: Parameters<typeof startSqs>[0]) => {
    const parts = await start(options);
    onTestFinished(() => parts.close());
    return parts;
  };
  const hint = { sessionId: 'ses_1', userId: 'user-1' };

  it('delivers a delayed hint when its time has come', async () => {
    const { sqs, receive } = await withSqs();
    await sqsQueue(sqs).send(hint, 1);
    expect(await receive()).toEqual([]);
    expect(await receive({ WaitTimeSeconds: 5 })).toHaveLength(1);
  });

  it('hides a received message until its visibility ends', async () => {
    const { sqs, receive } = await withSqs();
    await sqsQueue(sqs).send(hint, 0);
    expect(await receive({ VisibilityTimeout: 1 })).toHaveLength(1);
    expect(await receive()).toEqual([]);
    const again = await receive({ WaitTimeSeconds: 5, MessageSystemAttributeNames: ['All'] });
    expect(again[0]?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it('gives a message up to the dead letters after five receives', async () => {
    const { sqs, receive } = await withSqs({ visibilitySeconds: 0 });
    await sqsQueue(sqs).send(hint, 0);
    for (let n = 0; n < 5; n++) expect(await receive()).toHaveLength(1);
    expect(await receive()).toEqual([]);
    const dead = await receive({ QueueUrl: sqs.deadLetterUrl });
    expect(dead.map((message) => JSON.parse(message.Body!))).toEqual([hint]);
  });

  it('is found by the SDK through the environment alone', async () => {
    const { sqs, receive } = await withSqs();
    vi.stubEnv('AWS_ENDPOINT_URL_SQS', sqs.endpoint);
    vi.stubEnv('AWS_REGION', sqs.region);
    await sqsQueue({ queueUrl: sqs.queueUrl }).send(hint, 0);
    expect(await receive()).toHaveLength(1);
  });

  it('keeps two servers apart', async () => {
    const [one, two] = [await withSqs(), await withSqs()];
    await one.client.send(new SendMessageCommand({ QueueUrl: one.sqs.queueUrl, MessageBody: '{}' }));
    expect(await two.receive()).toEqual([]);
    expect(await one.receive()).toHaveLength(1);
  });
});

describe('a message as SQS gets it', () => {
  const sent = async (userId: string, delayMs: number) => {
    let request: Record<string, unknown> = {};
    const endpoint = await serve(async (body) => {
      request = body;
      return { MD5OfMessageBody: createHash('md5').update(String(body.MessageBody)).digest('hex'), MessageId: '1' };
    });
    await sqsQueue({ queueUrl: `${endpoint}/1/work`, region: 'us-east-1', endpoint }).send(
      { sessionId: 's', userId },
      delayMs,
    );
    return request;
  };

  it.each([
    [-1, 0],
    [0, 0],
    [1, 1],
    [30_001, 31],
    [900_000, 900],
    [86_400_000, 900],
  ])('is delayed: %i ms are %i s', async (delayMs, seconds) => {
    expect((await sent('user-1', delayMs)).DelaySeconds).toBe(seconds);
  });

  it.each(['ünï cödé', 'x'.repeat(129), 'with space'])('is grouped by user, also by one named %s', async (userId) => {
    const group = (await sent(userId, 0)).MessageGroupId;
    expect(group).toMatch(/^[\x21-\x7e]{1,128}$/);
    expect((await sent(`${userId}!`, 0)).MessageGroupId).not.toBe(group);
    expect((await sent('user-1', 0)).MessageGroupId).toBe('user-1');
  });
});

/** A service that answers each request as told, until the test ends. */
async function serve(answer: (body: Record<string, unknown>) => Promise<unknown>): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify(await answer(body)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a batch that SQS takes in part', () => {
  /** Speaks just enough of the protocol: refuses what `refuse` says, per request. */
  const partial = async (refuse: (round: number, id: string) => boolean) => {
    const sent: { round: number; Body: string; Group: string }[] = [];
    let round = 0;
    const endpoint = await serve(async (body) => {
      const entries = body.Entries as { Id: string; MessageBody: string; MessageGroupId: string }[];
      round += 1;
      const isRefused = ({ MessageBody }: { MessageBody: string }) => refuse(round, JSON.parse(MessageBody).sessionId);
      for (const entry of entries) {
        if (!isRefused(entry)) sent.push({ round, Body: entry.MessageBody, Group: entry.MessageGroupId });
      }
      const Failed = entries.filter(isRefused).map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }));
      return { Successful: [], Failed };
    });
    const queue = sqsQueue({ queueUrl: `${endpoint}/1/work`, region: 'us-east-1', endpoint });
    return { queue, sent, rounds: () => round };
  };
  const hints = Array.from({ length: 10 }, (_, n) => ({ sessionId: `ses_${n}`, userId: 'user-1' }));

  it('sends what was refused once more, and only that', async () => {
    const { queue, sent, rounds } = await partial((round, id) => round === 1 && id === 'ses_4');
    await queue.sendAll(hints);
    expect(rounds()).toBe(2);
    expect(sent).toHaveLength(10);
    expect(sent.filter((message) => message.round === 2).map((message) => JSON.parse(message.Body))).toEqual([
      hints[4],
    ]);
    expect(new Set(sent.map((message) => message.Group))).toEqual(new Set(['user-1']));
  });

  it('throws when it is refused again, having sent the rest', async () => {
    const { queue, sent, rounds } = await partial((_, id) => id === 'ses_4' || id === 'ses_9');
    await expect(queue.sendAll(hints)).rejects.toThrow('2 of 10 hints were refused twice');
    expect(rounds()).toBe(2);
    expect(sent).toHaveLength(8);
  });

  it('gives up where the service is away, and does not try every batch', async () => {
    let requests = 0;
    const server = createServer((request) => {
      requests += 1;
      request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const queue = sqsQueue({ queueUrl: `${endpoint}/1/work`, region: 'us-east-1', endpoint });
    await expect(queue.sendAll(Array.from({ length: 30 }, () => hints).flat())).rejects.toThrow();
    expect(requests).toBeLessThanOrEqual(8 * 3);
  });

  it('does not ask for anything when there is nothing to send', async () => {
    const { queue, rounds } = await partial(() => false);
    await queue.sendAll([]);
    expect(rounds()).toBe(0);
  });
});
