/** Single keys of the dashboard in a real Chromium: what they do, and what they never do by themselves. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { type AppStage, startStage, text, use } from './stage.ts';

const VISIBLE = { timeout: 20_000 };

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'single keys' : `single keys (${WITHOUT})`, () => {
  let stage: AppStage;
  let browser: Browser;
  beforeAll(async () => {
    stage = await startStage();
    stage.scripts.set('nap', () => [
      text('I wait.'),
      use('nap', 'sleep', { until: '2026-11-12T08:00:00Z', note: 'The market opens.' }),
    ]);
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  let users = 0;
  /** A page of a sleeping agent. */
  const open = async () => {
    const key = await stage.user(`person-${++users}`, 120_000);
    const call = (method: string, path: string, body?: unknown) => stage.call(key, method, path, body);
    const { id } = await call('POST', '/v1/sessions', { goal: 'Take a nap' });
    const status = async () => (await call('GET', `/v1/sessions/${id}`)).status;
    await vi.waitFor(async () => expect(await status()).toBe('sleeping'), 20_000);
    const { page, context, faults } = await opened(browser, `${stage.url}/app/s/${id}#key=${key}`);
    await chip(page, 'Asleep').waitFor(VISIBLE);
    /** What the page asked for that is no reading, in the order of its coming. */
    const before = stage.requests.length;
    const changes = async () => {
      await page.evaluate("fetch('/local/clock')");
      return stage.requests.slice(before).filter((line) => !line.startsWith('GET'));
    };
    return { page, context, faults, call, id, status, changes };
  };
  const chip = (page: Page, word: string) => page.locator('.facts .chip b', { hasText: word });
  const press = async (page: Page, ...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };

  it('p pauses an agent, and lets one go on only after it has asked', async () => {
    const { page, context, faults, id, status, changes } = await open();
    const dialog = page.getByRole('dialog', { name: 'Let this agent go on?' });
    await press(page, 'p');
    await chip(page, 'Paused').waitFor(VISIBLE);
    await vi.waitFor(async () => expect(await status()).toBe('paused'), 20_000);
    await press(page, 'p');
    await dialog.waitFor(VISIBLE);
    await press(page, 'p', 'Escape');
    await dialog.waitFor({ state: 'detached', ...VISIBLE });
    expect(await changes()).toEqual([`POST /v1/sessions/${id}/pause`]);
    await press(page, 'p');
    await dialog.getByRole('button', { name: 'Go on' }).press('Enter');
    await chip(page, 'Paused').waitFor({ state: 'detached', ...VISIBLE });
    expect(await changes()).toEqual([`POST /v1/sessions/${id}/pause`, `POST /v1/sessions/${id}/resume`]);
    expect(await status()).not.toBe('paused');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('t opens the top-up on every screen and adds nothing, and g t goes to Today', async () => {
    const { page, context, call, changes } = await open();
    const dialog = page.getByRole('dialog', { name: 'Top up' });
    await press(page, 't');
    await dialog.waitFor(VISIBLE);
    await press(page, 'Escape');
    await dialog.waitFor({ state: 'detached', ...VISIBLE });
    await press(page, 'g', 't');
    await page.getByRole('heading', { name: /^Agents/ }).waitFor(VISIBLE);
    expect([page.url(), await dialog.count()]).toEqual([`${stage.url}/app`, 0]);
    await press(page, 't');
    await dialog.waitFor(VISIBLE);
    expect(await changes()).toEqual([]);
    await dialog.getByLabel('Dollars').fill('2');
    await press(page, 'Enter');
    await dialog.waitFor({ state: 'detached', ...VISIBLE });
    expect((await call('GET', '/v1/budget')).daily_budget_microdollars).toBe(2_120_000);
    await context.close();
  });

  it('none does anything while somebody writes, beside another key, or where they are switched off', async () => {
    const { page, context, changes } = await open();
    const dialog = page.getByRole('dialog');
    const writing = page.getByLabel(/Tell it something/);
    await writing.focus();
    await press(page, 't', 'p', 'n');
    expect(await writing.inputValue()).toBe('tpn');
    await page.getByRole('link', { name: 'Timeline' }).focus();
    await press(page, 'Alt+t', 'Alt+p', '?');
    await dialog.getByRole('row').filter({ hasText: 'Top up' }).waitFor(VISIBLE);
    await dialog.getByRole('row').filter({ hasText: 'pause it' }).waitFor(VISIBLE);
    await dialog.getByLabel('Single keys do this').uncheck();
    await press(page, 'Escape');
    await dialog.waitFor({ state: 'detached', ...VISIBLE });
    await press(page, 't', 'p', '?', 'n');
    expect([await dialog.count(), await changes()]).toEqual([0, []]);
    await page.reload();
    await chip(page, 'Asleep').waitFor(VISIBLE);
    const address = page.url();
    await press(page, 't', 'p', 'g', 'm');
    expect([await dialog.count(), await changes(), page.url()]).toEqual([0, [], address]);
    await context.close();
  });
});
