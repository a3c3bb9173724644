/** The parts of the field guide that are not prose: style, data, the chart's program. */
export const STYLE = `:root {
  --night: #14213d;
  --dawn: #fca311;
  --day: #fdf8ef;
  --ink: #2b2d42;
  --line: #e5dccb;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--day); color: var(--ink); font: 18px/1.65 Georgia, 'Times New Roman', serif; }
header, footer { background: var(--night); color: #dfe3ee; padding: 0.8rem 1.2rem; font-size: 0.9rem; }
header a { color: var(--dawn); text-decoration: none; letter-spacing: 0.03em; }
main { max-width: 42rem; margin: 0 auto; padding: 1.5rem 1.2rem 3rem; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 1rem 0 0.4rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 0.4rem; border-bottom: 2px solid var(--dawn); padding-bottom: 0.2rem; }
.lead { font-size: 1.15rem; color: #5c5470; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.35rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
figure { margin: 1.5rem 0; }
figure img { width: 100%; height: auto; background: #fff; border: 1px solid var(--line); border-radius: 6px; }
figcaption { font-size: 0.85rem; color: #6b6375; }
dt { font-weight: bold; margin-top: 0.9rem; }
.next { margin-top: 2.5rem; font-weight: bold; }
a { color: #9a5b00; }
@media (prefers-color-scheme: dark) {
  body { background: #10141f; color: #e6e1d6; }
  .lead, figcaption { color: #aaa4b8; }
  a { color: var(--dawn); }
  th, td { border-color: #2a3145; }
}
`;

/** Typical shapes for somebody who sleeps from 23 to 7, rounded; each column from 0 (lowest) to 100 (highest). */
const HOURS: [temperature: number, melatonin: number, cortisol: number, alertness: number][] = [
  [28, 80, 8, 22],
  [20, 92, 8, 14],
  [13, 100, 12, 8],
  [7, 98, 22, 4],
  [2, 88, 38, 2],
  [0, 70, 58, 5],
  [5, 46, 78, 16],
  [14, 24, 96, 34],
  [26, 11, 100, 54],
  [39, 5, 86, 70],
  [52, 3, 72, 82],
  [63, 2, 62, 88],
  [72, 2, 56, 86],
  [79, 2, 52, 76],
  [85, 2, 46, 70],
  [90, 2, 42, 74],
  [95, 2, 38, 84],
  [100, 2, 33, 93],
  [99, 2, 28, 98],
  [93, 4, 24, 100],
  [82, 10, 20, 94],
  [67, 24, 16, 78],
  [52, 44, 12, 56],
  [39, 64, 9, 36],
];

export const DAY_CSV = [
  'hour,body_temperature,melatonin,cortisol,alertness',
  ...HOURS.map((row, hour) => [hour, ...row].join(',')),
  '',
].join('\n');

export const SPECIES_CSV = `organism,free_running_hours,what_ticks
Neurospora (bread mould),22.0,FRQ and its controllers
House mouse,23.5,neurons above the crossing of the optic nerves
Fruit fly,24.0,about 150 clock neurons
Human,24.2,about 20000 neurons and nearly every cell besides
Golden hamster,24.1,neurons above the crossing of the optic nerves
Cyanobacterium (Synechococcus),25.0,three proteins: KaiA KaiB and KaiC
Bean (leaf movement),26.0,the plant's own gene loops
`;

/** Draws the columns of day.csv as lines: one SVG, no library. */
export const CHART_AWK = `BEGIN {
  FS = ","
  left = 46; top = 24; width = 660; height = 240
  split("#d62828,#3d348b,#f77f00,#2a9d8f", colour, ",")
}
NR == 1 { columns = NF; for (i = 2; i <= NF; i++) { name[i] = $i; gsub("_", " ", name[i]) } next }
{
  rows++
  x = left + $1 * width / 24
  for (i = 2; i <= columns; i++) points[i] = points[i] sprintf("%.1f,%.1f ", x, top + height - $i * height / 100)
}
END {
  printf "<svg xmlns=\\"http://www.w3.org/2000/svg\\" viewBox=\\"0 0 760 330\\" font-family=\\"sans-serif\\" font-size=\\"12\\" role=\\"img\\" aria-label=\\"Four daily rhythms over 24 hours\\">\\n"
  printf "<rect x=\\"%d\\" y=\\"%d\\" width=\\"%.1f\\" height=\\"%d\\" fill=\\"#14213d\\" opacity=\\"0.12\\"/>\\n", left, top, 7 * width / 24, height
  printf "<rect x=\\"%.1f\\" y=\\"%d\\" width=\\"%.1f\\" height=\\"%d\\" fill=\\"#14213d\\" opacity=\\"0.12\\"/>\\n", left + 23 * width / 24, top, width / 24, height
  for (hour = 0; hour <= 24; hour += 3) {
    x = left + hour * width / 24
    printf "<line x1=\\"%.1f\\" x2=\\"%.1f\\" y1=\\"%d\\" y2=\\"%d\\" stroke=\\"#e5dccb\\"/>\\n", x, x, top, top + height
    printf "<text x=\\"%.1f\\" y=\\"%d\\" text-anchor=\\"middle\\" fill=\\"#555\\">%02d:00</text>\\n", x, top + height + 18, hour
  }
  for (i = 2; i <= columns; i++) {
    printf "<polyline fill=\\"none\\" stroke=\\"%s\\" stroke-width=\\"2.5\\" stroke-linejoin=\\"round\\" points=\\"%s\\"/>\\n", colour[i - 1], points[i]
    printf "<rect x=\\"%d\\" y=\\"%d\\" width=\\"14\\" height=\\"4\\" fill=\\"%s\\"/>\\n", left + (i - 2) * 165, top + height + 40, colour[i - 1]
    printf "<text x=\\"%d\\" y=\\"%d\\" fill=\\"#333\\">%s</text>\\n", left + (i - 2) * 165 + 20, top + height + 46, name[i]
  }
  print "</svg>"
}
`;
