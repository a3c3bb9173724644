/**
 * Evidence gives back. A call of unknown outcome stays charged in full until there is proof (R7). The proof is the provider's report of its
 * hours. The report less the calls of certain cost is the most that the doubtful calls can have cost. The comparison is conservative
 * throughout:
 * - The usage of other programs counts against giving back.
 * - A call is certain only well within the hours.
 * - A report that does not cover what is known to have been billed proves nothing: it is late, or of another workspace.
 */
import { certainWithin, HOUR_MS, type Span, shared, spansOf, undated } from '../budget/evidence.ts';
import { costMicrodollars } from '../budget/pricing.ts';
import type { Correction, Doubt, Evidence, HourOfUsage, Live, Log, ProviderUsage } from '../ports/index.ts';

/**
 * Reports are complete within minutes ("typically within 5 minutes of completion, at times longer":
 * https://platform.claude.com/docs/en/build-with-claude/usage-cost-api); an hour that ended so long ago counts as final.
 */
const FINAL_MS = HOUR_MS;
/** Older doubts stay charged: three days of runs have found nothing. */
const REACH_MS = 72 * HOUR_MS;
/** For so long the recovery cron looks for those that become due. */
const WATCHED_MS = 5 * 60_000;

export type EvidenceDeps = { evidence: Evidence; usage: ProviderUsage; live: Pick<Live, 'open' | 'forget'>; log: Log };
/** Microdollars; `left`: spans of hours about which the report says nothing that would lower them. */
export type GivenBack = { given: bigint; calls: number; left: number };

/** Throws when the provider or Postgres does not answer. Nothing was then changed for a user whom the log does not name. */
export async function giveBack({ evidence, usage, live, log }: EvidenceDeps): Promise<GivenBack> {
  const now = await evidence.now();
  const spans = spansOf(await evidence.doubts(now - REACH_MS)).filter(({ to }) => to + FINAL_MS <= now);
  const given: GivenBack = { given: 0n, calls: 0, left: 0 };
  if (spans.length === 0) return given;
  const to = HOUR_MS * Math.floor((now - FINAL_MS) / HOUR_MS);
  const range = { from: Math.min(to - REACH_MS, ...spans.map(({ from }) => from)), to };
  const report = await usage.byHour(range.from, range.to);
  const byUser = new Map<string, Correction[]>();
  for (const span of spans) {
    const corrections = (await isCovered(evidence, report, { ...span, ...range }))
      ? await lowered(evidence, report, span)
      : null;
    if (!corrections) given.left += 1;
    for (const one of corrections ?? []) {
      const { userId } = one.doubt;
      byUser.set(userId, [...(byUser.get(userId) ?? []), one]);
    }
  }
  for (const [userId, corrections] of byUser) {
    const open = live.open(null, Date.now() + WATCHED_MS, userId);
    await open.catch((error: unknown) => log({ level: 'warn', message: 'live view away', error: String(error) }));
    const back = await evidence.lower(userId, corrections).finally(() => live.forget(userId).catch(() => {}));
    given.given += back;
    given.calls += corrections.length;
    log({ level: 'info', message: 'gave back', user: userId, microdollars: back, calls: corrections.length });
  }
  return given;
}

type Hours = { model: string; from: number; to: number };

/** What the report of these hours comes to. Sums of many prompts are priced as one, so at least as much as they were billed. */
const billed = (report: HourOfUsage[], { model, from, to }: Hours): bigint =>
  report
    .filter((one) => undated(one.model) === model && one.hour >= from && one.hour < to)
    .reduce((sum, { hour, usage }) => sum + costMicrodollars({ model, usage, at: hour }), 0n);

/** Does the report know of calls of ours at all? Each of our costs is rounded up, by less than a microdollar. */
async function isCovered(evidence: Evidence, report: HourOfUsage[], hours: Hours): Promise<boolean> {
  const within = certainWithin(hours);
  const { cost, calls } = await evidence.certain(hours.model, within.from, within.to);
  return calls > 0 && billed(report, hours) + BigInt(calls) >= cost;
}

async function lowered(evidence: Evidence, report: HourOfUsage[], span: Span<Doubt>): Promise<Correction[] | null> {
  const within = certainWithin(span);
  const { cost, calls } = await evidence.certain(span.model, within.from, within.to);
  return shared(span.doubts, billed(report, span) + BigInt(calls) - cost);
}
