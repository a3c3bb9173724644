/** `/local/clock`: tells the clock (GET) and moves it (POST), between iterations only (R6). */
import { z } from 'zod';
import { Problem } from '../problem.ts';
import type { LocalRoute } from './front.ts';
import { LocalProblem } from './front-problem.ts';

/** Later than this, dates do not fit ISO 8601's four digits of a year. */
const LATEST = Date.parse('9999-01-01T00:00:00Z');

/** Bytes; either form of the body has some fifty. */
const MOST_BYTES = 1_000;

const Body = z.union([
  z.strictObject({ now: z.union([z.iso.datetime({ offset: true }), z.iso.date()]) }),
  z.strictObject({ advance_ms: z.int() }),
]);

export type ClockRouteOptions = {
  now: () => number;
  /** Moves to the instant (milliseconds); resolves with where the clock stands once all that became due has moved. */
  move: (at: number) => Promise<number>;
};

export function clockRoute({ now, move }: ClockRouteOptions): LocalRoute {
  let last: Promise<unknown> = Promise.resolve();

  /** One move after the other: two at a time would each wait for the other's iterations. */
  const inTurn = (work: () => Promise<number>): Promise<number> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const target = (body: Buffer): number => {
    const wanted = parse(body);
    const at = 'now' in wanted ? Date.parse(wanted.now) : now() + wanted.advance_ms;
    if (!(at <= LATEST)) throw invalid(`The clock goes no further than ${new Date(LATEST).toISOString()}.`);
    if (at < now()) throw backwards(now());
    return at;
  };

  return async (method, path, body) => {
    if (path !== '/local/clock') {
      throw new Problem(
        'not_found',
        'There is no such route: `/local/clock` and `/local/diary` are here. Nothing was done.',
      );
    }
    if (method === 'GET') return { now: iso(now()) };
    if (method !== 'POST') throw new Problem('method_not_allowed', 'Nothing was done; it takes GET and POST.');
    return { now: iso(await inTurn(async () => move(target(body)))) };
  };
}

const iso = (at: number): string => new Date(at).toISOString();

function parse(body: Buffer): z.infer<typeof Body> {
  if (body.length > MOST_BYTES) throw invalid(`The body is larger than ${MOST_BYTES} bytes.`);
  let json: unknown;
  try {
    json = JSON.parse(body.toString());
  } catch {
    throw new Problem('invalid_json', 'The body could not be read as JSON. The clock stands as it was.');
  }
  const parsed = Body.safeParse(json);
  if (parsed.success) return parsed.data;
  throw invalid('Send either `{"now": "<ISO 8601 instant with its zone>"}` or `{"advance_ms": <whole number>}`.');
}

const invalid = (what: string) => new Problem('invalid_request', `${what} The clock stands as it was.`);

const backwards = (now: number) =>
  new LocalProblem(
    409,
    'clock_backwards',
    'The clock cannot go back',
    `It is ${iso(now)} already, and what has happened cannot come to lie in the future. The clock stands as it was.`,
  );
