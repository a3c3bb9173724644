/** A month as a table and as a picture. */
import type { DayOfMonth, Month } from './simulate.ts';

const dollars = (micro: bigint): string => (Number(micro) / 1e6).toFixed(4);
const percent = ({ spent, allowance }: DayOfMonth): string =>
  allowance > 0n ? `${((100 * Number(spent)) / Number(allowance)).toFixed(1)} %` : '–';

export function table({ days, budget, bill, seconds }: Month): string {
  const head = ['day', 'allowance $', 'spent $', 'of it', 'ceiling $', 'calls', 'wakes', 'awake min', 'left $'];
  const lines = days.map((day) => [
    day.date,
    dollars(day.allowance),
    dollars(day.spent),
    percent(day),
    dollars(day.ceiling),
    String(day.calls),
    String(day.wakes),
    String(day.awakeMinutes),
    dollars(day.left),
  ]);
  const widths = head.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i]!.length)));
  const row = (cells: string[]) => cells.map((cell, i) => cell.padStart(widths[i]!)).join('  ');
  const spent = days.reduce((sum, day) => sum + day.spent, 0n);
  const sum = `Budget $${dollars(budget)}, bill $${dollars(bill)}, spent $${dollars(spent)}, left $${dollars(budget - spent)}; ${seconds.toFixed(1)} s.`;
  return [row(head), ...lines.map(row), sum].join('\n');
}

/**
 * What it costs to keep money for hand-offs (R12), in unused allowance: by the rule, which asks what each session needs, and by plainer ones,
 * which keep a part of the allowance as long as any session of the day has not handed off.
 */
export function handOffTable(months: Record<string, Month>): string {
  const lines = Object.entries(months).map(([kept, { days, budget }]) => {
    const [last, left] = [days.at(-1)!, days.at(-1)!.left];
    return `  ${kept.padEnd(9)}$${dollars(left)} of $${dollars(budget)} unused, ${percent(last)} of the last day spent`;
  });
  return ['Kept for hand-offs:', ...lines].join('\n');
}

/** What a month must not do; empty if all is well. */
export function faultsOf({ days, budget, bill }: Month): string[] {
  const spent = days.reduce((sum, day) => sum + day.spent, 0n);
  const last = days.at(-1)!;
  return [
    ...days.filter((day) => day.spent > day.ceiling).map(({ date }) => `${date} passed its ceiling`),
    ...days.filter((day) => day.wakes === 0 && day !== days[0]).map(({ date }) => `nobody woke on ${date}`),
    ...(spent > budget ? ["the cycle's budget was passed"] : []),
    ...(bill > spent ? ['the bill is above what was spent'] : []),
    ...(last.spent * 10n < last.allowance * 9n ? ["the last day's allowance was not spent"] : []),
  ];
}

const [WIDTH, LEFT, STEP] = [900, 70, 26];
const PANEL = { height: 170, gap: 60 };

/** Three panels above each other: spend and allowance, minutes awake, money left. Plain SVG, no script, no font of its own. */
export function svg({ days, budget }: Month): string {
  const top = (panel: number) => 50 + panel * (PANEL.height + PANEL.gap);
  const most = Math.max(...days.map(({ ceiling }) => Number(ceiling)));
  const awake = Math.max(1, ...days.map(({ awakeMinutes }) => awakeMinutes));
  const panels = [
    panel(top(0), 'Spent per day, its allowance and its hard ceiling', `$${(most / 1e6).toFixed(2)}`, [
      bars(
        days.map(({ spent }) => Number(spent) / most),
        top(0),
        '#4f7cac',
      ),
      steps(
        days.map(({ allowance }) => Number(allowance) / most),
        top(0),
        '#222',
      ),
      steps(
        days.map(({ ceiling }) => Number(ceiling) / most),
        top(0),
        '#c0392b',
      ),
    ]),
    panel(top(1), 'Awake per day', `${awake} min`, [
      bars(
        days.map(({ awakeMinutes }) => awakeMinutes / awake),
        top(1),
        '#7a9e7e',
      ),
    ]),
    panel(top(2), 'Money left of the cycle', `$${(Number(budget) / 1e6).toFixed(2)}`, [
      bars(
        days.map(({ left }) => Number(left) / Number(budget)),
        top(2),
        '#d9a441',
      ),
    ]),
  ];
  const height = top(3);
  const dates = days.map(({ date }, i) => label(x(i) + 10, height - 40, String(Number(date.slice(8))), 'middle'));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11" fill="#333">
<title>A month on one subscription</title>
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${[...panels, ...dates].join('\n')}
</svg>
`;
}

const x = (day: number): number => LEFT + day * STEP;

const panel = (top: number, title: string, most: string, inside: string[]): string =>
  [
    label(LEFT, top - 10, title, 'start', 14),
    label(LEFT - 8, top + 10, most, 'end'),
    label(LEFT - 8, top + PANEL.height, '0', 'end'),
    `<line x1="${LEFT}" y1="${top + PANEL.height}" x2="${x(31)}" y2="${top + PANEL.height}" stroke="#999"/>`,
    ...inside,
  ].join('\n');

const label = (left: number, top: number, words: string, anchor: string, size = 11): string =>
  `<text x="${left}" y="${top}" text-anchor="${anchor}" font-size="${size}">${words}</text>`;

/** `parts` of the panel's height. */
const bars = (parts: number[], top: number, color: string): string =>
  parts
    .map((part, i) => {
      const height = (part * PANEL.height).toFixed(1);
      return `<rect x="${x(i)}" y="${(top + PANEL.height - Number(height)).toFixed(1)}" width="20" height="${height}" fill="${color}"/>`;
    })
    .join('');

const steps = (parts: number[], top: number, color: string): string => {
  const level = (part: number) => (top + PANEL.height * (1 - part)).toFixed(1);
  const points = parts.flatMap((part, i) => [`${x(i) - 3},${level(part)}`, `${x(i) + 23},${level(part)}`]);
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}"/>`;
};
