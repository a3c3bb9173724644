/**
 * The provider as the swarm sees it: a process of its own, with prices of its own and an append-only bill, so that it can bear witness
 * against the ledger. It serves whatever it is asked, and bills what it serves. Prices: the published list, in picodollars per token.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomFrom } from '../crash/torture/loop.ts';

/** `key` names the hold, `day` the day it was made in; `bytes` bounds the prompt's tokens, `maxTokens` the reply's. */
export type Asked = { key: string; day: string; model: string; bytes: number; maxTokens: number };
export type Served = { id: string; usage: Record<string, number> };
/** Picodollars per call, exact. */
export type Bill = { key: string; day: string; picodollars: string }[];

/** Input, output, cache write, cache read; the second set from so many prompt tokens on. */
const PRICES: Record<string, { upTo: number; rates: [number, number, number, number] }[]> = {
  'claude-haiku-5-5': [
    { upTo: 100_000, rates: [100_000, 500_000, 125_000, 10_000] },
    { upTo: 1_000_000, rates: [500_000, 2_500_000, 625_000, 50_000] },
  ],
  'claude-sonnet-5-5': [{ upTo: 1_000_000, rates: [2_000_000, 10_000_000, 2_500_000, 100_000] }],
};

const random = randomFrom(Number(process.env.SEED ?? 1));
const below = (n: number) => Math.floor(random() * (n + 1));
const bill: Bill = [];

/** Mostly cached prompts and short replies, as agents have; now and then a cold one, and a reply up to its last token. */
function serve({ key, day, model, bytes, maxTokens }: Asked): Served {
  const prompt = random() < 0.05 ? bytes : Math.ceil(bytes * (0.6 + 0.4 * random()));
  const read = random() < 0.1 ? 0 : Math.floor(prompt * 0.9);
  const write = below(prompt - read);
  const input = prompt - read - write;
  const output = random() < 0.03 ? maxTokens : 1 + below(Math.min(maxTokens, 600) - 1);
  const tier = PRICES[model]?.find(({ upTo }) => prompt <= upTo);
  if (!tier) throw new Error(`no price for ${model} with ${prompt} tokens`);
  const counts = [input, output, write, read];
  const picodollars = counts.reduce((sum, count, i) => sum + BigInt(count) * BigInt(tier.rates[i]!), 0n);
  bill.push({ key, day, picodollars: String(picodollars) });
  const usage = {
    input_tokens: input,
    output_tokens: output,
    cache_creation_input_tokens: write,
    cache_read_input_tokens: read,
  };
  return { id: `msg_${bill.length}`, usage };
}

/** `POST /call` serves; `GET /bill` gives the bill from `?from=N` on. */
const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  if (pathname === '/bill') return void response.end(JSON.stringify(bill.slice(Number(searchParams.get('from') ?? 0))));
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  response.end(JSON.stringify(serve(JSON.parse(Buffer.concat(chunks).toString()) as Asked)));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
// Whoever started it is its only client.
process.on('disconnect', () => process.exit(0));
