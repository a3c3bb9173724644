/** A worker as a process of its own, which can be killed. It reaches the world only over HTTP: database, queue, provider. */
import { writeSync } from 'node:fs';
import { connect } from '../../../lib/adapters/postgres/connect.ts';
import { postgresSessions } from '../../../lib/adapters/postgres/worker-sessions.ts';
import { faulty } from './faults.ts';
import { type Answered, type Io, randomFrom, work } from './loop.ts';

const { SQL_URL, CONTROL_URL, SEED, TARGET } = process.env as Record<string, string>;
const random = randomFrom(Number(SEED));
const counts: Record<string, number> = {};
let faults = true;

const post = async <T>(path: string, body: object): Promise<T> => {
  const response = await fetch(CONTROL_URL + path, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as T;
};
const count = (what: string) => {
  counts[what] = (counts[what] ?? 0) + 1;
};
const die = (step: string) => {
  writeSync(2, `${step}\n`);
  process.kill(process.pid, 'SIGKILL');
};

setInterval(() => {
  process.send?.({ ...counts });
  for (const what of Object.keys(counts)) delete counts[what];
}, 200);
process.on('message', () => {
  faults = false;
});
process.on('disconnect', () => process.exit());

const io: Io = {
  sessions: postgresSessions(connect(SQL_URL!, { attempts: 20 })),
  random,
  count,
  target: Number(TARGET),
  step: faulty({ random, on: () => faults, chance: 0.008, die, count }),
  send: (id, delayMs) => void post('/send', { id, delayMs }).catch(() => {}),
  think: (asked) => post<Answered>('/think', asked),
  effect: (call) => post('/effect', { call }),
};
const take = async () => (await post<{ id: string | null }>('/take', {})).id;
await Promise.all([0, 1, 2, 3].map(() => work(io, take, () => true)));
