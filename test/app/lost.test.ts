/** What the dashboard does where an answer is lost, the connection breaks, or a key ends, in a real Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { type AppStage, startStage, text, use } from './stage.ts';

const VISIBLE = { timeout: 20_000 };

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'the dashboard in trouble' : `the dashboard in trouble (${WITHOUT})`, () => {
  let stage: AppStage;
  let browser: Browser;
  beforeAll(async () => {
    stage = await startStage();
    stage.scripts.set('steps', (i) =>
      i > 4
        ? [text('All steps are made.')]
        : [text(`Step number ${i + 1}.`), use(`step${i}`, 'look', { key: `k${i}` })],
    );
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const chip = (page: Page, word: string) => page.locator('.facts .chip b', { hasText: word });
  /** The next change at this address is made, and its answer lost. */
  const loseAnswer = async (page: Page, address: string) => {
    let isLost = false;
    await page.route(address, async (route) => {
      if (isLost || route.request().method() === 'GET') return route.fallback();
      isLost = true;
      await route.fetch();
      await route.abort();
    });
  };

  it('tells an agent something once, however often it is sent after a lost answer', async () => {
    const { call, address } = await stage.person();
    stage.hold();
    const { id } = await call('POST', '/v1/sessions', { goal: 'Make the steps' });
    const { page, context } = await opened(browser, address(`/app/s/${id}`));
    await chip(page, 'Thinking').waitFor(VISIBLE);
    await loseAnswer(page, '**/messages');
    const writing = page.getByLabel(/Tell it something/);
    await writing.fill('Make them small');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').waitFor(VISIBLE);
    expect(await writing.inputValue()).toBe('Make them small');
    await page.getByRole('button', { name: 'Send' }).click();
    await vi.waitFor(async () => expect(await writing.inputValue()).toBe(''), 20_000);
    // Another message is another one, also with the same words.
    await writing.fill('Make them small');
    await page.getByRole('button', { name: 'Send' }).click();
    await vi.waitFor(async () => expect(await writing.inputValue()).toBe(''), 20_000);
    stage.release();
    await chip(page, 'Done').waitFor(VISIBLE);
    const { data } = await call('GET', `/v1/sessions/${id}/events?limit=500`);
    expect(data.filter(({ type }: { type: string }) => type === 'agent.message_received')).toHaveLength(2);
    await context.close();
  });

  it('adds money once, however often it is added after a lost answer', async () => {
    const { call, address } = await stage.person();
    const { page, context } = await opened(browser, address('/app/money'));
    await page.getByRole('button', { name: 'Top up' }).click();
    const dialog = page.getByRole('dialog');
    await loseAnswer(page, '**/v1/budget/top-ups');
    await dialog.getByLabel('Dollars').fill('1');
    await dialog.getByRole('button', { name: 'Add $1.00' }).click();
    await dialog.getByRole('alert').waitFor(VISIBLE);
    await dialog.getByRole('button', { name: 'Add $1.00' }).click();
    await dialog.waitFor({ state: 'detached', ...VISIBLE });
    await page.getByText('of $1.12 today').waitFor(VISIBLE);
    expect((await call('GET', '/v1/budget/top-ups')).data).toHaveLength(1);
    await context.close();
  });

  it('says that the connection is lost, and goes on from where it was, with each row once', async () => {
    const { call, address } = await stage.person();
    stage.hold();
    const { id } = await call('POST', '/v1/sessions', { goal: 'Make the steps' });
    const { page, context } = await opened(browser, address(`/app/s/${id}`), {
      viewport: { width: 1180, height: 2_000 },
    });
    await chip(page, 'Thinking').waitFor(VISIBLE);
    await context.setOffline(true);
    stage.cut();
    await page.locator('.top .link', { hasText: 'Connection lost, trying again; all of it as of' }).waitFor(VISIBLE);
    await page.locator('.facts .live', { hasText: 'connection lost' }).waitFor(VISIBLE);
    stage.release();
    await vi.waitFor(async () => expect((await call('GET', `/v1/sessions/${id}`)).status).toBe('completed'), 20_000);
    expect(await chip(page, 'Done').count()).toBe(0);
    const before = stage.requests.length;
    await context.setOffline(false);
    await chip(page, 'Done').waitFor(VISIBLE);
    await page.getByText('Done after').waitFor(VISIBLE);
    const numbers = await page.locator('.step .n').allTextContents();
    expect(numbers).toEqual(['1', '2', '3', '4', '5', '6']);
    const asked = stage.requests.slice(before);
    expect(asked).toContainEqual(expect.stringMatching(new RegExp(`${id}/events/stream\\?after=[1-9]`)));
    expect(asked).toContainEqual(expect.stringMatching(/\/v1\/events\?after=/));
    await context.close();
  });

  it('asks for another key where the one it has was revoked, and goes on at the same place', async () => {
    const { id: user, call, address } = await stage.person();
    const { id } = await call('POST', '/v1/sessions', { goal: 'Make the steps' });
    const { page, context } = await opened(browser, address('/app'));
    await page.locator('.agent', { hasText: 'Make the steps' }).waitFor(VISIBLE);
    const [key] = (await stage.t.accounts.keysOf(user))!;
    await stage.t.accounts.revokeKey(user, key!.id);
    await page.locator('.agent').click();
    await page.getByText('This key opens nothing').waitFor(VISIBLE);
    expect(await page.content()).not.toContain('Make the steps');
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe('[{},{}]');
    await page.getByLabel('API key').fill((await stage.person()).key);
    await page.getByLabel('API key').press('Enter');
    // Another user's key: the place is the same, and the agent is not theirs.
    await page.getByText('There is no such agent').waitFor(VISIBLE);
    expect(page.url()).toBe(`${stage.url}/app/s/${id}`);
    await context.close();
  });

  it('is signed in on a device that was told to remember it, and out on all its pages at once', async () => {
    const { key } = await stage.person();
    const { page, context } = await opened(browser, `${stage.url}/app/money`);
    await page.getByLabel('API key').fill(key);
    await page.getByLabel('Remember it on this device').check();
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('heading', { name: 'Money' }).waitFor(VISIBLE);
    const other = await context.newPage();
    await other.goto(`${stage.url}/app/inbox`);
    await other.getByRole('heading', { name: 'Inbox' }).waitFor(VISIBLE);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor(VISIBLE);
    await other.getByText('Another page of this browser has signed in or out').waitFor(VISIBLE);
    expect(await other.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe('[{},{}]');
    await context.close();
  });
});
