/** What `npm run replay` prints: a line per transcript, and what to make of it. */
export type Report = {
  id: string;
  model: string;
  recorded_model: string;
  usage: 'recorded' | 'estimated';
  iterations: number;
  recorded_turns: number;
  daily_allowance_microdollars: number;
  nights_slept: number;
  days: { date: string; allowance: number; ceiling: number; spent: number }[];
  charged_microdollars: number;
  /** The published price of the recorded usage. */
  price_microdollars: number;
  /** What the recording itself says it cost, rounded; null if it does not say. */
  recorded_microdollars: number | null;
  billed_microdollars: number;
  /** Numbers of calls whose charge is not the price of their usage. */
  wrong_costs: number[];
  overspent_days: string[];
  /** Turns whose recorded prompt is larger than the request that was sent: their system prompts or thinking were not recorded. */
  larger_than_sent: number;
  /** Why the Messages API would have refused a request, or would refuse the history. */
  history_fault: string | null;
  difference: string | null;
  stopped: string | null;
  ok: boolean;
  seconds: number;
};

const dollars = (microdollars: number): string => `$${(microdollars / 1e6).toFixed(4)}`;

type Column = { head: string; right?: boolean; of: (report: Report) => string };

const COLUMNS: Column[] = [
  { head: 'transcript', of: ({ id }) => id },
  { head: 'as', of: ({ model }) => model.replace('claude-', '') },
  { head: 'iterations', right: true, of: ({ iterations, recorded_turns }) => `${iterations}/${recorded_turns}` },
  { head: 'per day', right: true, of: (r) => dollars(r.daily_allowance_microdollars) },
  { head: 'days', right: true, of: ({ days }) => String(days.length) },
  { head: 'nights', right: true, of: ({ nights_slept }) => String(nights_slept) },
  { head: 'charged', right: true, of: (r) => dollars(r.charged_microdollars) },
  {
    head: 'recorded',
    right: true,
    of: (r) =>
      r.usage === 'recorded'
        ? dollars(r.recorded_microdollars ?? r.price_microdollars)
        : `~${dollars(r.price_microdollars)}`,
  },
  { head: 'exact', right: true, of: (r) => (r.wrong_costs.length === 0 ? 'all' : `${r.wrong_costs.length} wrong`) },
  { head: 'history', of: (r) => (r.history_fault ? 'INVALID' : r.difference ? 'valid, differs' : 'valid, same') },
  { head: 'larger*', right: true, of: ({ larger_than_sent }) => String(larger_than_sent || '') },
  { head: 's', right: true, of: ({ seconds }) => seconds.toFixed(1) },
  { head: '', of: ({ ok }) => (ok ? 'ok' : 'FAILED') },
];

const padded = (cells: string[], widths: number[]): string =>
  cells
    .map((cell, i) => (COLUMNS[i]?.right ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
    .join('  ')
    .trimEnd();

const faults = (r: Report): string[] => [
  ...(r.stopped ? [`stopped: ${r.stopped}`] : []),
  ...(r.history_fault ? [`history: ${r.history_fault}`] : []),
  ...(r.difference ? [`differs: ${r.difference}`] : []),
  ...(r.wrong_costs.length > 0 ? [`calls not charged at the price of their usage: ${r.wrong_costs.join(', ')}`] : []),
  ...(r.overspent_days.length > 0 ? [`more than 110 % spent on ${r.overspent_days.join(', ')}`] : []),
  ...(r.billed_microdollars > r.charged_microdollars
    ? [`billed ${r.billed_microdollars} µ$, charged ${r.charged_microdollars} µ$`]
    : []),
];

export const table = (reports: Report[]): string => {
  const cells = [COLUMNS.map(({ head }) => head), ...reports.map((report) => COLUMNS.map(({ of }) => of(report)))];
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const sum = (of: (report: Report) => number) => reports.reduce((total, report) => total + of(report), 0);
  const failed = reports.filter(({ ok }) => !ok);
  return [
    ...cells.map((row) => padded(row, widths)),
    '',
    `${reports.length} transcripts, ${sum((r) => r.iterations)} iterations, ${dollars(sum((r) => r.charged_microdollars))} charged, ${dollars(sum((r) => r.billed_microdollars))} billed, ${sum((r) => r.nights_slept)} nights.`,
    ...(sum((r) => r.larger_than_sent) > 0
      ? [
          '* Turns whose recorded usage is larger than the request that was sent could be: their system prompt or thinking was not recorded.',
        ]
      : []),
    '~ Estimated usage: another vendor’s model, played as claude-sonnet-4-6.',
    failed.length === 0 ? 'All reached their end.' : `${failed.length} failed:`,
    ...failed.flatMap((r) => faults(r).map((fault) => `  ${r.id}: ${fault}`)),
    '',
  ].join('\n');
};
