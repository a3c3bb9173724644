/** How smoothly long lists scroll, by the wheel of a mouse, through the whole list. */
import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { percentile } from '../../faults/record.ts';
import type { Measure } from './report.ts';
import { hasRows, type Recorded, startRecord, stopRecord, type Times, timesOf, watched, whereIn } from './watched.ts';

/** A list that is scrolled through. `rows`: so many it has at least. `from`: where it opens. */
export type Long = { name: string; address: string; rows: number; from: 'top' | 'end' };
type Scrolled = Recorded & { nodes: number };

/** Pixels of one turn of the wheel. Each waits for the one before, so that this is about one frame. */
const TURN = 240;
/** Turns between two looks at how far it has come. */
const LOOK = 20;
const LONG_FRAME_MS = 50;
const FRAME_MS = 1_000 / 60;

export async function scrolls(browser: Browser, link: string, list: Long, runs: number): Promise<Measure[]> {
  const { context, page } = await watched(browser);
  page.setDefaultTimeout(120_000);
  await page.goto(link);
  await page.getByRole('meter').waitFor();
  const times: Times[] = [];
  const done: Scrolled[] = [];
  for (let run = 0; run < runs; run++) {
    await page.goto(list.address);
    await hasRows(page, list.rows);
    // Its journal may have more rows than iterations: then its stream ends with the last one.
    if (list.from === 'end') await page.locator('.live.over').waitFor();
    times.push(await timesOf(page));
    done.push(await through(page, '.long', list.from));
  }
  await context.close();
  return [...shownOf(list.name, times), ...measuresOf(list.name, done)];
}

/** The same turns of the wheel on lines of text without a program: what this machine can do at best. */
export async function control(browser: Browser, lines: number, runs: number): Promise<Measure[]> {
  const name = `control, ${lines.toLocaleString('en')} lines of plain text`;
  const { context, page } = await watched(browser);
  await page.goto('about:blank');
  await page.setContent(`<!doctype html>${'<p>A line of plain text.</p>'.repeat(lines)}`);
  const done: Scrolled[] = [];
  for (let run = 0; run < runs; run++) {
    await page.evaluate('document.documentElement.scrollTop = 0');
    done.push(await through(page, 'html', 'top'));
  }
  await context.close();
  return measuresOf(name, done);
}

async function through(page: Page, box: string, from: Long['from']): Promise<Scrolled> {
  const at = await page.locator(box).boundingBox();
  if (!at) throw new Error(`${box} is not on the page`);
  const { height } = page.viewportSize()!;
  await page.mouse.move(at.x + at.width / 2, Math.min(at.y + at.height, height) - 20);
  await startRecord(page);
  let nodes = 0;
  let isOver = false;
  while (!isOver) {
    for (let turn = 0; turn < LOOK; turn++) await page.mouse.wheel(0, from === 'top' ? TURN : -TURN);
    const look = await whereIn(page, box);
    nodes = Math.max(nodes, look.nodes);
    isOver = (from === 'top' ? look.below : look.above) < 2;
  }
  return { ...(await stopRecord(page)), nodes };
}

function shownOf(name: string, times: Times[]): Measure[] {
  const load = loadavg()[0]!;
  return [
    { name: `${name}: first rows`, unit: 'ms', values: times.map(({ rows }) => rows), load },
    { name: `${name}: all rows`, unit: 'ms', values: times.map(({ whole }) => whole), load },
  ];
}

function measuresOf(name: string, done: Scrolled[]): Measure[] {
  const load = loadavg()[0]!;
  const of = (what: string, unit: string, value: (of: Scrolled) => number): Measure => ({
    ...{ name: `${name}, scrolled: ${what}`, unit, values: done.map(value), load },
  });
  return [
    of('frame, median', 'ms', ({ frames }) => percentile(frames, 0.5) ?? Number.NaN),
    { ...of('frame, p95', 'ms', ({ frames }) => percentile(frames, 0.95) ?? Number.NaN), most: LONG_FRAME_MS },
    of('longest frame', 'ms', ({ frames }) => Math.max(...frames)),
    of('frames', '', ({ frames }) => frames.length),
    of('frames over 50 ms', '', ({ frames }) => frames.filter((ms) => ms > LONG_FRAME_MS).length),
    of('dropped frames', '%', ({ frames }) => 100 * droppedOf(frames)),
    of('frames with a gap', '', ({ gaps }) => gaps),
    of('long tasks', '', ({ tasks }) => tasks.length),
    of('elements on the page', '', ({ nodes }) => nodes),
  ];
}

/** The share of a screen's frames, at 60 a second, for which there was no new one. */
export function droppedOf(frames: number[]): number {
  const due = frames.map((ms) => Math.max(1, Math.round(ms / FRAME_MS)));
  const all = due.reduce((sum, n) => sum + n, 0);
  return (all - frames.length) / all;
}
