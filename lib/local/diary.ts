/**
 * A page of the web for the sample to read: two weeks of a sleep diary, served by the local system itself, since a laptop may be offline. Its
 * figures are made up.
 */
import { Problem } from '../problem.ts';
import type { LocalRoute } from './front.ts';

export const DIARY_PATH = '/local/diary';

/** Weekday, whether it is a day off, and when sleep began and ended, by the local clock. */
export const DIARY: readonly (readonly [string, 'work' | 'free', string, string])[] = [
  ['Monday', 'work', '23:10', '06:20'],
  ['Tuesday', 'work', '23:25', '06:20'],
  ['Wednesday', 'work', '23:40', '06:25'],
  ['Thursday', 'work', '23:30', '06:20'],
  ['Friday', 'free', '00:50', '08:40'],
  ['Saturday', 'free', '01:15', '09:30'],
  ['Sunday', 'work', '23:55', '06:20'],
  ['Monday', 'work', '23:20', '06:20'],
  ['Tuesday', 'work', '23:15', '06:25'],
  ['Wednesday', 'work', '23:35', '06:20'],
  ['Thursday', 'work', '23:45', '06:30'],
  ['Friday', 'free', '00:35', '08:20'],
  ['Saturday', 'free', '01:30', '09:45'],
  ['Sunday', 'work', '23:50', '06:20'],
];

const row = (cells: readonly string[], tag: 'td' | 'th'): string =>
  `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;

const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>A sleep diary of two weeks</title></head>
<body>
<nav><a href="${DIARY_PATH}">Diary</a></nav>
<main>
<h1>A sleep diary of two weeks</h1>
<p>Each night is named after the evening on which it began. A free night has no alarm in the morning.</p>
<table>
${row(['Night', 'Morning', 'Asleep', 'Awake'], 'th')}
${DIARY.map((night) => row(night, 'td')).join('\n')}
</table>
</main>
</body>
</html>
`;

export const diaryRoute: LocalRoute = async (method) => {
  if (method !== 'GET') throw new Problem('method_not_allowed', 'Nothing was done; it takes GET.');
  return PAGE;
};
