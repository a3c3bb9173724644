/** The report as Markdown. */
import { FAILPOINTS } from '../kit/failpoints.ts';
import type { Report } from './report.ts';
import { MODES } from './worker/job.ts';

const table = (head: string[], rows: (string | number)[][]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;
const dollars = (microdollars: number): string => `$${(microdollars / 1e6).toFixed(2)}`;
const seconds = (ms: number | null): string => (ms === null ? '–' : `${(ms / 1_000).toFixed(1)} s`);

const listed = (counts: { [what: string]: number }): string =>
  Object.entries(counts)
    .map(([what, n]) => `${what} ${n}`)
    .join(', ') || 'nothing';

const times = ({ medianMs, p99Ms }: Report['recovery']['found'], scale: number): string =>
  `median ${seconds(medianMs && medianMs * scale)}, 99th percentile ${seconds(p99Ms && p99Ms * scale)}`;

export function markdown(report: Report): string {
  const { machine, money, moneyInFairWeather: fair, recovery, herd, scale, compactions } = report;
  const verdict = report.violations.length + report.unproven.length === 0 ? 'No violation.' : 'FAILED.';
  return `# Faults

${verdict} ${report.date}, commit ${report.commit}, ${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, Node ${machine.node}, PostgreSQL ${machine.postgres}, Redis ${machine.redis}; ${report.minutes.toFixed(1)} minutes.

${table(
  ['part', 'rounds', 'kills of workers', 'iterations saved', 'faults that took effect', 'violations', 'minutes'],
  report.byPart.map((p) => [p.part, p.rounds, p.kills, p.iterations, p.faults, p.violations, p.minutes.toFixed(1)]),
)}

- Seeds: ${report.seeds.map(({ part, seed }) => `${part} ${seed}`).join(', ')}.
- Bill ${dollars(money.billed)}, charged ${dollars(money.charged)}, of which for unknown outcomes ${dollars(money.unknown)} (${percent(money.unknownShare)}; ${money.unknownCalls} of ${money.calls} calls).${
    fair ? ` In fair weather (1 % of workers killed, 1 % of calls failing): ${percent(fair.unknownShare)}.` : ''
  }
- ${
    recovery.claimed.n > 0
      ? `From a kill in the midst of an iteration (${recovery.claimed.n} of them) to the hint that led to the next claim: ${times(recovery.found, 1)}, with everything that waits ${scale} times shorter than in production; at production's times ${times(recovery.found, scale)}. To the claim itself, a free worker and its start on this machine included: ${times(recovery.claimed, 1)}.`
      : 'How soon a killed iteration is taken up again is measured by the part `recovery`.'
  }
- ${compactions.calls} calls for a summary of the context, which gave ${compactions.written} (${compactions.beforeSleep} before sleep; of ${compactions.unknown} nobody learnt the outcome); what befell their workers: ${listed(compactions.faults)}. Sessions on a ladder changed their model ${compactions.modelChanges} times.${
    herd
      ? `\n- ${herd.sleepers} sleepers of one midnight, a third of the sweeps killed: ${herd.hinted} hinted, in ${seconds(herd.ms)}.`
      : ''
  }

## Step × fault

How often a fault took effect at a step, and in brackets of how many of those sessions a check complained.

${table(
  ['step', ...MODES],
  FAILPOINTS.map((step) => [step, ...MODES.map((mode) => cellOf(report, step, mode))]),
)}

## All faults

${table(['fault', 'times'], Object.entries(report.faults))}

${table(['counted', 'times'], Object.entries(report.counts))}
${report.unproven.length > 0 ? `\n## Not proven\n\n${report.unproven.map((what) => `- ${what}`).join('\n')}\n` : ''}${
  report.violations.length > 0
    ? `\n## Violations\n\n${report.violations.map(({ part, seed, check, what }) => `- ${check} (${part}, seed ${seed}): ${what}`).join('\n')}\n`
    : ''
}`;
}

function cellOf({ cells }: Report, step: string, mode: string): string {
  const cell = cells.find((one) => one.step === step && one.fault === mode);
  if (!cell) return '';
  return cell.violations > 0 ? `${cell.count} (${cell.violations})` : String(cell.count);
}
