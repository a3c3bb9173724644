/**
 * Reconciliation: the ledger against the budget days, the holds, the sessions' counters, the live view and the provider's own report.
 * Nothing here is needed for a ceiling to hold; it shows that all books agree, says why where they do not, and repairs what the ledger
 * proves. `npm run reconcile` does it by hand, functions/reconcile once a day.
 */
import type { Measures } from './metrics.ts';
import type { Books, Drift, LiveBooks, Log, ProviderCosts } from './ports.ts';

/** `provider` null: no admin key is set, so its report is not compared. */
export type Needs = { books: Books; liveBooks: LiveBooks; provider: ProviderCosts | null };
/** `today`: a UTC date. `days`: how many closed days before it are compared with the provider's report. */
export type ReconcileOptions = { repair: boolean; today: string; days?: number };
export type Finding = Drift & { cause: string; repaired: boolean };
export type Reconciled = { findings: Finding[]; checked: { days: number; providerDays: number }; away: string[] };

const DAY_MS = 86_400_000;
/** The report is in cents with decimals, and each of our calls was rounded up: less than this is no disagreement. Microdollars. */
const PROVIDER_TOLERANCE = 10_000n;

const CAUSES: Record<Drift['kind'], string> = {
  spent: 'the day was changed past the protocol, or restored without its ledger: the ledger counts',
  held: 'the day was changed past the protocol: the open holds count',
  session_cost: 'the session was changed past the protocol: the ledger counts',
  stale_hold: 'its call is in the ledger, so the money is held twice',
  stranded_hold:
    'its session has ended or is gone, so no claim will charge it: it may have been billed and counts as unknown',
  unbooked_hold: 'its ledger row is missing, so nothing says what it cost: restore the ledger from a backup',
  unheld_call: 'its hold is missing; the ledger counts all the same',
  live_day: 'a mirror was lost, or Redis lost its memory: the database counts',
  provider: 'the provider charged more than the ledger knows: another program uses the key, or a price is out of date',
};

const REPAIRABLE: Drift['kind'][] = ['spent', 'held', 'session_cost', 'stale_hold', 'stranded_hold'];

/**
 * Compares, and with `repair` sets right what can be proven. A live view or a provider that does not answer is named in `away`, and
 * nothing else suffers. Throws if Postgres does.
 */
export async function reconcile(needs: Needs, options: ReconcileOptions): Promise<Reconciled> {
  const away: string[] = [];
  const asked = <T>(who: string, answer: Promise<T>, otherwise: T): Promise<T> =>
    answer.catch((error: unknown) => {
      away.push(`${who}: ${error instanceof Error ? error.message : String(error)}`);
      return otherwise;
    });
  const own = await ownFindings(needs.books, options.repair);
  // After the repair: the live view is compared with, and set to, what is right.
  const open = await needs.books.days(dateBefore(options.today, 1));
  const live = await asked('live view', liveFindings(needs, open, options.repair), []);
  const report = { days: 0, findings: [] as Finding[] };
  const provider = needs.provider ? await asked('provider', providerFindings(needs, options), report) : report;
  return {
    findings: [...own, ...live, ...provider.findings],
    checked: { days: open.length, providerDays: provider.days },
    away,
  };
}

/**
 * The daily run: repairs, and logs each finding with its cause and then a sum. A live view that was behind is no drift to be alarmed at: a
 * mirror may get lost, and it has been written anew. Throws if something could not be compared, so that the run is tried again and seen.
 */
export async function reconcileDaily(
  { log, ...needs }: Needs & { log: Log },
  today: string,
): Promise<{ found: number; left: number }> {
  const { findings, checked, away } = await reconcile(needs, { repair: true, today });
  for (const { kind, userId, day, sessionId, found, expected, cause, repaired } of findings) {
    const level = kind === 'live_day' ? 'info' : 'error';
    const place = { user: userId, day, session: sessionId };
    log({ level, message: 'drift', kind, ...place, found, expected, cause, repaired });
  }
  const drifts = findings.filter(({ kind }) => kind !== 'live_day');
  const left = findings.filter(({ repaired }) => !repaired).length;
  const metrics: Measures = { drift: drifts.length };
  log({ level: 'info', message: 'reconciled', found: findings.length, left, ...checked, not_compared: away, metrics });
  if (away.length > 0) throw new Error(`not compared: ${away.join('; ')}`);
  return { found: findings.length, left };
}

async function ownFindings(books: Books, repair: boolean): Promise<Finding[]> {
  const drifts = await books.find();
  if (!repair) return drifts.map((drift) => finding(drift, false));
  // Holds before the sums that they are part of.
  const holds = drifts.filter(({ kind }) => kind.endsWith('_hold'));
  const sums = drifts.filter(({ kind }) => !kind.endsWith('_hold'));
  for (const drift of [...holds, ...sums]) if (REPAIRABLE.includes(drift.kind)) await books.repair(drift);
  const left = new Set((await books.find()).map(nameOf));
  return drifts.map((drift) => finding(drift, !left.has(nameOf(drift))));
}

async function liveFindings(
  { liveBooks }: Needs,
  open: Awaited<ReturnType<Books['days']>>,
  repair: boolean,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { userId, day } of open) {
    const live = await liveBooks.day(userId, day.date);
    // What is newer was mirrored after the days were read.
    if (live && live.revision > day.revision) continue;
    const same = live?.revision === day.revision && live.spent === day.spent && live.held === day.held;
    if (same) continue;
    if (repair) await liveBooks.putDay(userId, day);
    const drift = { kind: 'live_day', userId, day: day.date, sessionId: null, fence: null, n: null } as const;
    findings.push(
      finding({ ...drift, expected: day.spent + day.held, found: live ? live.spent + live.held : 0n }, repair),
    );
  }
  return findings;
}

/** Closed days only: today's report lags. Below the ledger is as it should be, since doubt is charged. */
async function providerFindings({ books, provider }: Needs, { today, days = 7 }: ReconcileOptions) {
  const [from, to] = [dateBefore(today, days), dateBefore(today, 1)];
  const [ours, theirs] = await Promise.all([books.spentByDay(from, to), provider!.byDay(from, to)]);
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

const finding = (drift: Drift, repaired: boolean): Finding => ({ ...drift, cause: CAUSES[drift.kind], repaired });

const nameOf = ({ kind, userId, day, sessionId, fence, n }: Drift): string =>
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
  const compared = `${checked.days} open days, ${checked.providerDays} days of the provider's report`;
  return [
    ...lines,
    ...away.map((who) => `not compared: ${who}`),
    `${findings.length} found, ${left} left (${compared}).`,
  ];
}
