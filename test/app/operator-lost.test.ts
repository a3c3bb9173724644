/** The operator's screen where an answer is lost, comes late, or is old, in a real Chromium. */
import type { Browser, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { ADMIN, type AppStage, startStage } from './stage.ts';

const VISIBLE = { timeout: 20_000 };
const UNSEEN = 'A key may have been made: look at the list, and revoke what you do not know.';

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'the operator in trouble' : `the operator in trouble (${WITHOUT})`, () => {
  let stage: AppStage;
  let browser: Browser;
  beforeAll(async () => {
    stage = await startStage();
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const open = async () => {
    const made = await opened(browser, `${stage.url}/app/users`);
    await made.page.getByLabel('Operator’s key').fill(ADMIN);
    await made.page.getByRole('button', { name: 'Open' }).click();
    await made.page.getByRole('region', { name: 'Emergency stop' }).waitFor(VISIBLE);
    return made;
  };

  it('shows a key whose answer was lost in the list, and says that there may be one', async () => {
    await stage.user('lost-key', 1_000);
    const { page, context } = await open();
    await page.getByRole('button', { name: 'lost-key' }).click();
    const keys = page.getByRole('region', { name: 'List of keys' }).getByRole('row');
    await vi.waitFor(async () => expect(await keys.count()).toBe(2), 20_000);
    const answers: ((route: Route) => Promise<void>)[] = [
      async (route) => {
        await route.fetch();
        await route.abort();
      },
      async (route) => route.fulfill({ response: await route.fetch(), body: '{"key":' }),
      async (route) => route.fulfill({ status: 403, json: { detail: 'Not with this key.' } }),
    ];
    await page.route('**/api-keys', (route) =>
      route.request().method() === 'POST' ? answers.shift()!(route) : route.fallback(),
    );
    const alert = page.getByRole('form', { name: 'New key' }).getByRole('alert');
    for (const rows of [3, 4]) {
      await page.getByLabel('Name of a new key').fill(`nobody saw ${rows}`);
      await page.getByRole('button', { name: 'Make a key' }).click();
      await page.getByRole('button', { name: `Revoke nobody saw ${rows}` }).waitFor(VISIBLE);
      expect([await alert.textContent(), await keys.count()]).toEqual([UNSEEN, rows]);
    }
    // A refusal made none, and has its own words.
    await page.getByRole('button', { name: 'Make a key' }).click();
    await alert.getByText('Not with this key.', { exact: true }).waitFor(VISIBLE);
    await context.close();
  });
});
