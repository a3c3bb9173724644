/** What was measured, as Markdown, and what of it breaks a bound. */
import { percentile } from '../../faults/record.ts';

/**
 * `values`: one a run. `under` and `most`: the bound of their median, broken where it is reached, or where it is passed. `load`: the machine's load
 * average of a minute, after the last run.
 */
export type Measure = { name: string; unit: string; values: number[]; load: number; under?: number; most?: number };
export type Report = {
  at: string;
  machine: string;
  node: string;
  chromium: string;
  loadAverage: [before: number, after: number];
  measures: Measure[];
  violations: string[];
};

const median = ({ values }: Measure): number => percentile(values, 0.5) ?? Number.NaN;
const shown = (value: number): string => (value < 10 && !Number.isInteger(value) ? value.toFixed(1) : value.toFixed(0));

const boundOf = ({ under, most }: Measure): string =>
  under !== undefined ? `< ${under}` : most !== undefined ? `≤ ${most}` : '';

/** What was not measured at all holds no bound. */
const holds = (measure: Measure): boolean => {
  const { under = Number.POSITIVE_INFINITY, most = Number.POSITIVE_INFINITY } = measure;
  return median(measure) < under && median(measure) <= most;
};

export const violationsOf = (measures: Measure[]): string[] =>
  measures
    .filter((measure) => boundOf(measure) !== '' && !holds(measure))
    .map((measure) => `${measure.name}: ${shown(median(measure))} ${measure.unit}, bound ${boundOf(measure)}`);

const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |`;

const line = (measure: Measure): string => {
  const { name, unit, values, load } = measure;
  const figures = [Math.min(...values), median(measure), Math.max(...values)].map(shown);
  return row(name, unit, values.length, ...figures, boundOf(measure), load.toFixed(1));
};

export function markdown({ at, machine, node, chromium, loadAverage, measures, violations }: Report): string {
  const load = loadAverage.map((n) => n.toFixed(1)).join(' → ');
  return [
    '# The dashboard on localhost',
    '',
    `${at} · ${machine} · Node ${node} · Chromium ${chromium}, without a screen and a graphics card · load average ${load}`,
    '',
    row('what', 'unit', 'runs', 'minimum', 'median', 'maximum', 'bound', 'load'),
    row('---', '---', '---:', '---:', '---:', '---:', '---:', '---:'),
    ...measures.map(line),
    '',
    ...(violations.length > 0 ? ['**Failed**', '', ...violations.map((one) => `- ${one}`), ''] : []),
  ].join('\n');
}
