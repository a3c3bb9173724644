/**
 * Once per test run: offers real PostgreSQL and Redis servers where they are installed. Nothing is started before the first test asks
 * (test/kit/servers.ts), so that a run of pure tests stays quick; whatever was started ends with the run.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { type Daemon, hasRedisServer, postgresFolder, startPostgres, startRedis } from './daemons.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where to ask for the servers, and which of them this machine has. */
    servers: { control: string; postgres: boolean; redis: boolean };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const bin = postgresFolder();
  const redis = hasRedisServer();
  const started = new Map<string, Promise<Daemon>>();
  const starters: Record<string, () => Promise<Daemon>> = {
    ...(bin ? { '/postgres': () => startPostgres(bin) } : {}),
    ...(redis ? { '/redis': startRedis } : {}),
  };
  const server = createServer(async (request, response) => {
    const name = request.url ?? '';
    const daemon = started.get(name) ?? starters[name]?.();
    if (!daemon) return void response.writeHead(404).end();
    started.set(name, daemon);
    try {
      response.end((await daemon).url);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  project.provide('servers', { control: `http://127.0.0.1:${port}`, postgres: bin !== null, redis });

  return async () => {
    server.close();
    const daemons = await Promise.allSettled(started.values());
    await Promise.all(daemons.map((daemon) => daemon.status === 'fulfilled' && daemon.value.stop()));
  };
}
