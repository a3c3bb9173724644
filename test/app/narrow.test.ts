/** Where the dashboard has little room, or much to show, in a real Chromium. */
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, opened, WITHOUT } from './browser.ts';
import { onStage } from './on-stage.ts';
import { text, use } from './stage.ts';

const VISIBLE = { timeout: 20_000 };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const QUESTION = 'Which of the owls of the northern forests is the guide to begin with? '.repeat(8);

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'little room' : `little room (${WITHOUT})`, () => {
  const on = onStage();
  beforeAll(() => {
    on.stage.scripts.set('asker', () => [use('ask', 'ask_user', { question: QUESTION })]);
    on.stage.scripts.set('spender', (i) => [text(`Step ${i + 1}.`), use(`s${i}`, 'look', { key: `k${i}` })]);
  });

  const start = async (goal: string, becomes: string, daily?: number) => {
    const person = await on.stage.person(daily);
    const { id } = await person.call('POST', '/v1/sessions', { goal });
    const status = async () => (await person.call('GET', `/v1/sessions/${id}`)).status;
    await vi.waitFor(async () => expect(await status()).toBe(becomes), 20_000);
    return { ...person, id };
  };
  const ask = (goal: string) => start(goal, 'waiting_for_input');
  const boxOf = async (found: Locator) => {
    await found.waitFor(VISIBLE);
    return (await found.boundingBox())!;
  };

  it('has the open screen in sight among those that do not fit', async () => {
    const { address } = await on.stage.person();
    const { page, context } = await opened(on.browser, address('/app/memories'), PHONE);
    const link = (name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name });
    const isSeen = async (name: string) => {
      const { x, width } = await boxOf(link(name));
      return x >= 0 && x + width <= PHONE.viewport.width;
    };
    expect(await isSeen('Memory')).toBe(true);
    await link('Webhooks').click();
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor(VISIBLE);
    expect(await isSeen('Webhooks')).toBe(true);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.getByText('No agent yet').waitFor(VISIBLE);
    expect(await isSeen('Today')).toBe(true);
    await context.close();
  });

  it('shows a long question once and whole where it is answered, and its beginning elsewhere', async () => {
    const { address, id } = await ask('An asker');
    const { page, context } = await opened(on.browser, address(`/app/s/${id}`), PHONE);
    const asked = page.getByText(QUESTION.trim());
    const whole = await boxOf(
      page
        .locator('form')
        .filter({ has: page.getByLabel('Your answer') })
        .locator('.text'),
    );
    expect(await asked.count()).toBe(2);
    // Of the stage's clock, which the page may hear of after it has drawn the first answer.
    await vi.waitFor(
      async () =>
        expect(await page.locator('.facts .chip').textContent()).toMatch(/^\s*Waiting for you\s*for \d+ (s|min)\s*$/),
      20_000,
    );
    expect(whole.width).toBeGreaterThan(300);
    await page.getByRole('link', { name: 'All agents' }).click();
    const beginning = await boxOf(page.locator('.ask .what'));
    expect(beginning.height).toBeLessThan(whole.height / 2);
    // Since when it waits, by the clock alone.
    const since = page.locator('.ask .chip');
    const first = await since.textContent();
    expect(first).toMatch(/^\s*Waiting for you\s*for \d+ (s|min)\s*$/);
    expect(await page.locator('.agent .say').textContent()).toMatch(/^for \d+ (s|min): Which of the owls/);
    await vi.waitFor(async () => expect(await since.textContent()).not.toBe(first), 20_000);
    await context.close();
  });

  it('has the whole of a long goal for who cannot point at it, and each script in its own direction', async () => {
    const goal = `دليل asker ${'ميداني '.repeat(60)}\n- واحد`;
    const { address, id } = await ask(goal);
    const { page, context } = await opened(on.browser, address('/app'), PHONE);
    const direction = (found: Locator) =>
      found.evaluate((element) => element.ownerDocument.defaultView!.getComputedStyle(element).direction);
    const listed = page.locator('.agent .goal');
    await listed.waitFor(VISIBLE);
    expect(await direction(listed)).toBe('rtl');
    await page.locator(`a.agent[href="/app/s/${id}"]`).press('Enter');
    const heading = page.getByRole('heading', { level: 1 });
    await heading.waitFor(VISIBLE);
    expect(await direction(heading)).toBe('rtl');
    await page.getByText('The whole goal').press('Enter');
    const whole = page.locator('details[open] .text');
    await whole.waitFor(VISIBLE);
    expect(await whole.evaluate((element) => element.scrollHeight <= element.clientHeight)).toBe(true);
    expect(await whole.textContent()).toBe(goal);
    await context.close();
  });

  it('says in the list why an agent sleeps, also where the time of its waking is a long one', async () => {
    const { address } = await start('A spender', 'sleeping', 60_000);
    // There the day of money ends on another day of the place, which is named, too.
    const { page, context } = await opened(on.browser, address('/app'), { timezoneId: 'America/Los_Angeles' });
    const said = page.locator('.agent .say');
    await said.getByText(/here \(in .*\): a step (needs|did not fit)/).waitFor(VISIBLE);
    for (const width of [1180, 1040, 800, 390]) {
      await page.setViewportSize({ width, height: 860 });
      const cut = await said.evaluate(({ scrollHeight, clientHeight, scrollWidth, clientWidth }) => [
        Math.max(0, scrollHeight - clientHeight - 1),
        Math.max(0, scrollWidth - clientWidth - 1),
      ]);
      expect(cut, `${width}`).toEqual([0, 0]);
    }
    // The ring of the row that has the focus lies within the list, which cuts off what is beyond it.
    await page.keyboard.press('j');
    await page.locator('a.agent:focus-visible').waitFor(VISIBLE);
    const beyond = await page.locator('a.agent:focus-visible').evaluate((row) => {
      const { outlineWidth, outlineOffset, outlineStyle } = row.ownerDocument.defaultView!.getComputedStyle(row);
      const out = Number.parseFloat(outlineWidth) + Number.parseFloat(outlineOffset);
      const list = row.closest('.long')!.getBoundingClientRect();
      return [outlineStyle, row.getBoundingClientRect().left - out >= list.left];
    });
    expect(beyond).toEqual(['solid', true]);
    await context.close();
  });

  it('keeps its head in line at every width, also while the connection is lost', async () => {
    const { address } = await ask('An asker');
    const { page, context } = await opened(on.browser, address('/app'), { timezoneId: 'Asia/Kathmandu' });
    await page.getByRole('heading', { name: 'Needs you' }).waitFor(VISIBLE);
    await context.setOffline(true);
    on.stage.cut();
    await page.locator('.top').getByText('Connection lost').waitFor(VISIBLE);
    for (const width of [1180, 1000, 800, 390]) {
      await page.setViewportSize({ width, height: 860 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${width}`).toBe(width);
      const bottoms = await page
        .locator('.top nav a')
        .evaluateAll((links) => [...new Set(links.map((link) => Math.round(link.getBoundingClientRect().bottom)))]);
      expect(bottoms, `${width}`).toHaveLength(1);
      expect((await boxOf(page.getByRole('button', { name: 'Sign out' }))).height, `${width}`).toBeLessThan(46);
      expect((await boxOf(page.locator('.top .link'))).width, `${width}`).toBeGreaterThan(110);
    }
    await context.close();
  });

  it('has fields that stand beside each other in line, whatever is said of them', async () => {
    const { address } = await on.stage.person();
    const { page, context } = await opened(on.browser, address('/app/new'));
    await page.locator('[name=cap]').waitFor(VISIBLE);
    // At one moment, since what stands above them may still come.
    const tops = await page
      .locator('[name=agent], [name=model], [name=cap]')
      .evaluateAll((fields) => fields.map((field) => field.getBoundingClientRect().top));
    expect([tops.length, new Set(tops).size]).toEqual([3, 1]);
    await context.close();
  });
});
