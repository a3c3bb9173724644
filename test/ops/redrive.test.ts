/** `npm run redrive`: dead letters go back, all that is due is hinted, and it says so; on real parts. */
import { randomUUID } from 'node:crypto';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sqsLetters } from '../../lib/adapters/aws/dead-letters.ts';
import { sqsQueue } from '../../lib/adapters/aws/queue.ts';
import { postgresRedriver } from '../../lib/adapters/postgres/redriver.ts';
import { type LocalSqs, startSqs } from '../../lib/local/sqs.ts';
import { redrive } from '../../lib/ops/redrive.ts';
import { aNight, contract, ENDED, MIDNIGHT, START, type Subject } from '../contract/harness.ts';
import { KIND, portsOn } from '../money/kit.ts';
import { type TestDatabase, testDatabase } from '../postgres/database.ts';

/** An hour, and what this machine may take to make some sessions. */
const HOUR_MS = 3_630_000;

let db: TestDatabase;
let sqs: LocalSqs;
let client: SQSClient;
const subject = async (): Promise<Subject> => {
  db = await testDatabase(KIND);
  const { setNow, expireLease, passBackoff, close } = db;
  return { ports: portsOn(db.url), setNow, expireLease, passBackoff, close };
};
beforeAll(async () => {
  sqs = await startSqs({ visibilitySeconds: 0 });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region, credentials });
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
});
afterAll(async () => {
  client.destroy();
  await sqs.close();
});

const options = () => ({ queueUrl: sqs.queueUrl, endpoint: sqs.endpoint, region: sqs.region });
const letters = () => sqsLetters({ ...options(), waitSeconds: 0 });
const run = (sessions: string[] | null = null, pageSize?: number) =>
  redrive(
    { redriver: postgresRedriver(db.database), letters: letters(), queue: sqsQueue(options()) },
    { sessions, pageSize },
  );

/** What waits in a queue by now, and is taken from it. */
async function taken(url: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, VisibilityTimeout: 600 });
    const { Messages = [] } = await client.send(receive);
    if (Messages.length === 0) return bodies.sort();
    bodies.push(...Messages.map(({ Body }) => Body!));
  }
}
const hints = async () => (await taken(sqs.queueUrl)).map((body) => JSON.parse(body).sessionId);

contract(`redrive (${KIND} Postgres)`, subject, (t) => {
  beforeEach(async () => {
    await db.empty();
    await taken(sqs.queueUrl);
  });
  const overdue = async (n: number): Promise<string[]> => {
    const user = await t().user();
    const ids = await Promise.all(Array.from({ length: n }, () => t().session({}, user)));
    await t().setNow(START + HOUR_MS);
    // Hinted in vain: the next sweep that would find them is as far away as they have waited.
    await t().sweeper.sweep(100);
    return ids.sort();
  };

  it('has nothing to do where nothing is due, and says so', async () => {
    await t().iterate(await t().session(), { save: aNight(MIDNIGHT) });
    expect(await run()).toEqual({
      well: true,
      lines: ['No dead letters wait.', 'Nothing is due that is not being worked on: there is nothing to do.'],
    });
    expect(await hints()).toEqual([]);
  });

  it('hints all that is due at once, however lately it was hinted, in pages', async () => {
    const ids = await overdue(5);
    expect((await t().sweeper.sweep(100)).due).toEqual([]);
    const { well, lines } = await run(null, 2);
    expect([well, lines.slice(0, 2)]).toEqual([
      true,
      ['No dead letters wait.', '5 sessions hinted; the longest had not moved for 60 minutes.'],
    ]);
    expect((await hints()).sort()).toEqual(ids);
    expect((await run()).lines[1]).toContain('5 sessions hinted');
  });

  it('leaves alone who is at work, sleeps or has ended', async () => {
    const [working, asleep, ended] = await overdue(3);
    await t().claim(working!);
    await t().rest(asleep!, { state: 'sleeping', until: MIDNIGHT, reason: 'allowance' }, MIDNIGHT);
    await t().rest(ended!, ENDED);
    expect((await run()).lines[1]).toContain('nothing to do');
    expect(await hints()).toEqual([]);
  });

  it('moves those that are named, and tells of the others who or what moves them', async () => {
    const [due, other, asleep, paused, waiting, failed] = await overdue(6);
    const until = MIDNIGHT + 11 * 60_000;
    await t().rest(asleep!, { state: 'sleeping', until, reason: 'allowance' }, until);
    await t().rest(paused!, { state: 'paused', error: { code: 'api_error', message: 'No credit.' } });
    await t().rest(waiting!, { state: 'waiting', question: 'Red?' });
    await t().rest(failed!, {
      ...ENDED,
      outcome: 'failed',
      error: { code: 'failed', message: 'Its worker died five times.' },
    });
    const { well, lines } = await run([due!, asleep!, paused!, waiting!, failed!, 'ses_none']);
    expect(well).toBe(false);
    expect(lines).toEqual([
      '1 session hinted; the longest had not moved for 60 minutes.',
      `${due}: had not moved for 60 minutes.`,
      ...[
        `${asleep}: sleeps for 15 hours 10 min more.`,
        `${failed}: has ended (failed): Its worker died five times. What has ended stays ended; its messages and files are kept.`,
        `${paused}: is paused (No credit.); its user resumes it.`,
        `${waiting}: waits for its user.`,
      ].sort(),
      'ses_none: there is no such session.',
    ]);
    expect(await hints()).toEqual([due]);
    expect(other).toBeDefined();
  });

  it('says that everything is stopped, and hints nothing', async () => {
    await overdue(2);
    await db.rows("update operator_limits set stopped = true, reason = 'the model misbehaves'");
    try {
      const { well, lines } = await run();
      expect(well).toBe(false);
      expect(lines.at(-1)).toMatch(/^Nothing was hinted, since everything is stopped: the model misbehaves\./);
      expect(await hints()).toEqual([]);
    } finally {
      await db.rows('update operator_limits set stopped = false, reason = null');
    }
  });

  it('moves dead letters back, and leaves none and loses none', async () => {
    const bodies = Array.from({ length: 23 }, () =>
      JSON.stringify({ sessionId: `ses_${randomUUID()}`, userId: 'u' }),
    ).sort();
    for (const MessageBody of bodies)
      await client.send(new SendMessageCommand({ QueueUrl: sqs.deadLetterUrl, MessageBody }));
    expect((await run()).lines[0]).toBe('23 dead letters moved back to the queue.');
    expect(await taken(sqs.queueUrl)).toEqual(bodies);
    expect((await run()).lines[0]).toBe('No dead letters wait.');
  });
});

describe('dead letters', () => {
  it('of a queue that has none are none', async () => {
    await expect(sqsLetters({ ...options(), queueUrl: sqs.deadLetterUrl }).moveBack()).rejects.toThrow(
      'no dead-letter queue',
    );
  });
});
