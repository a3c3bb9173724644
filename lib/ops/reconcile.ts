/**
 * Reconciliation compares the ledger with:
 * - the budget days and the holds;
 * - the sessions' counters, of all their calls and of their last day;
 * - the sessions' costs in the live view;
 * - the provider's own report.
 *
 * No ceiling needs it to hold. It shows that all sums agree, names the cause where they do not, and repairs what the ledger proves.
 * `npm run reconcile` does it by hand, functions/reconcile once a day.
 */
import type { Measures } from '../observe/metrics.ts';
import type { Audit, Discrepancy, LiveAudit, Log, ProviderCosts } from '../ports/index.ts';

/** `provider` null: no admin key is set, so its report is not compared. */
export type ReconcileDeps = { audit: Audit; liveAudit: LiveAudit; provider: ProviderCosts | null };
/**
 * `today`: a UTC date. `days`: how many closed days before it are compared with the provider's report. `since`: the first day of the ledger,
 * and of the sessions by their last day; null: all that there is, which takes as long as it takes to read the ledger.
 */
export type ReconcileOptions = { repair: boolean; today: string; days?: number; since?: string | null };
export type Finding = Discrepancy & { cause: string; repaired: boolean };
/** `checked.sessions`: those in the live view. */
export type Reconciled = {
  findings: Finding[];
  checked: { sessions: number; providerDays: number };
  away: string[];
};

const DAY_MS = 86_400_000;
/** Sessions that are compared by one request. */
const PAGE = 500;
/** The longest billing cycle, and some days: what the daily run looks at. What is older has been looked at every day of its time. */
const DAILY_DAYS = 35;
/** The report is in cents with decimals, and each of our calls was rounded up: less than this is no disagreement. Microdollars. */
const PROVIDER_TOLERANCE = 10_000n;

const CAUSES: Record<Discrepancy['kind'], string> = {
  spent: 'the day was changed past the protocol, or restored without its ledger: the ledger counts',
  held: 'the day was changed past the protocol: the open holds count',
  session_cost: 'the session was changed past the protocol: the ledger counts',
  session_day_spent:
    "the session's day was changed past the protocol, or began before it was counted: the ledger counts",
  session_day_held: "the session's day was changed past the protocol: the open holds count",
  session_day_handed_off: "the session's day was changed past the protocol: its holds for hand-offs count",
  stale_hold: 'its call is in the ledger, so the money is held twice',
  stranded_hold:
    'its session has ended or is gone, so no claim will charge it: it may have been billed and counts as unknown',
  unbooked_hold: 'its ledger row is missing, so nothing says what it cost: restore the ledger from a backup',
  unheld_call: 'its hold is missing; the ledger counts all the same',
  live_session: 'a mirror was lost, or the view was written past the protocol: the database counts',
  provider: 'the provider charged more than the ledger knows: another program uses the key, or a price is out of date',
};

const REPAIRABLE: Discrepancy['kind'][] = [
  ...(['spent', 'held', 'session_cost', 'stale_hold', 'stranded_hold'] as const),
  ...(['session_day_spent', 'session_day_held', 'session_day_handed_off'] as const),
];
/** A view that was behind is no drift to be alarmed at: a mirror may get lost, and it has been written anew. */
export const HARMLESS: Discrepancy['kind'][] = ['live_session'];

/**
 * Compares, and with `repair` sets right what can be proven. A live view or a provider that does not answer is named in `away`, and
 * nothing else suffers. Throws if Postgres does.
 */
