/**
 * Two workers, the wake function and a user, interleaved at every await by fast-check's scheduler, with kills, stops, repeats, lost mail
 * and failing models anywhere: after every command and at rest G1 to G12 hold, as far as what is kept and the provider's bill can show.
 * MODEL_RUNS searches longer, MODEL_SEED elsewhere. A failure prints its seed and path; MODEL_SEED with the path's first number as MODEL_PATH
 * plays that run again and shrinks it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { hasPostgres } from '../kit/servers.ts';
import { commands, play, terms } from './run.ts';
import { memoryStore, type PostgresStores, postgresStores, type Store } from './stage.ts';

const { MODEL_RUNS, MODEL_SEED = '20261122', MODEL_PATH, MODEL_SHRINK = '1' } = process.env;
const seed = Number(MODEL_SEED);
const runs = (usual: number) => Number(MODEL_RUNS ?? usual);

const property = (fresh: () => Promise<Store>, numRuns: number, overlap: boolean) =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), terms, commands, async (scheduler, given, cmds) =>
      play(await fresh(), { scheduler, terms: given, commands: cmds }, overlap),
    ),
    {
      seed,
      numRuns,
      includeErrorInReport: true,
      endOnFailure: MODEL_SHRINK === '0',
      ...(MODEL_PATH && { path: MODEL_PATH }),
    },
  );

describe(`any interleaving (seed ${seed})`, () => {
  it(
    `keeps every guarantee in memory, ${runs(200)} runs`,
    () => property(async () => memoryStore(), runs(200), false),
    600_000,
  );
});

describe.skipIf(!hasPostgres)(`any interleaving on PostgreSQL (seed ${seed})`, () => {
  let stores: PostgresStores;
  beforeAll(async () => {
    stores = await postgresStores();
  });
  afterAll(() => stores?.close());

  it(
    `keeps every guarantee, request by request, ${runs(6)} runs`,
    () => property(stores.fresh, runs(6), false),
    600_000,
  );
  it(
    `keeps every guarantee, requests side by side, ${runs(6)} runs`,
    () => property(stores.fresh, runs(6), true),
    600_000,
  );
});
