/** A run's evidence, read: the rows of its database, and the lines of the witnesses with what they belong to. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { rawTypes } from '../../../lib/local/neon.ts';
import {
  type BillLine,
  type ClaimLine,
  type EffectLine,
  type Evidence,
  linesOf,
  type RefusalLine,
  type Violation,
} from '../evidence.ts';

/** Every value as Postgres' text. */
export type Row = Record<string, string | null>;
export type Rows = (text: string, ...values: unknown[]) => Promise<Row[]>;

/** A line of the bill with the fence under which its worker called; null where that worker never got a claim of this session. */
export type Billed = BillLine & { fence: number | null };

export type Run = {
  rows: Rows;
  bill: Billed[];
  refusals: RefusalLine[];
  effects: EffectLine[];
  claims: ClaimLine[];
  logs: { file: string; text: string }[];
  evidence: Evidence;
};

/** What is wrong in a run, as sentences that name the session or day and the numbers. */
export type Finder = (run: Run) => Promise<Violation[]>;

export function runOf(evidence: Evidence, rows: Rows): Run {
  const read = <T>(path: string) => linesOf<T>(readFileSync(path, 'utf8'));
  const claims = read<ClaimLine>(evidence.claimsPath);
  const fenceOf = ({ worker, session, at }: BillLine): number | null => {
    const own = claims.filter((claim) => claim.worker === worker && claim.session === session);
    // A worker's clock may be wrong on purpose, so that times count only where there is a choice.
    return (own.findLast((claim) => own.length === 1 || claim.at <= at) ?? own.at(-1))?.fence ?? null;
  };
  return {
    rows,
    evidence,
    claims,
    bill: read<BillLine>(evidence.billPath).map((line) => ({ ...line, fence: fenceOf(line) })),
    refusals: read<RefusalLine>(evidence.refusalsPath),
    effects: read<EffectLine>(evidence.effectsPath),
    logs: readdirSync(evidence.logDir).map((file) => ({
      file,
      text: readFileSync(join(evidence.logDir, file), 'utf8'),
    })),
  };
}

/** Opens the run's database for as long as `use` takes. */
export async function reading<T>(evidence: Evidence, use: (run: Run) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: evidence.databaseUrl, types: rawTypes } as pg.ClientConfig);
  await client.connect();
  try {
    return await use(runOf(evidence, async (text, ...values) => (await client.query(text, values)).rows));
  } finally {
    await client.end();
  }
}

const SHOWN = 4;

/** At most a few violations of one kind, the last of which says how many there are. */
export function few(check: string, found: { what: string; row?: unknown }[]): Violation[] {
  const shown = found
    .slice(0, SHOWN)
    .map(({ what, row }) => ({ check, what, ...(row !== undefined && { rows: [row] }) }));
  const more = found.length - shown.length;
  return more > 0 ? [...shown, { check, what: `${found[0]!.what} (and ${more + SHOWN - 1} more like it)` }] : shown;
}

/** A query that finds what must not be, of its rows those for which `but` holds, and the sentence that says what is wrong. */
export type Never = { check: string; query: string; but?: (row: Row) => boolean; says: (row: Row) => string };

/** All of them, one after the other, on one connection. */
export const never =
  (...list: Never[]): Finder =>
  async ({ rows }) => {
    const found: Violation[] = [];
    for (const { check, query, but = () => true, says } of list) {
      found.push(
        ...few(
          check,
          (await rows(query)).filter(but).map((row) => ({ what: says(row), row })),
        ),
      );
    }
    return found;
  };
