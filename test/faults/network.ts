/** What happens to the requests of the workers: the fault that one of them has planned for its next, and else chance. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FailpointName } from '../kit/failpoints.ts';
import type { Random } from './random.ts';
import type { Asked, Dependency, Fate } from './rig/gate.ts';
import type { Plan } from './worker/job.ts';

/** Of a step before a request: whom it asks, and what the request holds. */
export const REQUESTS: Partial<Record<FailpointName, { dependency: Dependency; holds: string }>> = {
  opening: { dependency: 'upstash', holds: '' },
  standing_in: { dependency: 'sqs', holds: '' },
  claiming: { dependency: 'postgres', holds: 'select claim' },
  hinting_again: { dependency: 'sqs', holds: '' },
  counting: { dependency: 'model', holds: '' },
  reserving: { dependency: 'postgres', holds: 'select reserve' },
  thinking: { dependency: 'model', holds: '' },
  settling: { dependency: 'postgres', holds: 'select settle' },
  loading_files: { dependency: 'postgres', holds: 'workspace(' },
  marking_tool: { dependency: 'postgres', holds: 'select start_tool' },
  running_tool: { dependency: 'sink', holds: '' },
  beating: { dependency: 'postgres', holds: 'select heartbeat' },
  saving: { dependency: 'postgres', holds: 'select save' },
  chaining: { dependency: 'sqs', holds: '' },
  scheduling: { dependency: 'scheduler', holds: '' },
  mirroring: { dependency: 'upstash', holds: '' },
};

/** Parts of all requests that are lost after they took effect, refused before, or come twice. */
export type Weather = { lost: number; refused: number; twice: number };
export const CALM: Weather = { lost: 0, refused: 0, twice: 0 };

type Armed = { dependency: Dependency; holds: string; fate: Fate; once: boolean; took: () => void };

export type Network = {
  fate(asked: Asked): Fate;
  /** In force until the worker's next step; `took` is called at the first request that it meets. */
  arm(worker: string, plan: Plan, took: () => void): void;
  /** No request of this worker to this dependency arrives, until its job is over. */
  block(worker: string, dependency: Dependency): void;
  disarm(worker: string): void;
  /** Nothing is planned for it any more. */
  release(worker: string): void;
  weather: Weather;
};

export function network(random: Random, count: (what: string) => void): Network {
  const armed = new Map<string, Armed>();
  const blocked = new Map<string, Dependency>();

  const chance = (weather: Weather): Fate => {
    const dice = random();
    if (dice < weather.lost) return 'lose';
    if (dice < weather.lost + weather.refused) return random() < 0.5 ? 'refuse' : 'unavailable';
    return dice < weather.lost + weather.refused + weather.twice ? 'twice' : 'pass';
  };

  return {
    weather: CALM,
    fate(asked) {
      if (blocked.get(asked.worker) === asked.dependency) return 'refuse';
      const plan = armed.get(asked.worker);
      if (plan && plan.dependency === asked.dependency && asked.body.includes(plan.holds)) {
        if (plan.once) armed.delete(asked.worker);
        plan.took();
        return plan.fate;
      }
      const fate = chance(this.weather);
      // What comes twice by itself to the outside world is its own: no owner of a session could prevent it.
      const outside = asked.dependency === 'model' || asked.dependency === 'sink';
      const made = fate === 'twice' && outside ? 'pass' : fate;
      if (made !== 'pass') count(`${made} ${asked.dependency}`);
      count(`requests ${asked.dependency}`);
      return made;
    },
    arm(worker, { step, mode }, took) {
      const request = REQUESTS[step];
      if (!request) throw new Error(`no request is made after ${step}`);
      const fate = mode === 'error' ? 'refuse' : 'lose';
      armed.set(worker, { ...request, fate, once: mode === 'lost', took });
    },
    block: (worker, dependency) => void blocked.set(worker, dependency),
    disarm: (worker) => void armed.delete(worker),
    release(worker) {
      armed.delete(worker);
      blocked.delete(worker);
    },
  };
}

export type Control = { url: string; close(): Promise<void> };

/** Where a worker asks for the fault that lies outside of it. */
export async function startControl(make: (worker: string, plan: Plan) => Promise<void>): Promise<Control> {
  const server = createServer(async (request, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { worker, plan } = JSON.parse(Buffer.concat(chunks).toString()) as { worker: string; plan: Plan };
      await make(worker, plan);
      response.writeHead(200).end();
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
