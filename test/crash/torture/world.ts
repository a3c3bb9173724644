/** What surrounds the owners: a queue that loses, doubles, delays and reorders, and a provider that bills when it serves, whoever still listens. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answered, type Asked, LEASE_MS, type Random } from './loop.ts';

export type Billed = Asked & { cost: number; id: string };
export type World = ReturnType<typeof createWorld>;

export function createWorld(random: Random, target: number, faults: () => boolean) {
  const counts: Record<string, number> = {};
  const count = (what: string, n = 1) => {
    counts[what] = (counts[what] ?? 0) + n;
  };
  const hints: string[] = [];
  const waiting: ((id: string | null) => void)[] = [];
  const bill: Billed[] = [];
  const effects = new Map<string, number>();

  const put = (id: string) => {
    const next = waiting.shift();
    if (next) next(id);
    else hints.push(id);
  };

  function send(id: string, delayMs = 0): void {
    const fate = faults() ? random() : 1;
    if (fate < 0.03) {
      count('hints lost');
      return;
    }
    if (fate < 0.13) setTimeout(put, random() * 50, id);
    const late = fate >= 0.13 && fate < 0.16 ? random() * 3_000 : 0;
    if (delayMs + late > 0) setTimeout(put, delayMs + late, id);
    else put(id);
  }

  async function take(): Promise<string | null> {
    if (hints.length > 0) return hints.splice(Math.floor(random() * Math.min(hints.length, 8)), 1)[0]!;
    return new Promise((resolve) => {
      waiting.push(resolve);
      setTimeout(() => {
        const i = waiting.indexOf(resolve);
        if (i < 0) return;
        waiting.splice(i, 1);
        resolve(null);
      }, 300);
    });
  }

  async function think(asked: Asked): Promise<Answered> {
    await sleep(random() < 0.02 ? LEASE_MS * 1.5 : 2 + random() * 25);
    if (faults() && random() < 0.02) return { status: 529, id: '', cost: 0, calls: [] };
    const cost = random() < 0.2 ? asked.granted : 1 + Math.floor(random() * asked.granted);
    const id = `r${bill.length}`;
    bill.push({ ...asked, cost, id });
    await sleep(random() * 10);
    if (faults() && random() < 0.02) throw new Error('the stream broke after it had been billed');
    const n = asked.iteration >= target || random() < 0.04 ? 0 : 1 + Math.floor(random() * 3);
    const calls = Array.from({ length: n }, (_, i) => `${id}.${i}${random() < 0.3 ? 'once' : ''}`);
    return { status: 200, id, cost, calls };
  }

  const effect = async (call: string) => {
    effects.set(call, (effects.get(call) ?? 0) + 1);
  };

  return { counts, count, bill, effects, send, take, think, effect };
}

/** The same for processes: each function a POST. A broken stream is a broken connection. */
export async function serve(world: World) {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    const done = (answer: object) => response.end(JSON.stringify(answer));
    if (request.url === '/take') return done({ id: await world.take() });
    if (request.url === '/think') return world.think(body).then(done, () => response.destroy());
    if (request.url === '/send') world.send(body.id, body.delayMs);
    else await world.effect(body.call);
    done({});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
