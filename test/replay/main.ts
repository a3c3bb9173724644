/**
 * `npm run replay -- FILE [--only id,id] [--share N] [--json]`: recorded transcripts through the whole local system, one after the other.
 * Each gets a user of its own whose daily allowance is an Nth of its cost (a fifth by default), or what its dearest call needs if that is
 * more. Exit status 1 if one does not come out as it went in.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { knownModels, MODEL_COST_WEIGHTS, parsePrices, usePrices, withPrices } from '../../lib/budget/index.ts';
import { type ModelServer, startModelServer } from '../../lib/local/model/server.ts';
import { type LocalSystem, startLocal } from '../../lib/local/system.ts';
import { difference, historyFault, type LedgerRow, overspent, wrongCosts } from './compare.ts';
import { recordedPlayer } from './player.ts';
import { dearestHold, type Recording, recordingOf, totalPrice } from './recording.ts';
import { type Report, table } from './report.ts';
import { type Playing, type Ran, run, say } from './run.ts';
import { readTranscripts } from './transcript.ts';

const DEFAULT_SHARE = 5n;
const TOKENS_ROUND = 100;

export type ReplayOptions = {
  file: string;
  only: string[] | null;
  /** The allowance is the cost divided by this. */
  share: bigint;
  onReport?: (report: Report) => void;
};

/** Room for the longest recorded reply: nothing is shrunk below it, the session sleeps instead. */
const outputTokens = (recordings: Recording[]): number => {
  const longest = Math.max(...recordings.flatMap(({ calls }) => calls.map(({ usage }) => usage.output_tokens ?? 0)));
  return Math.ceil(longest / TOKENS_ROUND) * TOKENS_ROUND;
};

/** What was recorded is played with the model of that time. */
const NOTHING_RETIRED = JSON.stringify(Object.fromEntries(knownModels().map((model) => [model, { retired_at: null }])));

const environment = (file: string, maxTokens: number): Record<string, string> => ({
  REPLAY_FILE: file,
  MAX_OUTPUT_TOKENS: String(maxTokens),
  LEAST_OUTPUT_TOKENS: String(maxTokens),
  COMPACTION: '0',
  REPETITION_GUARD: '0',
  COUNT_TOKENS: 'always',
  PRICES: NOTHING_RETIRED,
});

const ledgerOf = async (system: LocalSystem, sessionId: string): Promise<LedgerRow[]> => {
  const { rows } = await system.database.query(
    `select cost::text, class from usage_ledger where session_id = $1 and (cost > 0 or class = 'unknown') order by at, fence, n`,
    [sessionId],
  );
  return rows.map((row) => ({ cost: BigInt(String(row.cost)), class: String(row.class) }));
};

const reportOf = (
  recording: Recording,
  ran: Ran,
  ledger: LedgerRow[],
  billed: number,
  allowance: bigint,
  larger: number,
  refused: string[],
): Report => {
  const { id, model, recordedModel, usageIs, calls } = recording;
  const recorded = calls.every(({ recordedCost }) => recordedCost !== null)
    ? calls.reduce((sum, { recordedCost }) => sum + (recordedCost ?? 0), 0)
    : null;
  const checks = {
    wrong_costs: wrongCosts(recording, ledger),
    overspent_days: overspent(ran.days),
    history_fault: refused[0] ?? historyFault(recording, ran.messages),
    difference: difference(recording, ran.messages),
    stopped: ran.stopped,
  };
  const charged = Number(ledger.reduce((sum, { cost }) => sum + cost, 0n));
  const clean =
    checks.wrong_costs.length === 0 &&
    checks.overspent_days.length === 0 &&
    !checks.history_fault &&
    !checks.difference &&
    !checks.stopped;
  return {
    ...{
      id,
      model,
      recorded_model: recordedModel,
      usage: usageIs,
      iterations: ran.iterations,
      recorded_turns: calls.length,
    },
    ...{ daily_allowance_microdollars: Number(allowance), nights_slept: ran.nights, days: ran.days },
    ...{
      charged_microdollars: charged,
      price_microdollars: Number(totalPrice(recording)),
      billed_microdollars: billed,
    },
    recorded_microdollars: recorded === null ? null : Math.round(recorded),
    larger_than_sent: larger,
    ...checks,
    ok: clean && ran.iterations === calls.length && billed <= charged,
    seconds: ran.milliseconds / 1_000,
  };
};

const billedFrom = (model: ModelServer, from: number): number =>
  model
    .bill()
    .slice(from)
    .reduce((sum, { cost_microdollars }) => sum + cost_microdollars, 0);

/** With less than its dearest hold a session could never go on; twice that leaves room to move. */
const allowanceOf = (recording: Recording, share: bigint, maxTokens: number): bigint => {
  const part = totalPrice(recording) / share;
  const least = dearestHold(recording, maxTokens);
  return part >= least ? part : 2n * least;
};

/** Runs the transcripts of the file. Throws only for what is wrong with the file or the system; what a replay shows is in its report. */
export const replay = async ({ file, only, share, onReport = () => {} }: ReplayOptions): Promise<Report[]> => {
  const recordings = readTranscripts(file, only).map(recordingOf);
  const maxTokens = outputTokens(recordings);
  const playing = new Map<string, Promise<Playing>>();
  const recorded = recordedPlayer(
    new Map(recordings.map((recording) => [recording.id, recording])),
    async (id, words) => {
      const { api, sessionId } = (await playing.get(id)) ?? {};
      if (api && sessionId) await say(api, sessionId, words);
    },
  );
  await using stack = new AsyncDisposableStack();
  usePrices(withPrices(MODEL_COST_WEIGHTS, parsePrices(NOTHING_RETIRED)));
  stack.defer(() => usePrices(MODEL_COST_WEIGHTS));
  const model = await startModelServer(recorded);
  stack.defer(() => model.close());
  const system = await startLocal({
    dataDir: null,
    model: { apiKey: 'replay', baseUrl: model.url },
    iterateHandler: 'test/replay/iterate.handler',
    env: environment(file, maxTokens),
  });
  stack.defer(() => system.close());

  const reports: Report[] = [];
  for (const recording of recordings) {
    const allowance = allowanceOf(recording, share, maxTokens);
    const billed = model.bill().length;
    const ran = await run(system, recording, allowance, (start) => playing.set(recording.id, start));
    const ledger = await ledgerOf(system, ran.sessionId);
    const report = reportOf(
      recording,
      ran,
      ledger,
      billedFrom(model, billed),
      allowance,
      recorded.larger.get(recording.id)?.size ?? 0,
      model.takeRefusals().map(({ message }) => message),
    );
    reports.push(report);
    onReport(report);
  }
  return reports;
};

const USAGE = 'npm run replay -- FILE [--only id,id] [--share N] [--json]\n';

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, share: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const [file] = positionals;
  const share =
    values.share === undefined ? DEFAULT_SHARE : /^[1-9]\d*$/.test(values.share) ? BigInt(values.share) : null;
  if (!file || share === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  const progress = (report: Report) => process.stderr.write(`${report.ok ? 'ok    ' : 'FAILED'} ${report.id}\n`);
  const reports = await replay({
    file: resolve(file),
    only: values.only?.split(',') ?? null,
    share,
    onReport: progress,
  });
  process.stdout.write(values.json ? `${JSON.stringify(reports, null, 2)}\n` : table(reports));
  return reports.every(({ ok }) => ok) ? 0 : 1;
};

if (import.meta.main) process.exitCode = await main();
