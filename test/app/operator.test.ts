/** The operator's part of the dashboard in a real Chromium: users, their plans and keys, and the emergency stop. */
import type { Page } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { lineOf } from '../../lib/app/health-line.ts';
import { budgetText, changeOf, type Plan } from '../../lib/app/operator-change.ts';
import { barriers, CHROMIUM, opened, WITHOUT } from './browser.ts';
import { onStage } from './on-stage.ts';
import { ADMIN } from './stage.ts';

const EVIL = '<img src=x onerror="globalThis.harmed=1">';
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const VISIBLE = { timeout: 20_000 };
const STOP = '/v1/admin/emergency-stop';

describe('the change of a plan', () => {
  const was: Plan = {
    ...{ tier: 'standard', subscription_budget_microdollars: 50_000_000, subscription_renewal_date: '2026-12-01' },
    ...{ wake_policy: 'auto', max_daily_multiple: null },
  };
  const given = { tier: 'standard', budget: '50', renewal: '2026-12-01', wake: 'auto', multiple: '' };

  it('is what differs, and nothing else', () => {
    expect(changeOf(given, was)).toEqual({});
    expect(changeOf({ ...given, budget: '0', renewal: '', multiple: '2,5' }, was)).toEqual({
      ...{ subscription_budget_microdollars: 0, subscription_renewal_date: null, max_daily_multiple: 2.5 },
    });
  });

  it('is none where a budget is no amount: an empty one is not nought', () => {
    for (const budget of ['', '1,500', '-3', 'all'])
      expect(changeOf({ ...given, budget }, was)).toMatch(/Nothing was changed/);
    for (const multiple of ['x', 'Infinity', '0x10', '1e2', '-1', '2.', '1,000.5'])
      expect(changeOf({ ...given, multiple }, was), multiple).toMatch(/^The most of one day is a number/);
  });

  it('leaves a budget that was not touched, however great, and takes none as great from the field', () => {
    const rich = { ...was, subscription_budget_microdollars: 1_234_567_890_100_000 };
    const same = { ...given, budget: budgetText(rich) };
    expect(same.budget).toBe('1234567890.1');
    expect(changeOf({ ...same, tier: 'economy' }, rich)).toEqual({ tier: 'economy' });
    expect(changeOf({ ...same, budget: '1234567891' }, rich)).toMatch(/^The budget is an amount/);
  });

  it('may be many millions, as they are shown and as they are typed', () => {
    const millions = (budget: string) => changeOf({ ...given, budget }, was);
    expect(millions('12345678.9')).toEqual({ subscription_budget_microdollars: 12_345_678_900_000 });
    expect(millions('$12,345,678.90')).toEqual({ subscription_budget_microdollars: 12_345_678_900_000 });
    expect(millions('999999999.999999')).toEqual({ subscription_budget_microdollars: 999_999_999_999_999 });
    expect(millions('12,345,678')).toMatch(/^The budget is an amount/);
  });

  it('leaves the budget of a new user to their tier, unless one is named', () => {
    const fresh = { ...given, budget: '', renewal: '' };
    expect(changeOf(fresh, null)).toEqual({ tier: 'standard', wake_policy: 'auto' });
    expect(changeOf({ ...fresh, budget: '0.00' }, null)).toMatchObject({ subscription_budget_microdollars: 0 });
  });
});

describe('the health of the system', () => {
  it('is that work goes on, is late, or that a part does not answer, which is said before all else', () => {
    const late = { status: 'degraded' as const, overdue_seconds: 420 };
    expect(lineOf({ status: 'ok' }, null)).toMatchObject({ state: 'done', word: 'Work goes on' });
    expect(lineOf(late, null)).toEqual({
      ...{ state: 'late', word: 'Work is late' },
      says: 'The most overdue agent has not moved for 7 min.',
    });
    const silent = (status: number, message: string) => lineOf(late, { status, message });
    expect(silent(503, 'No answer from postgres.')).toEqual({
      ...{ state: 'failed', word: 'No answer', says: 'No answer from postgres.' },
    });
    expect(silent(0, 'fetch failed').says).toBe('Circadian does not answer this page.');
    expect(silent(401, 'Not with this key.').word).toBe('Not known');
  });
});

