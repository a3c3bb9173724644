import { expect } from 'vitest';
import type { MessagesRequest } from '../../lib/local/messages-api/shape.ts';
import { call, reply } from '../../lib/local/model/answer.ts';
import { costing, type Json } from '../local/acceptance/stage.ts';
import { type Job, told } from './job.ts';

const CHAPTERS = 5;
const A_DAY = 2;
/** A chapter takes the longest reply there is. Of such a day two fit, and not half of another. */
const CHAPTER = 80_000;
const DAILY = 210_000;

const pathOf = (n: number): string => `chapters/${String(n).padStart(2, '0')}.md`;
const chapter = (n: number): string =>
  `# Chapter ${n}\n\n${Array.from({ length: 200 }, (_, i) => `On day ${n} the keeper lit lamp ${i + 1}.`).join('\n')}\n`;

/** Which chapter comes next, as the note to itself or the last result says. */
function next(request: MessagesRequest) {
  const [, noted, written] = /Next: chapter (\d)|chapters\/0(\d)\.md/.exec(told(request)) ?? [];
  const n = noted ? Number(noted) : Number(written ?? 0) + 1;
  return costing(CHAPTER, reply(call('write_file', { path: pathOf(n), content: chapter(n) })));
}
const night = (n: number) => (request: MessagesRequest) => {
  expect(told(request)).toContain("Today's allowance does not reach much further");
  return reply(call('sleep', { note: `Chapters 1 to ${n} stand. Next: chapter ${n + 1}.` }));
};

/** Its person has a small budget: two chapters of a day, then it sleeps, and goes on where its note says. */
export const book: Job = {
  title: 'a book written chapter by chapter, over the days that a small budget takes',
  daily: DAILY,
  goal: () => `Write a book of ${CHAPTERS} chapters about a lighthouse, and join them in book.md.`,
  steps: () => [
    ...Array.from({ length: CHAPTERS }, (_, i) => ((i + 1) % A_DAY === 0 ? [next, night(i + 1)] : [next])).flat(),
    reply(call('bash', { command: 'cat chapters/*.md > book.md && grep -c "^# Chapter" book.md' })),
    (request) => reply(call('finish', { result: `book.md has ${/\d+/.exec(told(request))?.[0]} chapters.` })),
  ],
  async meanwhile({ person, id, file, paths }) {
    await person.until(id, { status: 'sleeping', sleep_reason: 'allowance' });
    expect(await paths()).toEqual([1, 2].map((n) => `/${pathOf(n)}`));
    expect(await file(pathOf(2))).toBe(chapter(2));
  },
  async accept({ person, file, id }) {
    expect(await file('book.md')).toBe(Array.from({ length: CHAPTERS }, (_, i) => chapter(i + 1)).join(''));
    expect((await person.get(id)).result).toBe(`book.md has ${CHAPTERS} chapters.`);
    const days: Json[] = (await person.call('GET', '/usage?group_by=day')).json.data;
    expect(days).toHaveLength(Math.ceil(CHAPTERS / A_DAY));
    for (const { cost_microdollars } of days) expect(cost_microdollars).toBeLessThanOrEqual(DAILY * 1.1);
  },
};
