/** The documents in a real Chromium: everybody can read them, on any screen, and nothing runs in them. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { api } from '../http/kit.ts';
import { type Loopback, loopback } from '../kit/loopback.ts';
import { barriers, CHROMIUM, launch, opened, WITHOUT } from './browser.ts';

const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark', bypassCSP: true } as const;
const CONTRAST = { forcedColors: 'active', bypassCSP: true } as const;

type Window = { document: { documentElement: { scrollWidth: number } }; innerWidth: number };
const isWiderThanTheScreen = (): boolean => {
  const { document, innerWidth } = globalThis as unknown as Window;
  return document.documentElement.scrollWidth > innerWidth;
};

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'the documents' : `the documents (${WITHOUT})`, () => {
  let server: Loopback;
  let browser: Browser;
  beforeAll(async () => {
    const { hono } = api();
    server = await loopback((request) => hono.fetch(request));
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('lead from the first page to an operation and to the problem that it names', async () => {
    const { page, context, faults } = await opened(browser, `${server.url}/docs`, { javaScriptEnabled: false });
    await page.getByRole('navigation', { name: 'Documents' }).getByRole('link', { name: 'API', exact: true }).click();
    await page.getByRole('link', { name: 'POST /v1/budget/top-ups', exact: true }).click();
    await page.getByRole('heading', { name: 'POST /v1/budget/top-ups' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#post-v1budgettop-ups');
    await page.getByRole('link', { name: 'no_budget', exact: true }).last().click();
    expect(await page.locator(':target').textContent()).toContain('no_budget');
    const style = await page.locator('link[rel=stylesheet]').getAttribute('href');
    expect([style, faults]).toEqual([expect.stringMatching(/^\/docs\/style-\w+\.css$/), []]);
    await context.close();
  });

  it.each([
    ['/docs', PHONE],
    ['/docs/api', PHONE],
    ['/docs/errors', CONTRAST],
    ['/docs/nothing', CONTRAST],
  ])('can be used by everybody: %s', async (path, options) => {
    const { page, context, faults } = await opened(browser, server.url + path, options);
    expect.soft(await barriers(page), path).toEqual([]);
    expect([await page.evaluate(isWiderThanTheScreen), faults]).toEqual([false, []]);
    await context.close();
  });
});
