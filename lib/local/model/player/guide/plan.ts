/** The sample goal and how it is reached: a small website about the thing that Circadian is named after. */

import { DIARY } from '../../../diary.ts';
import { call } from '../../answer.ts';
import { bash, narrate, type Plan, step, write } from '../step.ts';
import { CHART_AWK, DAY_CSV, SPECIES_CSV, STYLE } from './assets.ts';
import { html, type Page } from './html.ts';
import { CLOCK, DAY, INDEX, LIGHT } from './pages-one.ts';
import { GLOSSARY, KEEPING, OTHERS, SLIPS } from './pages-two.ts';

/** What `npm start` asks for. */
export const SAMPLE_GOAL =
  'Write a field guide to circadian rhythms for curious readers: a small website of about seven pages in site/, with plain HTML and one style sheet, ' +
  'a chart drawn from data that is kept as CSV, and a glossary. Check that every link leads somewhere and count the words. Leave a README.md that says what is where.';

/** The same with a page of the web to read, at this address. */
export const withDiary = (address: string): string =>
  `${SAMPLE_GOAL} Read the sleep diary at ${address} and work out with Python how far apart the middles of sleep are on work days and on free days.`;

const diaryOf = (goal: string): string | undefined => /the sleep diary at (\S+)/.exec(goal)?.[1];

export const isSampleGoal = (goal: string): boolean => /field guide to circadian rhythms/i.test(goal);

const page = (content: Page, say: string, ...before: ReturnType<typeof narrate>[]) =>
  step(`the page “${content.title}”`, say, ...before, write(`site/${content.file}`, html(content)));

const WORDS = `for f in site/*.html; do printf '%5d  %s\\n' "$(sed 's/<[^>]*>//g' "$f" | wc -w)" "$f"; done; printf '%5d  in all\\n' "$(cat site/*.html | sed 's/<[^>]*>//g' | wc -w)"`;
const LINKS = `for f in site/*.html; do grep -o '\\(href\\|src\\)="[^"]*"' "$f" | sed 's/^[a-z]*="//; s/"$//' | while read -r to; do [ -e "site/$to" ] || echo "$f: $to leads nowhere"; done; done`;
const ORPHANS = `for f in site/*.html; do name=\${f#site/}; [ "$name" = index.html ] && continue; grep -q "href=\\"$name\\"" site/index.html || echo "index.html does not lead to $name"; done`;
const SPECIES = `{ echo '<table>'; echo '<tr><th>Organism</th><th>Its own day (hours)</th><th>What ticks</th></tr>'; tail -n +2 data/species.csv | sort -t, -k2 -n | awk -F, '{ printf "<tr><td>%s</td><td>%s</td><td>%s</td></tr>\\n", $1, $2, $3 }'; echo '</table>'; } > /tmp/table.html
awk '/<div id="species"><\\/div>/ { while ((getline line < "/tmp/table.html") > 0) print line; next } { print }' site/others.html > /tmp/others.html && cp /tmp/others.html site/others.html
grep -c '<tr>' site/others.html`;
const LAST_LOOK = `${WORDS}; echo; echo "links that lead nowhere: $(${LINKS.replaceAll('"$f: $to leads nowhere"', 'x')} | wc -l)"`;

const readme = (hasDiary: boolean): string => `# A field guide to circadian rhythms

Open \`site/index.html\` in a browser. There are no scripts and nothing is loaded from elsewhere.

| where | what |
|---|---|
| \`site/\` | the pages, \`style.css\` and \`chart.svg\` |
| \`data/day.csv\` | four daily rhythms, hour by hour, each scaled from 0 to 100; typical shapes, rounded |
| \`data/species.csv\` | the inner day of seven organisms, typical values |
${hasDiary ? '| `data/diary.csv`, `data/mid-sleep.txt` | two weeks of sleep, and how far apart its middles are |\n' : ''}| \`tools/chart.awk\` | draws the chart: \`awk -f tools/chart.awk data/day.csv > site/chart.svg\` |
| \`report.txt\` | words per page and the last check of all links |

The figures are textbook values, rounded. The guide explains; it is not medical advice.
`;

const PLAN_FILE = `# Plan

1. Data: four daily rhythms and the inner days of some organisms, as CSV; a look at both before anything is built on them.
2. Form: one style sheet that reads well by day and by night; a chart drawn by a small program, so that it can be drawn again.
3. Pages, each about 250 to 400 words: what a clock is · light · a day inside the body · other clocks · when it slips · keeping time · glossary.
4. Checks: every link leads somewhere, every page can be reached, word counts, a last reading.
`;

const DIARY_CSV = `night,morning,asleep,awake\n${DIARY.map((night) => `${night.join(',')}\n`).join('')}`;

const MID_SLEEP = `python3 - <<'END'
import csv, statistics
def minutes(clock):
    hours, rest = map(int, clock.split(':'))
    return hours * 60 + rest - (1440 if hours >= 12 else 0)
middles = {'work': [], 'free': []}
for night in csv.DictReader(open('data/diary.csv')):
    middles[night['morning']].append((minutes(night['asleep']) + minutes(night['awake'])) / 2)
work, free = (round(statistics.mean(middles[kind])) for kind in ('work', 'free'))
text = f'Middle of sleep: work days {work // 60:02}:{work % 60:02}, free days {free - work} minutes later.'
open('data/mid-sleep.txt', 'w').write(text + '\\n')
print(text)
END`;

/** None without an address. */
const diarySteps = (address: string | undefined) =>
  address === undefined
    ? []
    : [
        step(
          'the diary',
          'The diary is the last of the data, and the only one to be fetched.',
          narrate('Research', 'Reading the sleep diary and working out its middles of sleep.'),
          call('web_fetch', { url: address }),
        ),
        step('the diary as data', 'A table of fourteen nights. I keep it as CSV.', write('data/diary.csv', DIARY_CSV)),
        step('the middles of sleep', 'Now the two means, by Python.', bash(MID_SLEEP)),
      ];

