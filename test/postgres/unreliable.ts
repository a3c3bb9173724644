/** A network between the driver and its endpoint that a test can spoil: replies lost after the commit, silence, bytes counted. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** `lost`: the request takes effect, its reply is dropped. `silent`: the request goes nowhere, no reply comes. */
export type Spoil = 'lost' | 'silent' | null;
export type Exchange = { query: string; received: number };

/** `late`: the request comes once more, up to 400 ms later, when nobody waits for it. */
export async function unreliable(
  url: string,
  spoil: (query: string) => Spoil = () => null,
  late: () => boolean = () => false,
) {
  const target = new URL(url);
  const exchanges: Exchange[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const query = (JSON.parse(body.toString()) as { query?: string }).query ?? '';
    const fate = spoil(query);
    if (fate === 'silent') return;
    const headers = Object.entries(request.headers).filter(([name]) => name.startsWith('neon-')) as [string, string][];
    const forward = () => fetch(`http://${target.host}/sql`, { method: 'POST', body, headers });
    if (late()) setTimeout(() => forward().catch(() => {}), Math.random() * 400);
    const reply = await forward().then(
      (reply) => reply.text().then((body) => ({ status: reply.status, body })),
      () => null,
    );
    if (!reply) return void response.destroy();
    if (exchanges.length < 10_000) exchanges.push({ query, received: reply.body.length });
    if (fate === 'lost') return void response.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    exchanges,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
