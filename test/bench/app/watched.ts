/** A page with watch.js in it. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { opened } from '../../app/browser.ts';

/** Milliseconds since the navigation began. `rows`: the list has its first rows, `whole`: all of them. */
export type Times = Record<'first-paint' | 'first-contentful-paint' | 'meter' | 'rows' | 'whole', number>;
/** Milliseconds of each frame and of each long task. `gaps`: frames in which a part of the list's view had no row. */
export type Recorded = { frames: number[]; tasks: number[]; gaps: number };

const SCRIPT = fileURLToPath(new URL('./watch.js', import.meta.url));

/** In a profile of its own, which ends with its context. */
export async function watched(browser: Browser) {
  const { context, page } = await opened(browser, 'about:blank');
  await context.addInitScript({ path: SCRIPT });
  return { context, page };
}

export const timesOf = (page: Page): Promise<Times> => page.evaluate<Times>('watch.times()');
export const startRecord = (page: Page): Promise<void> => page.evaluate<void>('watch.start()');
export const stopRecord = (page: Page): Promise<Recorded> => page.evaluate<Recorded>('watch.stop()');

/** Pixels above and below what is seen of `box`, a selector; and the number of all elements. */
export const whereIn = (page: Page, box: string): Promise<{ above: number; below: number; nodes: number }> =>
  page.evaluate(`watch.where(${JSON.stringify(box)})`);

/** Until the list has so many rows. */
export async function hasRows(page: Page, rows: number): Promise<void> {
  await page.waitForFunction((least) => {
    const { watch } = globalThis as unknown as { watch: { size(): number } };
    return watch.size() >= least;
  }, rows);
}
