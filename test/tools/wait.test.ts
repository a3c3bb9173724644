/** How a thread of the sandbox waits for the shell, when it is woken for what came before. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { BASH_LIMITS } from '../../lib/tools/bash.ts';
import { bodyOf, contentOf, framed, readBodies } from '../../lib/tools/sandbox/frame.ts';

const module = (text: string): string => `data:text/javascript,${encodeURIComponent(text)}`;

const MODULE = `import { parentPort, workerData } from 'node:worker_threads';
const end = Atomics.wait(workerData, 0, 0);
parentPort.postMessage({ end, value: Atomics.load(workerData, 0) });
parentPort.postMessage(Atomics.wait(workerData, 0, 1, 1));`;

it('sleeps on when it is woken too early, and wakes when the value has changed', async () => {
  const word = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(module(MODULE)), {
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

/** Every second wait of a thread is woken at once, by nothing. */
const WOKEN = module(`const { wait } = Atomics;
let early = false;
Atomics.wait = (...args) => (early = !early) ? 'ok' : wait(...args);`);

/** Loaded into the process of the sandbox: its threads load WOKEN before all else. */
const HOOK = module(`import threads from 'node:worker_threads';
import { syncBuiltinESMExports } from 'node:module';
const { Worker } = threads;
threads.Worker = function (file, options) {
  return new Worker(file, { ...options, execArgv: ['--import', ${JSON.stringify(WOKEN)}, ...options.execArgv] });
};
syncBuiltinESMExports();`);

const MAIN = fileURLToPath(new URL('../../lib/tools/sandbox/main.ts', import.meta.url));

it('lets Python and JavaScript of the shell read and write, though they are woken too early', async () => {
  const command = `python3 -c "for i in range(20): open('a', 'w').write(f'owl {i}'); said = open('a').read()
print(said)"
js-exec -c 'for (let i = 0; i < 20; i++) fs.writeFileSync("b", "elk " + i), said = fs.readFileSync("b", "utf8"); console.log(said)'`;
  const child = spawn(process.execPath, ['--import', HOOK, MAIN, 'bash', '512'], {
    ...{ env: {}, stdio: ['pipe', 'pipe', 'inherit'] },
  });
  const gone = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  const answer = await new Promise((resolve) => {
    void gone.then(resolve);
    readBodies(child.stdout, 1_000_000, (body) => resolve(contentOf(body)), resolve);
    for (const piece of framed(bodyOf({ command, files: [], limits: BASH_LIMITS, network: false })))
      child.stdin.write(piece);
  });
  expect(answer).toMatchObject({ answer: { stdout: 'owl 19\nelk 19\n', stderr: '', exitCode: 0 } });
});
