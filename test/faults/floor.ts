/**
 * The floor: takes hints from the queue and alarms from the scheduler, and puts workers on them, a few at a time, as an event source mapping
 * does; with a queue that loses, doubles, delays and reorders. Beside it runs the recovery cron.
 */
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LocalSqs } from '../../lib/local/sqs.ts';
import { between, type Random } from './random.ts';
import type { Record } from './record.ts';
import { CRON_MS } from './scale.ts';
import type { Job } from './worker/job.ts';
import type { Outcome, Workers } from './workers.ts';

export type Hint = { sessionId: string; userId: string };
/** Parts of all messages. */
export type QueueWeather = { lost: number; doubled: number; delayed: number; reordered: boolean };
export const ORDERLY: QueueWeather = { lost: 0, doubled: 0, delayed: 0, reordered: false };

export type Order = Partial<Job> & { started?: (worker: string) => void; over?: (outcome: Outcome) => void };

export type Floor = {
  weather: QueueWeather;
  /** What is special about the next job of a session: its fault, its clock. */
  order: (hint: Hint) => Order;
  wakeOrder: () => Order;
  /** True: this hint has been taken, and nobody is to work on it. `sentAt`: when it reached the queue, real milliseconds. */
  take: (hint: Hint, sentAt: number) => boolean;
  /** A hint past the queue. */
  hint(hint: Hint): void;
  wake(cron: Job['cron']): void;
  /** Nothing waits, and nobody works or is stopped in the midst of it. */
  quiet(): boolean;
  /** What it is that is not over, for a user to read. */
  standing(): string;
  close(): Promise<void>;
};

type Options = {
  sqs: LocalSqs;
  workers: Workers;
  record: Record;
  random: Random;
  atOnce: number;
  limitMs: number;
  /** By how much the run's clock has leapt. */
  leapMs: () => number;
  deadLetter: (hint: Hint) => Promise<void>;
};
type Waiting = { hint: Hint; message: Message | null };

