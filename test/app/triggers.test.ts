/** Inbound triggers on the dashboard, in a real Chromium: made, used by a signed message, given another secret, deleted. */
import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { barriers, CHROMIUM, opened, WITHOUT } from './browser.ts';
import { onStage } from './on-stage.ts';

const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, bypassCSP: true };
const VISIBLE = { timeout: 20_000 };

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'triggers' : `triggers (${WITHOUT})`, () => {
  const on = onStage();

  let users = 0;
  const person = async (daily = 120_000) => {
    const key = await on.stage.user(`person-${++users}`, daily);
    const call = (method: string, path: string, body?: unknown) => on.stage.call(key, method, path, body);
    return { call, address: `${on.stage.url}/app/webhooks#key=${key}` };
  };
  /** What the other system gets for a message of this id. */
  const send = async (address: string, secret: string, id: string) => {
    const at = new Date();
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, 'The bell rings.'),
    };
    return (await fetch(address, { method: 'POST', headers, body: 'The bell rings.' })).status;
  };
  const fill = async (page: Page, cost: string) => {
    await page.getByRole('button', { name: 'New trigger' }).click();
    const form = page.getByRole('form', { name: 'New trigger' });
    await form.getByLabel('Name').fill('Bell');
    await form.getByLabel('Goal').fill('See who is there.');
    await form.getByLabel(/Each agent/).fill(cost);
    await form.getByRole('button', { name: 'Make it' }).click();
    return form;
  };
  /** The address and the secret in the dialog, which is closed. */
  const shown = async (page: Page) => {
    const dialog = page.getByRole('dialog');
    await dialog.locator('pre').first().waitFor(VISIBLE);
    const [address = '', secret = ''] = await dialog.locator('pre').allTextContents();
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    expect(await page.content()).not.toContain(secret);
    return { address, secret };
  };

  it('get another name, and keep address and secret', async () => {
    const { call, address } = await person();
    const { page, context, faults } = await opened(on.browser, address);
    await fill(page, '0.40');
    const made = await shown(page);
    const dialog = page.getByRole('dialog', { name: 'Rename this trigger' });
    const open = () => page.getByRole('button', { name: 'Rename' }).click();
    await open();
    await dialog.getByLabel('Name').fill('A knock');
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('heading', { name: 'Bell' }).waitFor(VISIBLE);
    await open();
    expect(await dialog.getByLabel('Name').inputValue()).toBe('Bell');
    await dialog.getByLabel('Name').fill('Two knocks');
    await dialog.getByLabel('Name').press('Enter');
    await page.getByRole('heading', { name: 'Two knocks' }).waitFor(VISIBLE);
    await dialog.waitFor({ state: 'detached', ...VISIBLE });
    expect((await call('GET', '/v1/triggers')).data.map(({ name }: { name: string }) => name)).toEqual(['Two knocks']);
    expect(await send(made.address, made.secret, 'msg_renamed')).toBe(202);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('start an agent by a message that is signed with the secret, which is shown once', async () => {
    const { call, address } = await person();
    const { page, context, faults } = await opened(on.browser, address);
    await page.getByText('No trigger yet').waitFor(VISIBLE);
    await fill(page, '0.40');
    const made = await shown(page);
    expect(await send(made.address, made.secret, 'msg_1')).toBe(202);
    const [started] = (await call('GET', '/v1/sessions')).data;
    expect([started.goal, started.max_cost_microdollars]).toEqual([
      expect.stringMatching(/^See who is there/),
      400_000,
    ]);
    // Another secret only after it has asked.
    await page.getByRole('button', { name: 'New secret' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Not now' }).click();
    const secrets = () => on.stage.requests.filter((line) => line.includes('/rotate-secret')).length;
    expect(secrets()).toBe(0);
    await page.getByRole('button', { name: 'New secret' }).click();
    await dialog.getByRole('button', { name: 'Make another' }).click();
    const other = await shown(page);
    expect([other.address, other.secret === made.secret]).toEqual([made.address, false]);
    expect(await send(other.address, other.secret, 'msg_2')).toBe(202);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Not now' }).click();
    expect((await call('GET', '/v1/triggers')).data).toHaveLength(1);
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete it' }).click();
    await page.getByText('No trigger yet').waitFor(VISIBLE);
    expect(await send(other.address, other.secret, 'msg_3')).toBe(401);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('speak to an agent that is there', async () => {
    const { call, address } = await person();
    on.stage.hold();
    const { id } = await call('POST', '/v1/sessions', { goal: 'Keep the door' });
    const { page, context } = await opened(on.browser, address);
    await page.getByRole('button', { name: 'New trigger' }).click();
    await page.getByLabel('is told to one that is there').check();
    await page.getByLabel('Name').last().fill('Bell');
    await page.getByLabel(/^Agent/).selectOption({ label: 'Keep the door' });
    await page.getByRole('button', { name: 'Make it' }).click();
    const made = await shown(page);
    await page.getByRole('link', { name: 'Keep the door' }).waitFor(VISIBLE);
    expect(await send(made.address, made.secret, 'msg_1')).toBe(202);
    const { data } = await call('GET', `/v1/sessions/${id}/events`);
    expect(data.map(({ type }: { type: string }) => type)).toContain('agent.message_received');
    on.stage.release();
    await context.close();
  });

  it('say why one was not made, in the words of the problem', async () => {
    const { call, address } = await person(0);
    const { page, context } = await opened(on.browser, address);
    const form = await fill(page, 'plenty');
    await form.getByText('Nothing was made').waitFor(VISIBLE);
    await form.getByLabel(/Each agent/).fill('0.50');
    await form.getByRole('button', { name: 'Make it' }).click();
    const order = { name: 'Bell', template: { goal: 'See who is there.' }, max_cost_microdollars: 500_000 };
    const { detail, code } = await call('POST', '/v1/triggers', order);
    expect(code).toBe('no_budget');
    await form.getByText(detail, { exact: true }).waitFor(VISIBLE);
    expect(await form.getByLabel('Goal').inputValue()).toBe('See who is there.');
    await context.close();
  });

  it.each([
    ['dark', { colorScheme: 'dark' as const, bypassCSP: true }],
    ['phone', PHONE],
  ])('can be used by everybody: %s', async (_name, options) => {
    const { address } = await person();
    const { page, context } = await opened(on.browser, address, options);
    const form = await fill(page, 'plenty');
    expect.soft(await barriers(page), 'the form').toEqual([]);
    await form.getByLabel(/Each agent/).fill('0.50');
    await form.getByRole('button', { name: 'Make it' }).click();
    await page.getByRole('dialog').locator('pre').first().waitFor(VISIBLE);
    expect.soft(await barriers(page), 'the secret').toEqual([]);
    await shown(page);
    await vi.waitFor(async () => expect(await page.locator('.thing').count()).toBe(1), 20_000);
    expect.soft(await barriers(page), 'the list').toEqual([]);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBeLessThan(1);
    await context.close();
  });
});