export async function reconcile(needs: ReconcileDeps, options: ReconcileOptions): Promise<Reconciled> {
  const away: string[] = [];
  const asked = <T>(who: string, answer: Promise<T>, otherwise: T): Promise<T> =>
    answer.catch((error: unknown) => {
      away.push(`${who}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    });
  const own = await ownFindings(needs, options);
  // After the repair: the live view is compared with, and set to, what is right.
  const sessions = await asked('live view', liveSessions(needs, options.repair), { findings: [], checked: 0 });
  const report = { days: 0, findings: [] as Finding[] };
  const provider = needs.provider ? await asked('provider', providerFindings(needs, options), report) : report;
  return {
    findings: [...own, ...sessions.findings, ...provider.findings],
    checked: { sessions: sessions.checked, providerDays: provider.days },
    away,
  };
}

/**
 * The daily run: repairs, and logs each finding with its cause and then a sum. Throws if something could not be compared, so that the run is tried again and seen.
 */
export async function reconcileDaily(
  { log, ...needs }: ReconcileDeps & { log: Log },
  today: string,
): Promise<{ found: number; left: number }> {
  const { findings, checked, away } = await reconcile(needs, {
    repair: true,
    today,
    since: dateBefore(today, DAILY_DAYS),
  });
  for (const { kind, userId, day, sessionId, found, expected, cause, repaired } of findings) {
    const level = HARMLESS.includes(kind) ? 'info' : 'error';
    const place = { user: userId, day, session: sessionId };
    log({ level, message: 'drift', kind, ...place, found, expected, cause, repaired });
  }
  const drifts = findings.filter(({ kind }) => !HARMLESS.includes(kind));
  const left = findings.filter(({ repaired }) => !repaired).length;
  const metrics: Measures = { drift: drifts.length };
  log({ level: 'info', message: 'reconciled', found: findings.length, left, ...checked, not_compared: away, metrics });
  if (away.length > 0) throw new Error(`not compared: ${away.join('; ')}`);
  return { found: findings.length, left };
}

async function ownFindings(
  { audit, liveAudit }: ReconcileDeps,
  { repair, since = null }: ReconcileOptions,
): Promise<Finding[]> {
  const drifts = await allDrifts(audit, since);
  if (!repair || drifts.length === 0) return drifts.map((drift) => finding(drift, false));
  // Holds before the sums that they are part of.
  const holds = drifts.filter(({ kind }) => kind.endsWith('_hold'));
  const sums = drifts.filter(({ kind }) => !kind.endsWith('_hold'));
  for (const drift of [...holds, ...sums]) if (REPAIRABLE.includes(drift.kind)) await audit.repair(drift);
  const users = new Set(drifts.flatMap(({ userId }) => userId ?? []));
  // Where the live view is away, its snapshots run out by themselves.
  await Promise.allSettled([...users].map((userId) => liveAudit.forget(userId)));
  const left = new Set((await allDrifts(audit, since)).map(nameOf));
  return drifts.map((drift) => finding(drift, !left.has(nameOf(drift))));
}

/** `since`: as in `ReconcileOptions`. In the order of their names. */
export async function allDrifts(audit: Audit, since: string | null): Promise<Discrepancy[]> {
  const drifts: Discrepancy[] = [];
  for (let after: string | null = null; ; ) {
    const page = await audit.find({ since: since ?? '-infinity', after });
    drifts.push(...page.drifts);
    if (page.next === null) return drifts.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    after = page.next;
  }
}

const NOWHERE = { day: null, sessionId: null, fence: null, n: null } as const;

async function liveSessions(
  { audit, liveAudit }: ReconcileDeps,
  repair: boolean,
): Promise<{ findings: Finding[]; checked: number }> {
  const findings: Finding[] = [];
  for (let after = '', checked = 0; ; ) {
    const { data: page, next } = await audit.sessions({ after, limit: PAGE });
    const costs = await liveAudit.costs(page.map(({ id }) => id));
    const suspects = page.filter(({ cost }, i) => differs(costs[i], cost));
    for (const { id } of suspects) {
      const drift = await sessionDrift({ audit, liveAudit }, id);
      if (!drift) continue;
      const { found, expected } = drift;
      // A cost that was mirrored meanwhile is the newest: then there was no drift.
      if (!repair) findings.push(finding(drift, false));
      else if (await liveAudit.putCost(id, { found, cost: expected })) findings.push(finding(drift, true));
    }
    checked += page.length;
    if (next === null) return { findings, checked };
    after = next;
  }
}

const differs = (live: bigint | null | undefined, cost: bigint): live is bigint => live != null && live !== cost;

/** Not while a worker owns the session. Between a worker's save and its mirror the view is behind, too: a drift that is harmless. */
async function sessionDrift(
  { audit, liveAudit }: Pick<ReconcileDeps, 'audit' | 'liveAudit'>,
  id: string,
): Promise<Discrepancy | null> {
  const before = await audit.session(id);
  const [found] = await liveAudit.costs([id]);
  const now = await audit.session(id);
  if (!before || !now || before.cost !== now.cost || !differs(found, now.cost)) return null;
  return { ...NOWHERE, kind: 'live_session', userId: now.userId, sessionId: id, expected: now.cost, found };
}

/** Closed days only: today's report lags. Below the ledger is as it should be, since doubt is charged. */
async function providerFindings({ audit, provider }: ReconcileDeps, { today, days = 7 }: ReconcileOptions) {
  const [from, to] = [dateBefore(today, days), dateBefore(today, 1)];
  const [ours, theirs] = await Promise.all([audit.spentByDay(from, to), provider!.byDay(from, to)]);
  const findings = [...theirs].flatMap(([day, found]) => {
    const expected = ours.get(day) ?? 0n;
    const drift = {
      kind: 'provider',
      userId: null,
      day,
      sessionId: null,
      fence: null,
      n: null,
      expected,
      found,
    } as const;
    return found > expected + PROVIDER_TOLERANCE ? [finding(drift, false)] : [];
  });
  return { days: theirs.size, findings };
}

const finding = (drift: Discrepancy, repaired: boolean): Finding => ({ ...drift, cause: CAUSES[drift.kind], repaired });

const nameOf = ({ kind, userId, day, sessionId, fence, n }: Discrepancy): string =>
  [kind, userId, day, sessionId, fence, n].join(' ');

const dateBefore = (date: string, days: number): string =>
  new Date(Date.parse(date) - days * DAY_MS).toISOString().slice(0, 10);

/** One line per finding, and a last one that sums up. */
export function linesOf({ findings, checked, away }: Reconciled): string[] {
  const place = ({ userId, day, sessionId }: Finding) =>
    [userId, day, sessionId].filter((part) => part !== null).join(' ');
  const lines = findings.map(
    (one) =>
      `${one.repaired ? 'repaired' : 'DRIFT   '} ${one.kind} ${place(one)}: ${one.found} where ${one.expected} is right. ${one.cause}.`,
  );
  const left = findings.filter(({ repaired }) => !repaired).length;
  const compared = `${checked.sessions} sessions, ${checked.providerDays} days of the provider's report`;
  return [
    ...lines,
    ...away.map((who) => `not compared: ${who}`),
    `${findings.length} found, ${left} left (${compared}).`,
  ];
}
