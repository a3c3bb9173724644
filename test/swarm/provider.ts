/** The billing process from outside: asked for replies by the workers, and for its bill by the checks. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Asked, Bill, Served } from './billing.ts';

const PROCESS = fileURLToPath(new URL('./billing.ts', import.meta.url));

export type Provider = {
  think(asked: Asked): Promise<Served>;
  /** All that was billed by now. */
  bill(): Promise<Bill>;
  close(): Promise<void>;
};

export async function startProvider(seed: number): Promise<Provider> {
  const child = fork(PROCESS, { env: { ...process.env, SEED: String(seed) }, execArgv: [] });
  const [port] = await Promise.race([
    once(child, 'message') as Promise<[number]>,
    once(child, 'exit').then(() => Promise.reject(new Error('the billing process did not start'))),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const known: Bill = [];
  return {
    async think(asked) {
      const response = await fetch(`${url}/call`, { method: 'POST', body: JSON.stringify(asked) });
      return (await response.json()) as Served;
    },
    async bill() {
      const from = known.length;
      const news = (await (await fetch(`${url}/bill?from=${from}`)).json()) as Bill;
      // Another reading may have come first.
      known.push(...news.slice(known.length - from));
      return known;
    },
    async close() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
