/** The operator's screen where an answer is lost, comes late, or is old, in a real Chromium. */
import type { Page, Route } from 'playwright-core';
import { describe, expect, it, vi } from 'vitest';
import { barriers, CHROMIUM, opened, WITHOUT } from './browser.ts';
import { onStage } from './on-stage.ts';
import { ADMIN } from './stage.ts';

const VISIBLE = { timeout: 20_000 };
const STOP = '/v1/admin/emergency-stop';
const UNSEEN = 'A key may have been made: look at the list, and revoke what you do not know.';

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'the operator in trouble' : `the operator in trouble (${WITHOUT})`, () => {
  const on = onStage();

  const call = (method: string, path: string, body?: unknown) => on.stage.call(ADMIN, method, path, body);
  const open = async (options = {}) => {
    const made = await opened(on.browser, `${on.stage.url}/app/users`, options);
    await made.page.getByLabel('Operator’s key').fill(ADMIN);
    await made.page.getByRole('button', { name: 'Open' }).click();
    await made.page.getByRole('region', { name: 'Emergency stop' }).waitFor(VISIBLE);
    return made;
  };

  const users = (page: Page) => page.getByRole('region', { name: 'Users' }).getByRole('button');
  const find = async (page: Page, prefix: string) => {
    await page.getByLabel(/Name of the user, from/).fill(prefix);
    await page.getByRole('button', { name: 'Find' }).click();
  };
  const crowd = async (prefix: string, count: number) => {
    for (let i = 0; i < count; i++) await on.stage.user(`${prefix}${String(i).padStart(3, '0')}`, 1_000);
  };

  /** What the focus is on, by its name. */
  const focused = (page: Page) =>
    page.evaluate<string>(
      'document.activeElement.ariaLabel ?? (document.activeElement.textContent.slice(0, 40) || document.activeElement.tagName)',
    );

  it('shows a key whose answer was lost in the list, and says that there may be one', async () => {
    await on.stage.user('lost-key', 1_000);
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

  it.each(['light', 'dark'] as const)('says whether work goes on, and looks again: %s', async (colorScheme) => {
    const { page, context } = await open({ colorScheme, bypassCSP: true, viewport: { width: 390, height: 844 } });
    const health = page.getByRole('region', { name: 'Health' });
    const becomes = async (text: string) => {
      await health.getByText(text).waitFor(VISIBLE);
      expect.soft(await barriers(page), text).toEqual([]);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'), text).toBeLessThan(1);
    };
    await becomes('Work goes on');
    await page.route('**/healthz', (route) => route.fulfill({ json: { status: 'degraded', overdue_seconds: 420 } }));
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await becomes('has not moved for 7 min');
    const detail = 'No answer from live view. Nothing is lost.';
    await page.route('**/v1/admin/health', (route) => route.fulfill({ status: 503, json: { detail } }));
    await health.getByRole('button', { name: 'Look again' }).click();
    await becomes(detail);
    await page.unrouteAll();
    await health.getByRole('button', { name: 'Look again' }).click();
    await becomes('Work goes on');
    await context.close();
  });

  it('reads the emergency stop again where another operator may have changed it', async () => {
    await on.stage.user('held', 1_000);
    const { page, context, faults } = await open();
    const stop = page.getByRole('region', { name: 'Emergency stop' });
    const shows = (text: string) => stop.getByText(text).waitFor(VISIBLE);
    const dialog = page.getByRole('dialog');
    await shows('No emergency stop');

    await call('PUT', STOP, { reason: 'Of another operator' });
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await shows('Of another operator');
    await call('DELETE', STOP);
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await shows('No emergency stop');

    // The dialog asks for what is to be done as it is now.
    await call('PUT', STOP, { reason: 'Before the dialog' });
    await stop.getByRole('button', { name: 'Stop all agents' }).click();
    await dialog.getByText('Let all agents go on?').waitFor(VISIBLE);
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await shows('Before the dialog');

    await page.getByRole('button', { name: 'held', exact: true }).click();
    await call('DELETE', STOP);
    await page.getByRole('button', { name: 'All users' }).click();
    await shows('No emergency stop');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('says that the emergency stop may be another, and keeps what was done from an answer that is late', async () => {
    const { page, context } = await open();
    const stop = page.getByRole('region', { name: 'Emergency stop' });
    const dialog = page.getByRole('dialog');
    await page.route(`**${STOP}`, (route) => route.abort());
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await stop.getByText('This may not be so any more.').waitFor(VISIBLE);
    await page.unrouteAll();

    const late: (() => Promise<void>)[] = [];
    await page.route(`**${STOP}`, (route) => {
      if (route.request().method() !== 'GET') return route.fallback();
      late.push(() => route.fulfill({ json: { stopped: false, reason: null } }).catch(() => {}));
    });
    await stop.getByRole('button', { name: 'Stop all agents' }).click();
    await vi.waitFor(() => expect(late.length).toBeGreaterThan(0), 20_000);
    await dialog.getByLabel(/Reason/).fill('Done on this page');
    await dialog.getByLabel(/Type/).fill('stop');
    await dialog.getByRole('button', { name: 'Stop them all' }).click();
    await stop.getByText('Done on this page').waitFor(VISIBLE);
    for (const answer of late) await answer();
    await page.unrouteAll();
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await stop.getByText('Done on this page').count()).toBe(1);
    expect(await stop.getByRole('alert').count()).toBe(0);
    await call('DELETE', STOP);
    await context.close();
  });
  it('does not put a page of an earlier filter over a newer one', async () => {
    await crowd('late-', 101);
    await on.stage.user('other-one', 1_000);
    const { page, context, faults } = await open();
    await find(page, 'late-');
    await vi.waitFor(async () => expect(await users(page).count()).toBe(100), 20_000);
    const more = page.getByRole('button', { name: 'More users' });
    const late: Route[] = [];
    await page.route('**/v1/admin/users?*cursor=*', (route) => void late.push(route));
    await more.click();
    await vi.waitFor(() => expect(late).toHaveLength(1), 20_000);
    // Meanwhile a second page cannot be asked for.
    expect(await more.isDisabled()).toBe(true);
    await more.dispatchEvent('click');
    expect(await focused(page)).toBe('More users');
    await find(page, 'other-');
    await vi.waitFor(async () => expect(await users(page).allTextContents()).toEqual(['other-one']), 20_000);
    expect(late).toHaveLength(1);
    const [route] = late;
    await route!.fulfill({ response: await route!.fetch() }).catch(() => {});
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await users(page).allTextContents()).toEqual(['other-one']);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('goes on with the pages of a filter only where that filter has answered', async () => {
    await crowd('pages-', 101);
    const { page, context } = await open();
    await find(page, 'pages-');
    const more = page.getByRole('button', { name: 'More users' });
    await vi.waitFor(async () => expect(await users(page).count()).toBe(100), 20_000);
    await page.route('**/v1/admin/users?*', (route) => route.abort());
    await find(page, 'else-');
    await page.getByRole('alert').waitFor(VISIBLE);
    expect(await more.isDisabled()).toBe(true);
    await context.close();
  });

  it('has as many pages after one user as before, and the focus on their row', async () => {
    await crowd('back-', 202);
    const { page, context, faults } = await open();
    await find(page, 'back-');
    const more = page.getByRole('button', { name: 'More users' });
    await vi.waitFor(async () => expect(await users(page).count()).toBe(100), 20_000);
    await more.click();
    await vi.waitFor(async () => expect(await users(page).count()).toBe(200), 20_000);
    expect(await focused(page)).toBe('More users');
    const row = page.getByRole('row').filter({ hasText: 'back-150' });
    await row.getByRole('button').click();
    await page.getByRole('heading', { name: 'back-150' }).waitFor(VISIBLE);
    await call('PUT', '/v1/admin/users/back-150', { tier: 'economy' });
    await page.getByRole('button', { name: 'All users' }).click();
    await row.getByText('economy').waitFor(VISIBLE);
    expect(await users(page).count()).toBe(200);
    expect(await focused(page)).toBe('back-150');
    await more.click();
    await vi.waitFor(async () => expect(await users(page).count()).toBe(202), 20_000);

    // Where the list has this user no more.
    await page.route('**/v1/admin/users?*', (route) => route.fulfill({ json: { data: [], next_cursor: null } }));
    await row.getByRole('button').click();
    await page.getByRole('button', { name: 'All users' }).click();
    await page.getByText('There is no such user').waitFor(VISIBLE);
    await vi.waitFor(async () => expect(await focused(page)).toBe('Name of the user, from its beginning'), 20_000);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('puts the focus on the row of a user who was made, unless the person is elsewhere already', async () => {
    const { page, context } = await open();
    const make = async (id: string) => {
      await page.getByRole('button', { name: 'New user' }).click();
      await page.getByLabel(/Name of the user.*Your own/).fill(id);
      await page.getByRole('button', { name: 'Make the user' }).click();
      await page.getByRole('heading', { name: id }).waitFor(VISIBLE);
    };
    await find(page, 'made-');
    await page.getByText('There is no such user').waitFor(VISIBLE);
    await make('made-one');
    await page.getByRole('button', { name: 'All users' }).click();
    await vi.waitFor(async () => expect(await focused(page)).toBe('made-one'), 20_000);

    await make('made-two');
    const late: Route[] = [];
    await page.route('**/v1/admin/users?limit=100*', (route) => void late.push(route));
    await page.getByRole('button', { name: 'All users' }).click();
    await vi.waitFor(() => expect(late).toHaveLength(1), 20_000);
    await page.getByLabel('Status').focus();
    await late[0]!.continue();
    await page.getByRole('button', { name: 'made-two' }).waitFor(VISIBLE);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await focused(page)).toBe('Status');
    await context.close();
  });
});
