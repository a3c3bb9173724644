/** How soon Today is there: by the browser's own paint times, and until the meter shows the day's amounts. */
import events from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../../app/browser.ts';
import type { Measure } from './report.ts';
import { type Times, timesOf, watched } from './watched.ts';

/** Of the median, where the browser is open already. */
const FIRST_PAINT_MS = 200;

export async function paints(browser: Browser, link: string, runs: number): Promise<Measure[]> {
  return [
    ...measuresOf('Today, loaded again', await again(browser, link, runs), FIRST_PAINT_MS),
    ...measuresOf('Today, new profile', await anew(browser, link, runs), FIRST_PAINT_MS),
    ...measuresOf('Today, first page of a browser', await first(link, Math.ceil(runs / 3))),
    ...(await control(browser, runs)),
  ];
}

/** In one page, whose files the browser has. The first load fills its cache and does not count. */
async function again(browser: Browser, link: string, runs: number): Promise<Times[]> {
  const { context, page } = await watched(browser);
  await page.goto(link);
  await shown(page);
  const times: Times[] = [];
  for (let run = 0; run < runs; run++) {
    await page.reload();
    times.push(await shown(page));
  }
  await context.close();
  return times;
}

/** Each time in a profile without a cache. */
async function anew(browser: Browser, link: string, runs: number): Promise<Times[]> {
  const times: Times[] = [];
  for (let run = 0; run < runs; run++) times.push(await once(browser, link));
  return times;
}

/** Each time in a browser that has shown nothing before. */
async function first(link: string, runs: number): Promise<Times[]> {
  const times: Times[] = [];
  for (let run = 0; run < runs; run++) {
    const browser = await launch();
    times.push(await once(browser, link).finally(() => browser.close()));
  }
  return times;
}

/** A page of one line, in profiles without a cache: what the machine takes for any page. */
async function control(browser: Browser, runs: number): Promise<Measure[]> {
  await using server = createServer((_, response) =>
    response.setHeader('content-type', 'text/html').end('<!doctype html><p>A line of plain text.</p>'),
  ).listen(0, '127.0.0.1');
  await events.once(server, 'listening');
  const values: number[] = [];
  for (let run = 0; run < runs; run++) {
    const { context, page } = await watched(browser);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await page.waitForFunction(() => performance.getEntriesByName('first-paint').length > 0);
    values.push((await timesOf(page))['first-paint']);
    await context.close();
  }
  return [
    { ...{ name: 'control, one line of text, new profile: first paint', unit: 'ms' }, values, load: loadavg()[0]! },
  ];
}

async function once(browser: Browser, link: string): Promise<Times> {
  const { context, page } = await watched(browser);
  await page.goto(link);
  const times = await shown(page);
  await context.close();
  return times;
}

async function shown(page: Page): Promise<Times> {
  await page.getByRole('meter').waitFor();
  await page.locator('.long [data-row]').first().waitFor();
  return timesOf(page);
}

function measuresOf(name: string, times: Times[], under?: number): Measure[] {
  const load = loadavg()[0]!;
  const of = (what: string, value: (of: Times) => number): Measure => ({
    ...{ name: `${name}: ${what}`, unit: 'ms', values: times.map(value), load },
  });
  return [
    { ...of('first paint', (each) => each['first-paint']), under },
    of('first contentful paint', (each) => each['first-contentful-paint']),
    of('the meter shows the day', (each) => each.meter),
  ];
}