describe.skipIf(!CHROMIUM)(CHROMIUM ? "the operator's screen" : `the operator's screen (${WITHOUT})`, () => {
  const on = onStage();

  const call = (method: string, path: string, body?: unknown) => on.stage.call(ADMIN, method, path, body);
  const signIn = async (page: Page) => {
    await page.getByLabel('Operator’s key').fill(ADMIN);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('region', { name: 'Emergency stop' }).waitFor(VISIBLE);
  };
  const open = async (options = {}) => {
    const made = await opened(on.browser, `${on.stage.url}/app/users`, options);
    await signIn(made.page);
    return made;
  };
  const keyWorks = async (key: string) =>
    (await fetch(`${on.stage.url}/v1/me`, { headers: { authorization: `Bearer ${key}` } })).status === 200;

  it('says why a key does not open it, in the words of the problem, and keeps the right one nowhere', async () => {
    const key = await on.stage.user('no-operator', 1_000);
    const { detail } = await on.stage.call(key, 'GET', STOP);
    const { page, context, faults } = await opened(on.browser, `${on.stage.url}/app/users`);
    await page.getByLabel('Operator’s key').fill(key);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').waitFor(VISIBLE);
    // What stood there while the scripts came.
    expect(await page.locator('header').count()).toBe(0);
    expect(await page.getByRole('alert').textContent()).toBe(detail);
    await signIn(page);
    await page.getByRole('button', { name: 'no-operator' }).waitFor(VISIBLE);
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).toBe('[{},{}]');
    expect(await page.content()).not.toContain(ADMIN);
    await page.getByRole('button', { name: 'Forget the key' }).click();
    expect(await page.getByLabel('Operator’s key').inputValue()).toBe('');
    await signIn(page);
    await page.reload();
    await page.getByLabel('Operator’s key').waitFor(VISIBLE);
    // Beside a user's key it is forgotten with the screen, too.
    await page.goto(`${on.stage.url}/app/users#key=${key}`);
    await page.getByRole('navigation', { name: 'Main' }).waitFor(VISIBLE);
    await signIn(page);
    await page.getByRole('link', { name: 'Money' }).click();
    await page.goBack();
    await page.getByLabel('Operator’s key').waitFor(VISIBLE);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('makes a user, but none whose name is taken, and changes a plan with the warnings of the API', async () => {
    await on.stage.user('taken', 1_000);
    const { page, context, faults } = await open();
    const form = page.getByRole('form', { name: 'New user' });
    const make = async (id: string) => {
      await form.getByLabel(/Name of the user/).fill(id);
      await form.getByRole('button', { name: 'Make the user' }).click();
    };
    await page.getByRole('button', { name: 'New user' }).click();
    await make('taken');
    await form.getByText('There is a user taken already').waitFor(VISIBLE);
    expect((await call('GET', '/v1/admin/users/taken')).subscription_budget_microdollars).toBe(20_000);
    await form.getByLabel('Tier').fill('golden');
    await make('grace');
    const refused = await call('PUT', '/v1/admin/users/grace', { tier: 'golden' });
    await form.getByText(refused.detail, { exact: true }).waitFor(VISIBLE);
    await form.getByLabel('Tier').fill('economy');
    await make('grace');
    await page.getByRole('heading', { name: 'grace' }).waitFor(VISIBLE);
    // That of the tier, since none was named.
    expect((await call('GET', '/v1/admin/users/grace')).subscription_budget_microdollars).toBe(20_000_000);
    const plan = page.getByRole('form', { name: 'Plan' });
    await plan.getByLabel('Budget').fill('60');
    await plan.getByLabel('Renewed on').fill('2026-11-12');
    await plan.getByLabel('Sleeping agents wake').selectOption('by a person');
    await plan.getByLabel('Most of one day, as a multiple of an even day').fill('3');
    await plan.getByRole('button', { name: 'Change the plan' }).click();
    await plan.getByText('The plan is changed.').waitFor(VISIBLE);
    const { warnings, ...now } = await call('PUT', '/v1/admin/users/grace', {});
    expect(now).toMatchObject({
      ...{ subscription_budget_microdollars: 60_000_000, subscription_renewal_date: '2026-11-12', tier: 'economy' },
      ...{ wake_policy: 'manual', max_daily_multiple: 3 },
    });
    expect(warnings).toHaveLength(1);
    await plan.getByText(warnings[0], { exact: true }).waitFor(VISIBLE);
    await page.getByText('$60.00, $60.00 left for 2 days').waitFor(VISIBLE);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('makes a key that is shown once, and revokes one only after it has asked', async () => {
    await on.stage.user('keys', 1_000);
    const { page, context, faults } = await open();
    await page.getByRole('button', { name: 'keys', exact: true }).click();
    await page.getByLabel('Name of a new key').fill(EVIL);
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog');
    const key = (await dialog.locator('pre').textContent())!;
    expect(await keyWorks(key)).toBe(true);
    await dialog.getByRole('button', { name: 'I have kept it' }).click();
    const row = page.getByRole('row').filter({ hasText: EVIL });
    await row.waitFor(VISIBLE);
    expect(await page.content()).not.toContain(key);
    await row.getByRole('button').click();
    await dialog.getByRole('button', { name: 'Not now' }).click();
    expect(await keyWorks(key)).toBe(true);
    await row.getByRole('button').click();
    await dialog.getByRole('button', { name: 'Revoke it' }).click();
    await row.getByRole('button').waitFor({ state: 'detached', ...VISIBLE });
    expect(await keyWorks(key)).toBe(false);
    expect(await page.evaluate(() => (globalThis as { harmed?: number }).harmed)).toBeUndefined();
    expect(faults).toEqual([]);
    await context.close();
  });

  it('stops all agents and lets them go on, each by a typed word alone', async () => {
    const { page, context, faults } = await open();
    const dialog = page.getByRole('dialog');
    const stop = page.getByRole('region', { name: 'Emergency stop' });
    await stop.getByRole('button', { name: 'Stop all agents' }).click();
    const sure = dialog.getByRole('button', { name: 'Stop them all' });
    await dialog.getByLabel(/Type/).fill('stop');
    expect(await sure.isDisabled()).toBe(true);
    await dialog.getByLabel(/Reason/).fill(`A price is wrong ${EVIL}`);
    await dialog.getByLabel(/Type/).fill('sto');
    await dialog.getByLabel(/Type/).press('Enter');
    expect(await sure.isDisabled()).toBe(true);
    expect(await call('GET', STOP)).toEqual({ stopped: false, reason: null });
    await dialog.getByLabel(/Type/).fill('stop');
    await sure.click();
    await stop.getByText(`A price is wrong ${EVIL}`).waitFor(VISIBLE);
    expect(await call('GET', STOP)).toEqual({ stopped: true, reason: `A price is wrong ${EVIL}` });
    await page.reload();
    await signIn(page);
    await stop.getByText('All agents are held').waitFor(VISIBLE);
    await stop.getByRole('button', { name: 'Let all agents go on' }).click();
    await dialog.getByLabel(/Type/).fill('go on');
    await dialog.getByRole('button', { name: 'Let them go on' }).click();
    await stop.getByText('No emergency stop').waitFor(VISIBLE);
    expect(await call('GET', STOP)).toEqual({ stopped: false, reason: null });
    expect(await page.locator('img').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('lists the users page by page, and finds them by how their names begin', async () => {
    for (let i = 0; i < 101; i++) await on.stage.user(`crowd-${String(i).padStart(3, '0')}`, 1_000);
    const { page, context } = await open();
    const rows = page.getByRole('region', { name: 'Users' }).getByRole('button');
    await page.getByLabel(/Name of the user, from/).fill('crowd-');
    await page.getByRole('button', { name: 'Find' }).click();
    await vi.waitFor(async () => expect(await rows.count()).toBe(100), 20_000);
    await page.getByRole('button', { name: 'More users' }).click();
    await vi.waitFor(async () => expect(await rows.count()).toBe(101), 20_000);
    await rows.last().click();
    await page.getByRole('heading', { name: 'crowd-100' }).waitFor(VISIBLE);
    await page.getByRole('button', { name: 'All users' }).click();
    await page.getByRole('button', { name: 'Find' }).waitFor(VISIBLE);
    await page.getByLabel(/Name of the user, from/).fill('nobody-of-this-name');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('There is no such user').waitFor(VISIBLE);
    await context.close();
  });

  it('finds a user beyond those that one page looks at', async () => {
    await on.stage.user('far-away', 1_000);
    const { page, context } = await open();
    await page.route('**/v1/admin/users?*', async (route) => {
      const url = new URL(route.request().url());
      if (!url.searchParams.has('cursor')) return route.fulfill({ json: { data: [], next_cursor: 'further' } });
      url.searchParams.delete('cursor');
      return route.fulfill({ response: await route.fetch({ url: url.href }) });
    });
    await page.getByLabel(/Name of the user, from/).fill('far-');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('button', { name: 'far-away' }).click();
    await page.getByText('Known since').waitFor(VISIBLE);
    await context.close();
  });

  it.each([
    ['dark', { colorScheme: 'dark' as const }],
    ['phone', PHONE],
  ])('can be used by everybody: %s', async (name, options) => {
    await on.stage.user(`look-${name}`, 1_000);
    const { page, context } = await open({ ...options, bypassCSP: true });
    await page.getByLabel(/Name of the user, from/).fill('look-');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('button', { name: 'New user' }).click();
    const user = page.getByRole('button', { name: `look-${name}` });
    const screens: [string, () => Promise<unknown>][] = [
      ['the list', () => user.waitFor(VISIBLE)],
      ['a user', () => user.click()],
      ['the stop', () => page.getByRole('button', { name: 'Stop all agents' }).click()],
    ];
    for (const [screen, show] of screens) {
      await show();
      expect.soft(await barriers(page), screen).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'), screen).toBeLessThan(1);
    }
    await context.close();
  });
});