export function startFloor(options: Options): Floor {
  const { sqs, workers, record, random, atOnce, limitMs, leapMs, deadLetter } = options;
  const credentials = { accessKeyId: 'harness', secretAccessKey: 'harness' };
  const client = new SQSClient({ endpoint: sqs.endpoint, region: sqs.region, credentials, maxAttempts: 1 });
  const closing = new AbortController();
  const backlog: Waiting[] = [];
  const wakes: Job['cron'][] = [];
  const under = new Set<Promise<void>>();
  const jobs = new Set<Job>();
  let starting = 0;

  const plain = (hint: Hint): Job => ({
    ...{ kind: 'iterate', session: hint.sessionId, user: hint.userId, cron: 'schedule' },
    ...{ limitMs, skewMs: 0, leapMs: leapMs(), count: false, plan: null },
  });

  const put = async (job: Job, { started, over }: Order): Promise<Outcome> => {
    starting += 1;
    jobs.add(job);
    const outcome = await workers.run(job, (worker) => {
      starting -= 1;
      started?.(worker);
    });
    jobs.delete(job);
    record.count(`${job.kind} ${outcome.end}`);
    over?.(outcome);
    return outcome;
  };

  const receipt = (queueUrl: string, message: Message) =>
    client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));

  const work = async ({ hint, message }: Waiting): Promise<void> => {
    const { started, over, ...special } = floor.order(hint);
    const outcome = await put({ ...plain(hint), ...special }, { started, over });
    if (outcome.steps.has('saved')) record.iterations += 1;
    if (message && outcome.end === 'over') await receipt(sqs.queueUrl, message).catch(() => {});
  };

  const wakeUp = async (cron: Job['cron']): Promise<void> => {
    const { started, over, ...special } = floor.wakeOrder();
    const job: Job = { ...plain({ sessionId: '', userId: '' }), kind: 'wake', cron, limitMs: 20_000, ...special };
    await put(job, { started, over });
  };

  const follow = (work: Promise<void>) => {
    const followed = work.finally(() => {
      under.delete(followed);
      pump();
    });
    under.add(followed);
  };

  const pump = () => {
    while (!closing.signal.aborted && starting + workers.working() < atOnce) {
      const cron = wakes.shift();
      if (cron) {
        follow(wakeUp(cron));
        continue;
      }
      const index = floor.weather.reordered ? Math.floor(random() * backlog.length) : 0;
      const [next] = backlog.splice(index, 1);
      if (!next) return;
      follow(work(next));
    }
  };

  const arrived = (message: Message) => {
    const hint = JSON.parse(message.Body!) as Hint;
    const done = () => void receipt(sqs.queueUrl, message).catch(() => {});
    if (floor.take(hint, Number(message.Attributes?.SentTimestamp))) return done();
    const { lost, doubled, delayed } = floor.weather;
    // A sweep hints again what waits long. Here few workers stand for a Lambda's thousands: they are not spent on hints that change nothing.
    if (backlog.some((other) => other.hint.sessionId === hint.sessionId)) {
      record.count('messages merged');
      return done();
    }
    record.hinted(hint.sessionId);
    if (random() < lost) {
      record.fault({ mode: 'message_lost', step: null, session: hint.sessionId, worker: null, took: true });
      return done();
    }
    const copies = random() < doubled ? between(random, 2, 5) : 1;
    if (copies > 1)
      record.fault({ mode: 'message_doubled', step: null, session: hint.sessionId, worker: null, took: true });
    for (let i = 0; i < copies; i++) {
      const waiting = { hint, message: i === 0 ? message : null };
      if (random() >= delayed) backlog.push(waiting);
      else {
        record.fault({ mode: 'message_delayed', step: null, session: hint.sessionId, worker: null, took: true });
        setTimeout(() => backlog.push(waiting), random() * 3_000);
      }
    }
    pump();
  };

  const receive = async (queueUrl: string, most: number, take: (message: Message) => unknown): Promise<void> => {
    while (!closing.signal.aborted) {
      const command = new ReceiveMessageCommand({
        ...{ QueueUrl: queueUrl, MaxNumberOfMessages: most, WaitTimeSeconds: 5 },
        MessageSystemAttributeNames: ['SentTimestamp'],
      });
      const asked = client.send(command, { abortSignal: closing.signal });
      const { Messages = [] } = await asked.catch(() => ({ Messages: [] }));
      for (const message of Messages) await take(message);
    }
  };

  const floor: Floor = {
    ...{ weather: ORDERLY, order: () => ({}), wakeOrder: () => ({}), take: () => false },
    hint(hint) {
      backlog.push({ hint, message: null });
      pump();
    },
    wake(cron) {
      if (!wakes.includes(cron)) wakes.push(cron);
      pump();
    },
    quiet: () => backlog.length === 0 && wakes.length === 0 && starting + workers.alive() === 0,
    standing: () =>
      [
        ...backlog.map(({ hint }) => `a hint for ${hint.sessionId} waits`),
        ...wakes.map((cron) => `a wake-up (${cron}) waits`),
        ...[...jobs].map(
          ({ kind, session, cron }) => `${kind === 'wake' ? `a wake-up (${cron})` : session} is under way`,
        ),
      ].join(', '),
    async close() {
      closing.abort();
      clearInterval(timer);
      clearInterval(cron);
      await Promise.all(receiving);
      client.destroy();
    },
  };
  const receiving = [
    receive(sqs.queueUrl, 10, arrived),
    receive(sqs.deadLetterUrl, 1, async (message) => {
      record.count('messages given up');
      await deadLetter(JSON.parse(message.Body!) as Hint).catch(() => {});
      await receipt(sqs.deadLetterUrl, message).catch(() => {});
    }),
  ];
  const timer = setInterval(pump, 50);
  const cron = setInterval(() => floor.wake('recovery'), CRON_MS);
  return floor;
}
