/** A TCP proxy in front of a server, which can cut it off, or let it fall silent. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export type TcpGate = {
  port: number;
  /** Cuts every connection and refuses new ones until `open`. What the server had begun it ends: applied, and nobody hears of it. */
  shut(): void;
  /** No byte passes any more in either direction, and new connections hang, until `open`. */
  freeze(): void;
  open(): void;
  close(): Promise<void>;
};

export async function startTcpGate(targetPort: number): Promise<TcpGate> {
  const pairs = new Set<[Socket, Socket]>();
  let state: 'open' | 'shut' | 'frozen' = 'open';
  const cut = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };

  const server = createServer((near) => {
    near.on('error', () => {});
    if (state === 'shut') return void near.destroy();
    const far = connect(targetPort, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => near.write(data));
    if (state === 'frozen') for (const socket of pair) socket.pause();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    shut() {
      state = 'shut';
      cut();
    },
    freeze() {
      state = 'frozen';
      for (const pair of pairs) for (const socket of pair) socket.pause();
    },
    open() {
      state = 'open';
      for (const pair of pairs) for (const socket of pair) socket.resume();
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
