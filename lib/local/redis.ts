/**
 * A Redis to talk RESP to: a real one by its URL, else an engine in this process, in memory, on a free port of the loopback. What it
 * holds are views and hints, so that losing it with the process loses nothing.
 */
export type LocalRedis = { url: string; close(): Promise<void> };

/** A server named by `url` is left as it is found: neither flushed nor stopped. */
export async function startRedis({ url }: { url?: string | undefined } = {}): Promise<LocalRedis> {
  if (url) return { url, close: async () => {} };
  const { createRedisMock } = await import('js-redis-server');
  const engine = await createRedisMock({ logger: { error: () => {} } });
  return { url: engine.url, close: () => engine.close() };
}
