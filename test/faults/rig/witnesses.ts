/** The witnesses as processes: the provider with its bill, and the sink of the tools' effects. They end when their standard input does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Control } from '../witness/model.ts';

export type Witnesses = {
  modelUrl: string;
  sinkUrl: string;
  billPath: string;
  refusalsPath: string;
  effectsPath: string;
  /** Tells the provider how to fail. */
  control(asked: Control): Promise<void>;
  close(): Promise<void>;
};

export async function startWitnesses(folder: string, seed: number): Promise<Witnesses> {
  const [billPath, refusalsPath, effectsPath] = ['bill', 'refusals', 'effects'].map((name) =>
    join(folder, `${name}.jsonl`),
  );
  for (const path of [billPath, refusalsPath, effectsPath]) writeFileSync(path!, '');
  const [model, sink] = await Promise.all([
    start('model.ts', { BILL: billPath!, REFUSALS: refusalsPath!, SEED: String(seed) }),
    start('sink.ts', { EFFECTS: effectsPath! }),
  ]);
  return {
    ...{ modelUrl: model.url, sinkUrl: sink.url },
    ...{ billPath: billPath!, refusalsPath: refusalsPath!, effectsPath: effectsPath! },
    async control(asked) {
      const { ok } = await fetch(`${model.url}/control`, { method: 'POST', body: JSON.stringify(asked) });
      if (!ok) throw new Error('the provider did not take it');
    },
    async close() {
      await Promise.all([model.stop(), sink.stop()]);
    },
  };
}

async function start(name: string, variables: Record<string, string>) {
  const file = fileURLToPath(new URL(`../witness/${name}`, import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH, TZ: 'UTC', ...variables },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! });
  const port = await Promise.race([once(lines, 'line').then(([line]) => Number(line)), gone.then(() => null)]);
  if (port === null) throw new Error(`the witness ${name} did not start`);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.stdin!.end();
      await gone;
    },
  };
}
