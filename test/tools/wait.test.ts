/** How a thread of the sandbox waits for the shell, when it is woken for what came before. */
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const MODULE = `import { parentPort, workerData } from 'node:worker_threads';
const end = Atomics.wait(workerData, 0, 0);
parentPort.postMessage({ end, value: Atomics.load(workerData, 0) });
parentPort.postMessage(Atomics.wait(workerData, 0, 1, 1));`;

it('sleeps on when it is woken too early, and wakes when the value has changed', async () => {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(MODULE)}`), {
    ...{ workerData: word, env: {} },
    execArgv: ['--import', new URL('../../lib/tools/sandbox/wait.ts', import.meta.url).href],
  });
  const said: unknown[] = [];
  thread.on('message', (message) => said.push(message));
  const ended = new Promise((resolve) => thread.once('exit', resolve));
  for (let woken = 0; woken < 3 && said.length === 0; woken += Atomics.notify(word, 0))
    await new Promise((resolve) => setImmediate(resolve));
  Atomics.store(word, 0, 1);
  Atomics.notify(word, 0);
  await ended;
  expect(said).toEqual([{ end: 'ok', value: 1 }, 'timed-out']);
});
