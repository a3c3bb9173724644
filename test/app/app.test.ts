/**
 * The dashboard in a real Chromium before a whole product in memory: a person's whole way with an agent, by keyboard and on a phone, what agents may
 * write to harm them, and whether everybody can use it.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { attackOf } from './attack.ts';
import { barriers, CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { ADMIN, type AppStage, startStage, text, use } from './stage.ts';

const EVIL = '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>';
const CSV = `${EVIL.replaceAll('/', '')}.csv`;
/** What the browser says of what a document in a frame has tried. */
const OF_FRAMES = /Blocked script execution|violates the following|ERR_BLOCKED/;
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const VISIBLE = { timeout: 20_000 };

type Styles = { getComputedStyle: (of: unknown) => { color: string } };
const colorOf = (element: unknown): string => (globalThis as unknown as Styles).getComputedStyle(element).color;

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'the dashboard' : `the dashboard (${WITHOUT})`, () => {
  let stage: AppStage;
  let browser: Browser;
  const leaked: string[] = [];
  const leak = createServer((request, response) => {
    leaked.push(`${request.method} ${request.url}`);
    response.end();
  });
  let leakUrl = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => leak.listen(0, '127.0.0.1', resolve));
    leakUrl = `http://127.0.0.1:${(leak.address() as AddressInfo).port}`;
    stage = await startStage();
    stage.scripts.set('owls', (i) => {
      if (i === 0)
        return [text('I look at what there is.'), use('ask', 'ask_user', { question: 'Barn owls, or eagle owls?' })];
      if (i === 1) return [text('May I buy the picture?'), use('pay', 'pay', { key: EVIL })];
      if (i > 40) return [text('It is done.')];
      return [text(`Next, page ${i}. ${EVIL}`), use(`look${i}`, 'look', { key: `page ${i} ${EVIL}` })];
    });
    stage.scripts.set('pages', (i) =>
      i > 0
        ? [text('# The pages\n\nThey are **written**.')]
        : [
            text('I write the first pages.'),
            use('file1', 'write_file', { path: 'guide.md', content: `# Owls\n\nThey **see** in the dark.\n\n${EVIL}` }),
            use('file2', 'write_file', { path: 'site/index.html', content: attackOf(leakUrl) }),
            use('file3', 'write_file', { path: 'site/style.css', content: 'h1 { color: rgb(1, 2, 3) }' }),
            use('file4', 'write_file', { path: CSV, content: `name,wings\n"${EVIL.replaceAll('"', '""')}",85\n` }),
          ],
    );
    stage.scripts.set('second', (i) => [text('On and on.'), use(`on${i}`, 'look', { key: `p${i}` })]);
    stage.scripts.set('sleepy', () => [
      use('nap', 'sleep', { until: '2026-11-12T08:00:00Z', note: 'The market opens.' }),
    ]);
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    leak.close();
  });

  let users = 0;
  /** A user of the test's own. */
  const person = async () => {
    const key = await stage.user(`person-${++users}`, 120_000);
    const call = (method: string, path: string, body?: unknown) => stage.call(key, method, path, body);
    const pages = async (): Promise<string> => {
      const { id } = await call('POST', '/v1/sessions', { goal: `Write the pages ${EVIL}` });
      await vi.waitFor(async () => expect((await call('GET', `/v1/sessions/${id}`)).status).toBe('completed'), 20_000);
      return id;
    };
    return { key, call, pages, address: (path: string) => `${stage.url}${path}#key=${key}` };
  };
  const chip = (page: Page, word: string) => page.locator('.facts .chip b', { hasText: word });
  const unharmed = async (page: Page) => {
    expect(await page.evaluate(() => (globalThis as { harmed?: number }).harmed)).toBeUndefined();
    expect(await page.locator('img[onerror], #app script').count()).toBe(0);
  };

  it('goes the whole way with an agent: started, watched, answered, approved, asleep with its receipt, topped up, awake', async () => {
    const { address, call } = await person();
    const { page, context, faults } = await opened(browser, address('/app'));
    await page.getByText('No agent yet').waitFor(VISIBLE);
    expect(page.url()).toBe(`${stage.url}/app`);
    // By the keyboard alone.
    stage.hold();
    await page.keyboard.press('n');
    await page.getByLabel('Goal').waitFor(VISIBLE);
    await page.keyboard.type(`Write a guide to owls ${EVIL}`);
    await page.getByText('More', { exact: true }).press('Enter');
    await page.getByLabel(/Ask before/).fill('pay');
    await page.getByRole('button', { name: 'Start' }).press('Enter');
    await chip(page, 'Thinking').waitFor(VISIBLE);
    stage.release();
    await chip(page, 'Waiting for you').waitFor(VISIBLE);
    stage.hold();
    await page.keyboard.press('a');
    await page.keyboard.type('Barn owls');
    await page.getByRole('button', { name: 'Answer' }).press('Enter');
    await page.getByText('Let me see what there is to do here').waitFor(VISIBLE);
    stage.release();
    await page.getByRole('button', { name: 'Approve' }).waitFor(VISIBLE);
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.getByRole('heading', { name: 'Inbox' }).waitFor(VISIBLE);
    await vi.waitFor(async () => expect(await page.title()).toBe('(1) Inbox · Circadian'), 20_000);
    await page.locator('#main:focus').waitFor(VISIBLE);
    await page.getByRole('button', { name: 'Approve' }).press('Enter');
    await page.getByText('Nothing waits for you').waitFor(VISIBLE);
    await page.goBack();
    await chip(page, 'Asleep').waitFor(VISIBLE);
    const receipt = page.getByRole('region', { name: 'Sleep receipt' });
    await receipt.waitFor(VISIBLE);
    expect(await receipt.textContent()).toMatch(
      /Asleep: .*Day’s allowance\$0\.120.*Wakes Wed 11 Nov, 00:00 UTC.*iterations · \d+ tool calls · \$0\.\d+/s,
    );
    await page.getByRole('button', { name: /^Top up/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Dollars').fill('1');
    expect(await dialog.textContent()).toMatch(/becomes about \$1\.12, now it is \$0\.120.*1 agent/s);
    await dialog.getByRole('button', { name: 'Add $1.00' }).click();
    await page.getByText('$1.12').first().waitFor(VISIBLE);
    await chip(page, 'Done').waitFor(VISIBLE);
    expect((await call('GET', '/v1/budget')).daily_budget_microdollars).toBe(1_120_000);
    await unharmed(page);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(EVIL);
    expect(faults).toEqual([]);
    expect(stage.failures).toEqual([]);
    await context.close();
  });

  it('shows files where nothing of them can harm, and runs a page that reaches neither key, nor parent, nor network', async () => {
    const { address, pages } = await person();
    const id = await pages();
    const { page, context, faults } = await opened(browser, address(`/app/s/${id}/files`));
    await page.getByRole('button', { name: /^guide\.md/ }).click();
    const frame = page.frameLocator('.preview iframe');
    await frame.locator('strong', { hasText: 'see' }).waitFor(VISIBLE);
    expect(await frame.locator('h1').textContent()).toBe('Owls');
    await page.getByRole('button', { name: /\.csv/ }).click();
    await frame.locator('td', { hasText: 'onerror' }).waitFor(VISIBLE);
    await unharmed(page);
    expect(faults.filter((fault) => !OF_FRAMES.test(fault))).toEqual([]);
    const before = stage.requests.length;
    await page.getByRole('button', { name: /index\.html/ }).click();
    await page.getByRole('button', { name: 'Run page' }).click();
    await told(frame);
    expect(await frame.locator('h1').evaluate(colorOf)).toBe('rgb(1, 2, 3)');
    const lines = (await frame.locator('#told').textContent())!.split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.filter((line) => line.includes('WENT'))).toEqual([]);
    expect(leaked).toEqual([]);
    expect(page.url()).toBe(`${stage.url}/app/s/${id}/files`);
    const asked = stage.requests.slice(before).filter((line) => line.includes('/v1/budget') && !line.includes('?'));
    expect(asked.length).toBeLessThanOrEqual(1);
    await unharmed(page);
    await context.close();
  });

  const told = (frame: FrameLocator) => frame.locator('#told', { hasText: 'ask 2' }).waitFor(VISIBLE);

  it('shows names that others gave as text, and cancels an agent only after it has asked', async () => {
    const { key, address, call } = await person();
    await call('POST', '/v1/webhooks', { url: 'https://hooks.example.com/x', description: EVIL });
    await call('POST', '/v1/triggers', { name: EVIL, template: { goal: EVIL }, max_cost_microdollars: 500_000 });
    await call('POST', '/v1/schedules', {
      ...{ name: EVIL, cron: '@daily', time_zone: 'UTC', max_cost_microdollars: 500_000 },
      template: { goal: EVIL },
    });
    const note = { method: 'PUT', headers: { authorization: `Bearer ${key}` }, body: `# Notes\n${EVIL}` };
    expect((await fetch(`${stage.url}/v1/memories/team/entries/notes.md`, note)).status).toBe(201);
    stage.hold();
    const made = await call('POST', '/v1/sessions', { goal: 'The second one' });
    const { page, context, faults } = await opened(browser, address('/app/webhooks'));
    const named = page.locator('.thing').getByRole('heading');
    await vi.waitFor(async () => expect(await named.allTextContents()).toEqual([EVIL, EVIL]), 20_000);
    await page.getByRole('link', { name: 'Schedules' }).click();
    await page.getByText('@daily').waitFor(VISIBLE);
    expect(await page.getByRole('heading', { level: 2 }).textContent()).toBe(EVIL);
    await page.getByRole('link', { name: 'Memory' }).click();
    await page.getByRole('button', { name: 'Entries' }).click();
    await page.getByRole('button', { name: /^notes/ }).click();
    await page.frameLocator('.preview iframe').locator('h1', { hasText: 'Notes' }).waitFor(VISIBLE);
    await unharmed(page);
    await page.goto(`${stage.url}/app/s/${made.id}`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel it for good' }).click();
    await chip(page, 'Cancelled').waitFor(VISIBLE);
    stage.release();
    await unharmed(page);
    expect(faults.filter((fault) => !OF_FRAMES.test(fault))).toEqual([]);
    await context.close();
  });

  it.each([
    ['light', { colorScheme: 'light' as const }],
    ['dark', { colorScheme: 'dark' as const }],
    ['phone', PHONE],
  ])('can be used by everybody on every screen: %s', async (_name, options) => {
    const { address, pages, call } = await person();
    const id = await pages();
    await call('POST', '/v1/webhooks', { url: 'https://hooks.example.com/x', description: 'Tells' });
    await call('POST', '/v1/triggers', { name: 'Mail', template: { goal: 'x' }, max_cost_microdollars: 500_000 });
    await call('POST', '/v1/schedules', {
      name: 'Daily',
      cron: '@daily',
      time_zone: 'UTC',
      max_cost_microdollars: 500_000,
      template: { goal: 'x' },
    });
    const { page, context } = await opened(browser, address('/app'), { ...options, bypassCSP: true });
    const screens: [string, string][] = [
      ['/app', '.agent'],
      [`/app/s/${id}`, '.step'],
      [`/app/s/${id}/files`, '.tree'],
      [`/app/s/${id}/usage`, '.bars'],
      ['/app/money', '.month'],
      ['/app/inbox', 'h1'],
      ['/app/new', 'form'],
      ['/app/schedules', '.thing'],
      ['/app/webhooks', '.thing'],
      ['/app/memories', '.empty:not([role])'],
      ['/app/users', 'form'],
    ];
    for (const [path, shown] of screens) {
      await page.goto(stage.url + path);
      await page.locator(shown).first().waitFor(VISIBLE);
      expect.soft(await barriers(page), path).toEqual([]);
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      expect(wide, `${path} is wider than the screen`).toBeLessThanOrEqual(0);
    }
    await context.close();
  });

  it('asks nothing while all agents rest and nobody is there, and comes back with the next waking or a person', async () => {
    const { address, call } = await person();
    const { id } = await call('POST', '/v1/sessions', { goal: 'A sleepy one' });
    await vi.waitFor(async () => expect((await call('GET', `/v1/sessions/${id}`)).status).toBe('sleeping'), 20_000);
    const { page, context } = await opened(browser, 'about:blank');
    await page.clock.install();
    await page.goto(address(`/app/s/${id}`));
    await chip(page, 'Asleep').waitFor(VISIBLE);
    const streams = () => [...stage.unanswered].filter((path) => path.includes(id) || path.includes('/v1/events'));
    await vi.waitFor(() => expect(streams()).toHaveLength(2), 20_000);
    await page.clock.runFor(310_000);
    await page.getByText('Resting', { exact: true }).waitFor(VISIBLE);
    await vi.waitFor(() => expect(streams()).toEqual([]), 20_000);
    const before = stage.requests.length;
    await page.clock.runFor(3 * 3_600_000);
    expect(stage.requests.slice(before)).toEqual([]);
    await page.mouse.click(5, 5);
    const again = ['/v1/events', '/v1/sessions?limit=100', `/v1/sessions/${id}/events/stream?after=`];
    await vi.waitFor(() => {
      const asked = stage.requests.slice(before).map((line) => line.replace(/^GET |\d+$/g, ''));
      expect(asked).toEqual(expect.arrayContaining(again.map((path) => path.replace(/\d+$/, ''))));
    }, 20_000);
    await context.close();
  });

  it('asks for a key where it has none or one that opens nothing, and keeps the place', async () => {
    const { key } = await person();
    const { page, context } = await opened(browser, `${stage.url}/app/money#key=ck_of_nobody`);
    await page.getByRole('alert').waitFor(VISIBLE);
    expect(await page.getByRole('alert').textContent()).toContain('opens nothing');
    await page.getByLabel('API key').fill(key);
    await page.getByLabel('API key').press('Enter');
    await page.getByRole('heading', { name: 'Money' }).waitFor(VISIBLE);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    // The first stop of the keyboard leads past the ways to other screens.
    await page.getByRole('link', { name: 'To the content' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#main:focus').waitFor(VISIBLE);
    // Single keys are switched off, and on again, without one.
    await page.getByRole('button', { name: 'Keyboard' }).click();
    await page.getByLabel('Single keys do this').uncheck();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Keyboard' }).click();
    await page.getByLabel('Single keys do this').check();
    await page.keyboard.press('Escape');
    // A key in the address does not stay there, and none that is broken does harm.
    await page.evaluate("location.hash = '#key=%zz'");
    await vi.waitFor(() => expect(page.url()).toBe(`${stage.url}/app/money`), 20_000);
    await page.evaluate(`location.hash = '#key=${ADMIN}'`);
    await page.getByText('operator’s key, which belongs to no user').waitFor(VISIBLE);
    expect(page.url()).toBe(`${stage.url}/app/money`);
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(ADMIN);
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByRole('heading', { name: 'Users' }).waitFor(VISIBLE);
    await context.close();
  });
});
