/** The player of `npm start`: an agent at work, as a function of the request. */
import { describe, expect, it } from 'vitest';
import { controlSpecs } from '../../lib/core/controls.ts';
import { compactionPrompt, summaryTurn, wakeNote, windDownNote } from '../../lib/core/runtime-messages.ts';
import type { Day, Message } from '../../lib/core/session.ts';
import { parseMessages } from '../../lib/local/messages-api/shape.ts';
import { SAMPLE_GOAL } from '../../lib/local/model/player/guide/plan.ts';
import { player } from '../../lib/local/model/player/player.ts';
import { playing, textBlock, untilFinished } from './playing.ts';

const textOf = (turn: Message): string => (turn.content[0] as { text: string }).text;
const day: Day = {
  date: '2026-11-22',
  allowance: 100n,
  ceiling: 110n,
  spent: 95n,
  held: 0n,
  resetsAt: Date.UTC(2026, 10, 23),
  revision: 1,
};
const windDown = textOf(windDownNote(day));
const wake = textOf(
  wakeNote({ reason: 'agent', since: Date.UTC(2026, 10, 22, 9) }, day, {
    at: Date.UTC(2026, 10, 23),
    handOff: false,
    messages: 0,
  }),
);

describe('the sample goal', () => {
  it('ends with a website that a user would want to look at', async () => {
    const work = playing(SAMPLE_GOAL);
    const { turns, result } = await untilFinished(work);
    expect(work.errors).toEqual([]);
    expect(turns).toBeGreaterThanOrEqual(25);
    expect(turns).toBeLessThanOrEqual(40);

    const paths = work.files.list().map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining(['/README.md', '/data/day.csv', '/report.txt', '/site/chart.svg', '/site/style.css']),
    );
    const pages = paths.filter((path) => path.endsWith('.html'));
    expect(pages).toHaveLength(8);
    for (const page of pages) {
      for (const [, to = ''] of work.read(page).matchAll(/(?:href|src)="([^"]+)"/g)) {
        expect(paths, `${page} leads to ${to}`).toContain(new URL(to, `http://site${page}`).pathname);
      }
    }
    expect(work.read('/site/chart.svg').match(/<polyline/g)).toHaveLength(4);
    expect(work.read('/site/others.html')).toMatch(/<td>Human<\/td><td>24\.2<\/td>/);
    expect(work.read('/site/index.html')).toContain('href="glossary.html"');
    expect(work.read('/report.txt')).toContain('links that lead nowhere: 0');

    const counted = Number(/with (\d+) words/.exec(result)?.[1]);
    const words = pages.map(
      (page) =>
        work
          .read(page)
          .replace(/<[^>]*>/g, ' ')
          .split(/\s+/)
          .filter(Boolean).length,
    );
    expect(counted).toBeGreaterThan(1_500);
    expect(Math.abs(counted - words.reduce((a, b) => a + b, 0))).toBeLessThan(counted * 0.05);
  });

  it('is played the same way every time', async () => {
    const [one, two] = [playing(SAMPLE_GOAL), playing(SAMPLE_GOAL)];
    for (let i = 0; i < 3; i++) expect(await one.turn()).toEqual(await two.turn());
  });

  it('goes to bed with a hand-off note when money runs short, and goes on in the morning', async () => {
    const work = playing(SAMPLE_GOAL);
    for (let i = 0; i < 3; i++) await work.turn();
    const evening = await work.turn(windDown);
    expect(evening.calls.map(({ name }) => name)).toEqual(['sleep']);
    expect(evening.calls[0]?.input.note).toMatch(
      /Steps done: 3 of \d+\. Last: the data of a day\. Next: a look at the data\./,
    );
    const morning = await work.turn(wake);
    expect(morning.text).toContain('Awake again');
    expect(morning.calls.map(({ name }) => name)).toEqual(['bash']);
    expect(morning.results[0]).toContain('24 hours');
  });

  it('goes on from its own summary after a compaction', async () => {
    const work = playing(SAMPLE_GOAL);
    for (let i = 0; i < 4; i++) await work.turn();
    const { text, calls } = await work.turn(textOf(compactionPrompt));
    expect(calls).toEqual([]);
    work.replace(textOf(summaryTurn(SAMPLE_GOAL, text, false)));
    const next = await work.turn();
    expect(next.calls[0]?.input.path).toBe('data/species.csv');
  });

  it('keeps what a user says, in words and in a file, once', async () => {
    const work = playing(SAMPLE_GOAL);
    await work.turn();
    const { text, calls } = await work.turn('Please mention cats.');
    expect(text).toContain('You said: “Please mention cats.”');
    expect(calls.map(({ input }) => input.path)).toEqual(['notes/requests.md', 'PLAN.md']);
    expect(work.read('/notes/requests.md')).toContain('1. Please mention cats.');
    expect((await work.turn()).text).not.toContain('You said');
    expect((await work.turn('And dogs.')).text).toContain('“And dogs.”');
    expect(work.read('/notes/requests.md')).toContain('2. And dogs.');
  });

  it('sleeps rather than have a long step cut', async () => {
    const work = playing(SAMPLE_GOAL, 300);
    const seen: string[] = [];
    for (let i = 0; i < 6; i++) seen.push(...(await work.turn()).calls.map(({ name }) => name));
    expect(seen).toContain('sleep');
  });
});

describe('any other goal', () => {
  it('ends soon and honestly, with the goal on file', async () => {
    const work = playing('Compare three trains to Vienna. Find the cheapest one; write it down.');
    const { turns, result } = await untilFinished(work);
    expect(work.errors).toEqual([]);
    expect(turns).toBeLessThan(8);
    expect(work.read('/plan.md')).toContain('> Compare three trains to Vienna.');
    expect(work.read('/notes/item-2.md')).toContain('Find the cheapest one');
    expect(result).toContain('items: 3, notes: 3');
    expect(result).toContain('ANTHROPIC_API_KEY');
  });

  it('asks when it was told to', async () => {
    const { calls } = await playing('Ask me before you start.').turn();
    expect(calls.map(({ name }) => name)).toEqual(['ask_user']);
  });

  it('survives a goal of odd characters and no sentences', async () => {
    const { turns } = await untilFinished(playing('…'));
    expect(turns).toBeLessThan(8);
  });
});

describe('a goal that spells out calls', () => {
  it('has them made in turn, each once, and their results told', async () => {
    const work = playing(
      [
        'Try these:',
        'write_file {"path":"/a.md","content":"one"}',
        'read_file {"path":"/a.md"}',
        'read_file {"path":"/a.md"}',
        'fly {"to":"moon"}',
        'read_file {"path":',
      ].join('\n'),
    );
    const { turns, result } = await untilFinished(work);
    expect([turns, work.errors]).toEqual([3, []]);
    expect(result).toMatch(/^write_file: Wrote .*a\.md.*\nread_file: .*one/);
    expect(result.split('\n')[0]).not.toContain('read_file');
  });

  it('is what the stand-in tells of where an agent has neither shell nor files', async () => {
    const tools = controlSpecs.map(({ effect: _, ...tool }) => tool);
    const messages = [{ role: 'user', content: [textBlock('What to wear?')] }];
    const { content } = await player(
      parseMessages({ model: 'claude-sonnet-5-5', max_tokens: 999, tools, messages }),
      0,
    );
    expect(JSON.stringify(content)).toMatch(/It was asked: What to wear\?.*one a line.*ANTHROPIC_API_KEY/);
    expect(content.map(({ type }) => type)).toEqual(['text']);
  });
});