export const fieldGuide = (goal: string): Plan => ({
  steps: [
    step(
      'looking around',
      'I begin with what is there.',
      narrate('Plan', 'Looking at the workspace and planning the guide.'),
      bash('pwd; ls -la'),
    ),
    step('the plan', 'The workspace is empty, so I can lay it out as I like. The plan:', write('PLAN.md', PLAN_FILE)),
    step(
      'the data of a day',
      'The chart needs data first.',
      narrate('Data', 'Writing down the rhythms as numbers.'),
      write('data/day.csv', DAY_CSV),
    ),
    step(
      'a look at the data',
      'Each curve should peak where the text will say it does.',
      bash(
        `awk -F, 'NR==1 { for (i=2;i<=NF;i++) name[i]=$i; next } { for (i=2;i<=NF;i++) if ($i==100) peak[i]=$1; else if ($i<=low[i] || !(i in low)) { low[i]=$i; at[i]=$1 } } END { for (i=2;i<=5;i++) printf "%-17s highest at %02d:00\\n", name[i], peak[i]; print NR-1 " hours" }' data/day.csv`,
      ),
    ),
    step(
      'the data of other kinds',
      'Melatonin at night, temperature in the early evening: as it should be. Now the other organisms.',
      write('data/species.csv', SPECIES_CSV),
    ),
    ...diarySteps(diaryOf(goal)),
    step(
      'the style sheet',
      'A quiet page: dark blue, dawn orange, a serif.',
      narrate('Form', 'Style sheet and chart.'),
      write('site/style.css', STYLE),
    ),
    step(
      'the chart’s program',
      'The chart is drawn by a program, so that it follows the data.',
      write('tools/chart.awk', CHART_AWK),
    ),
    step(
      'the chart',
      'Drawing it.',
      bash(
        'awk "$(cat tools/chart.awk)" data/day.csv > site/chart.svg && wc -c site/chart.svg && grep -c "<polyline" site/chart.svg',
      ),
    ),
    step(
      'a look at the chart',
      'Four lines. A look at how they came out.',
      call('read_file', { path: 'site/chart.svg', limit: 12 }),
    ),
    page(
      INDEX,
      'The frame stands. Now the pages, the front one first.',
      narrate('Write', 'Writing the pages, one by one.'),
    ),
    page(CLOCK, 'What a clock is: the mimosa, the loop, the conductor.'),
    page(LIGHT, 'Light, the strongest of the time givers.'),
    page(DAY, 'The page with the chart.'),
    step('a first count', 'Half way. How long are the pages?', bash(WORDS)),
    page(OTHERS, 'A good length. On to the other clocks.'),
    step(
      'the table of species',
      'The table is built from the CSV, so that there is one source for the figures.',
      bash(SPECIES),
    ),
    page(SLIPS, 'Where the clock and the calendar part.'),
    page(KEEPING, 'What follows for an ordinary week.'),
    page(GLOSSARY, 'The last page: the words.'),
    step(
      'the links',
      'All pages are written. Does every link lead somewhere?',
      narrate('Check', 'Links, words, a last reading.'),
      bash(`${LINKS}; echo checked`),
    ),
    step(
      'pages that cannot be reached',
      'No dead ends. And can every page be reached from the front?',
      bash(`${ORPHANS}; echo checked`),
    ),
    step(
      'the way to the glossary',
      'The front page does not lead to the glossary. I add it.',
      call('edit_file', {
        path: 'site/index.html',
        old_string: '<li><a href="keeping.html">Keeping time</a></li>\n</ol>',
        new_string:
          '<li><a href="keeping.html">Keeping time</a></li>\n<li><a href="glossary.html">Glossary</a></li>\n</ol>',
      }),
    ),
    step('a second look', 'Once more, to be sure.', bash(`${ORPHANS}; echo "checked again"`)),
    step(
      'unfinished places',
      'Is there anything unfinished left in the text?',
      call('grep', { pattern: 'lorem ipsum|id="species"', path: 'site' }),
    ),
    step(
      'a last reading',
      'Nothing. I read the page with the most claims once more.',
      call('read_file', { path: 'site/slips.html' }),
    ),
    step(
      'the README',
      'It reads well. The README, for whoever comes next.',
      narrate('Hand over', 'README, report and a last look.'),
      write('README.md', readme(diaryOf(goal) !== undefined)),
    ),
    step('the report', 'Words and links go into a report.', bash(`{ ${LAST_LOOK}; } > report.txt; cat report.txt`)),
    step('all files', 'And a last look at everything.', call('glob', { pattern: '**/*' })),
  ],
  finish: (history) => {
    const report = history.resultOf(bash(`{ ${LAST_LOOK}; } > report.txt; cat report.txt`)) ?? '';
    const words = /(\d+) {2}in all/.exec(report)?.[1];
    const apart = /free days (\d+ minutes later)/.exec(history.resultOf(bash(MID_SLEEP)) ?? '')?.[1];
    return [
      'The field guide is done: open site/index.html.',
      `It has eight pages${words ? ` with ${words} words` : ''}, one style sheet and a chart of four daily rhythms that is drawn from data/day.csv by tools/chart.awk.`,
      'Every link was checked, every page can be reached from the front page, and report.txt has the counts. README.md says what is where.',
      'The figures are rounded textbook values.',
      ...(apart ? [`By the diary, the middle of sleep is ${apart} on free days (data/mid-sleep.txt).`] : []),
    ].join(' ');
  },
});
