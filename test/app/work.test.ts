/** What a person does with many agents, their approvals, and the things around them, in a real Chromium. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { type AppStage, startStage, text, use } from './stage.ts';

const VISIBLE = { timeout: 20_000 };
const LONG = 60;

describe.skipIf(!CHROMIUM)(CHROMIUM ? "a person's work" : `a person's work (${WITHOUT})`, () => {
  let stage: AppStage;
  let browser: Browser;
  beforeAll(async () => {
    stage = await startStage();
    stage.scripts.set('napper', () => [
      use('nap', 'sleep', { until: '2026-11-12T08:00:00Z', note: 'The market opens.' }),
    ]);
    stage.scripts.set('asker', () => [use('ask', 'ask_user', { question: 'Barn owls, or eagle owls?' })]);
    stage.scripts.set('buyer', (i) =>
      i === 0 ? [text('May I?'), use('buy', 'pay', { key: 'the dear one' })] : [text('So be it.')],
    );
    stage.scripts.set('chooser', (i) =>
      i === 0
        ? [use('ask', 'ask_user', { question: 'Which owls?', choices: ['Barn owls', 'Eagle owls'] })]
        : [text('So be it.')],
    );
    stage.scripts.set('dreamer', (i) =>
      i === 0 ? [text('One look.'), use('dream', 'look', { key: 'a dream' })] : [text('It was a dream.')],
    );
    stage.scripts.set('walker', (i) => {
      if (i === LONG) return [use('ask', 'ask_user', { question: 'Shall I go on?' })];
      return i > LONG + 2 ? [text('There.')] : [text(`Step number ${i + 1}.`), use(`s${i}`, 'look', { key: `k${i}` })];
    });
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  type Call = Awaited<ReturnType<AppStage['person']>>['call'];
  const start = async (call: Call, goal: string, status: string, more: object = {}): Promise<string> => {
    const { id } = await call('POST', '/v1/sessions', { goal, ...more });
    await vi.waitFor(async () => expect((await call('GET', `/v1/sessions/${id}`)).status).toBe(status), 20_000);
    return id;
  };
  const chip = (page: Page, word: string) => page.locator('.facts .chip b', { hasText: word });
  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

  it('offers to wake an agent that a lowered plan stopped, where only people wake agents', async () => {
    const { id: user, call, address } = await stage.person();
    const plan = { tier: 'standard', renewalDate: '2026-11-30', wakePolicy: 'manual' } as const;
    await stage.t.accounts.putUser(user, { ...plan, budget: 2_400_000n });
    stage.hold();
    const { id } = await call('POST', '/v1/sessions', { goal: 'A dreamer' });
    const { page, context } = await opened(browser, address(`/app/s/${id}`));
    await chip(page, 'Thinking').waitFor(VISIBLE);
    await stage.t.accounts.putUser(user, { ...plan, budget: 1n });
    stage.release();
    await chip(page, 'Over the ceiling').waitFor(VISIBLE);
    const { raised } = await stage.t.outbox.sweep({ days: 100, limit: 0, busy: [] });
    for (const one of raised) await stage.t.live.forget(one);
    await page.goto(address('/app/money'));
    await page.getByText('A bill passed the ceiling, or the operator stopped all agents').waitFor(VISIBLE);
    await page.goBack();
    const woken = page.waitForResponse((response) => response.url().endsWith(`/v1/sessions/${id}/wake`));
    await button(page, 'Wake now').click();
    expect((await woken).status()).toBe(200);
    await stage.t.accounts.putUser(user, { ...plan, budget: 2_400_000n });
    await chip(page, 'Done').waitFor(VISIBLE);
    await context.close();
  });

  it('starts an agent by all that is said, keeps its goal meanwhile, and answers by a choice', async () => {
    const { call, address } = await stage.person();
    const { page, context } = await opened(browser, address('/app/new'));
    await page.getByLabel('Goal').fill('A chooser');
    await page.getByRole('link', { name: 'Today' }).click();
    await page.getByRole('link', { name: 'New' }).click();
    expect(await page.getByLabel('Goal').inputValue()).toBe('A chooser');
    await page.getByLabel(/^At most, in dollars/).fill('plenty');
    await button(page, 'Start').click();
    await page.getByText('Nothing was started').waitFor(VISIBLE);
    await page.getByLabel(/^At most, in dollars/).fill('0.75');
    await page.getByText('More', { exact: true }).click();
    await page.getByLabel(/^Most of a day/).fill('50');
    await page.getByLabel('Most steps').fill('20');
    await page.getByLabel('Its questions may offer answers').check();
    await button(page, 'Start').click();
    await button(page, 'Eagle owls').click();
    await chip(page, 'Done').waitFor(VISIBLE);
    const [made, ...others] = (await call('GET', '/v1/sessions')).data;
    expect([made.max_cost_microdollars, made.daily_share_percent, made.max_iterations]).toEqual([750_000, 50, 20]);
    expect(others).toEqual([]);
    const { data } = await call('GET', `/v1/sessions/${made.id}/events`);
    const answers = data.filter(({ type }: { type: string }) => type === 'agent.message_received');
    expect(answers.map(({ content }: { content: string }) => content)).toEqual(['Eagle owls']);
    await page.getByRole('link', { name: 'All agents' }).click();
    await page.getByRole('link', { name: 'New' }).click();
    expect(await page.getByLabel('Goal').inputValue()).toBe('');
    await context.close();
  });

  it('finds agents by state and by words, and goes through them by keys', async () => {
    const { call, address } = await stage.person();
    await start(call, 'A napper of the north', 'sleeping');
    await start(call, 'An asker of the south', 'waiting_for_input');
    await start(call, 'One that is done', 'completed');
    const { page, context } = await opened(browser, address('/app'));
    const shown = () => page.locator('.agent .goal').allTextContents();
    const becomes = (goals: string[]) => vi.waitFor(async () => expect(await shown()).toEqual(goals), 20_000);
    await becomes(['One that is done', 'An asker of the south', 'A napper of the north']);
    for (const [filter, goal] of [
      ['asleep', 'A napper of the north'],
      ['needs you', 'An asker of the south'],
      ['ended', 'One that is done'],
    ]) {
      await button(page, filter!).click();
      await becomes([goal!]);
    }
    await button(page, 'working').click();
    await page.getByText('None of your agents is there').waitFor(VISIBLE);
    await button(page, 'all').click();
    await page.keyboard.press('/');
    await page.keyboard.type('OF THE');
    await becomes(['An asker of the south', 'A napper of the north']);
    await page.locator('h2').first().click();
    for (const key of ['j', 'j', 'k', 'j', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('heading', { level: 1, name: 'A napper of the north' }).waitFor(VISIBLE);
    await context.close();
  });

  it('runs a call with other arguments, or not at all, as the person decides', async () => {
    const { call, address } = await stage.person();
    const id = await start(call, 'A buyer', 'waiting_for_input', { approvals: ['pay'] });
    const { page, context } = await opened(browser, address('/app/inbox'));
    const decided = () => stage.requests.filter((line) => line.startsWith(`POST /v1/sessions/${id}/approvals`)).length;
    await button(page, 'Edit').click();
    const edited = page.getByLabel('The arguments to run it with');
    expect(JSON.parse(await edited.inputValue())).toEqual({ key: 'the dear one' });
    await edited.fill('{ "key": ');
    await button(page, 'Run with these').click();
    await page.getByText('no JSON. Nothing was sent').waitFor(VISIBLE);
    expect(decided()).toBe(0);
    await edited.fill('{ "key": "the cheap one" }');
    await button(page, 'Run with these').click();
    await page.getByText('Nothing waits for you').waitFor(VISIBLE);
    await vi.waitFor(async () => expect((await call('GET', `/v1/sessions/${id}`)).status).toBe('completed'), 20_000);
    expect([...stage.t.effects.keys()].filter((key) => key.startsWith('the '))).toEqual(['the cheap one']);
    const other = await start(call, 'Another buyer', 'waiting_for_input', { approvals: ['pay'] });
    await page.getByText('Another buyer').waitFor(VISIBLE);
    await button(page, 'Deny').click();
    await page.getByLabel(/Why not/).fill('It costs too much');
    await button(page, 'Deny it').click();
    await vi.waitFor(async () => expect((await call('GET', `/v1/sessions/${other}`)).status).toBe('completed'), 20_000);
    const { data } = await call('GET', `/v1/sessions/${other}/events`);
    const result = data.find(({ type }: { type: string }) => type === 'agent.tool.result');
    expect(result.content).toContain('It costs too much');
    expect([...stage.t.effects.keys()].filter((key) => key.startsWith('the '))).toEqual(['the cheap one']);
    await context.close();
  });

  it('follows a long timeline to its end, unless the person looks at what was before', async () => {
    const { call, address } = await stage.person(2_000_000);
    const id = await start(call, 'A walker', 'waiting_for_input');
    const { page, context } = await opened(browser, address(`/app/s/${id}`));
    await page.getByText(`Step number ${LONG}.`).waitFor(VISIBLE);
    const rows = page.locator('.long li');
    const total = Number(await rows.first().getAttribute('aria-setsize'));
    expect(total).toBeGreaterThan(LONG);
    // Of so many rows only those on the screen are there.
    expect(await rows.count()).toBeLessThan(total / 2);
    await page.locator('.long').hover();
    await page.mouse.wheel(0, -100_000);
    await page.getByText('Step number 1.').waitFor(VISIBLE);
    await call('POST', `/v1/sessions/${id}/messages`, { content: 'Go on' });
    await page.getByRole('button', { name: /^\d+ new, to the end$/ }).waitFor(VISIBLE);
    await chip(page, 'Done').waitFor(VISIBLE);
    expect(await page.locator('.long').evaluate((list) => (list as unknown as { scrollTop: number }).scrollTop)).toBe(
      0,
    );
    await page.getByRole('button', { name: /to the end$/ }).click();
    await page.getByText('Done after').waitFor(VISIBLE);
    // An opened row tells what the tool was given and what came of it.
    const step = page.locator('.step', { hasText: `Step number ${LONG + 3}.` });
    await step.getByRole('button').click();
    await step.getByText(`did k${LONG + 2}`).waitFor(VISIBLE);
    await button(page, 'persons').click();
    await page.locator('.long').getByText('Go on', { exact: true }).waitFor(VISIBLE);
    expect(await page.locator('.step').count()).toBe(0);
    await context.close();
  });

  it('saves an agent as a file, and deletes one only after it has asked', async () => {
    const { call, address } = await stage.person();
    const id = await start(call, 'One that is done', 'completed');
    const { page, context } = await opened(browser, address(`/app/s/${id}`));
    const [saved] = await Promise.all([page.waitForEvent('download'), button(page, 'Export').click()]);
    expect(saved.suggestedFilename()).toBe(`${id}.json`);
    expect(readFileSync(await saved.path(), 'utf8')).toContain('One that is done');
    await button(page, 'Delete').click();
    await button(page, 'Not now').click();
    expect((await call('GET', `/v1/sessions/${id}`)).id).toBe(id);
    await button(page, 'Delete').click();
    await button(page, 'Delete it').click();
    await page.getByText('No agent yet').waitFor(VISIBLE);
    expect((await call('GET', `/v1/sessions/${id}`)).code).toBe('not_found');
    await context.close();
  });

  it('shows what a day went into, by each sum, as a table and as a file', async () => {
    const { call, address } = await stage.person();
    await start(call, 'One that is done', 'completed');
    const { page, context } = await opened(browser, address('/app/money'));
    await page.locator('.bars', { hasText: 'One that is done' }).waitFor(VISIBLE);
    await button(page, 'by model').click();
    await page.locator('.bars', { hasText: 'claude-sonnet-5-5' }).waitFor(VISIBLE);
    const [saved] = await Promise.all([page.waitForEvent('download'), button(page, 'CSV').click()]);
    expect(saved.suggestedFilename()).toBe('usage-2026-11-10-model.csv');
    expect(readFileSync(await saved.path(), 'utf8')).toMatch(/cost_microdollars[\s\S]*claude-sonnet-5-5/);
    await page.getByText('As a table').click();
    const { spent_microdollars: spent } = await call('GET', '/v1/budget');
    const row = page.getByRole('row').filter({ hasText: 'Tue 10 Nov' });
    expect(await row.getByRole('cell').nth(1).textContent()).toBe(`$${(spent / 1_000_000).toFixed(4)}`);
    expect(await row.getByRole('cell').nth(2).textContent()).toBe('$0.120');
    await context.close();
  });

  it('makes webhooks, schedules and memories do what their buttons say, and destroys none without asking', async () => {
    const { key, call, address } = await stage.person();
    const note = { method: 'PUT', headers: { authorization: `Bearer ${key}` }, body: '# Notes' };
    await fetch(`${stage.url}/v1/memories/team/entries/notes.md`, note);
    const { page, context, faults } = await opened(browser, address('/app/webhooks'));
    const dialog = page.getByRole('dialog');
    const count = async (path: string) => (await call('GET', path)).data.length;
    const destroyed = async (path: string, name: string, yes: string) => {
      await button(page, name).click();
      await dialog.getByRole('button', { name: 'Not now' }).click();
      expect(await count(path)).toBe(1);
      await button(page, name).click();
      await dialog.getByRole('button', { name: yes }).click();
      await vi.waitFor(async () => expect(await count(path)).toBe(0), 20_000);
    };
    await button(page, 'New webhook').click();
    await page.getByLabel('Address').fill('https://hooks.example.com/x');
    await page.getByLabel('session.waking').uncheck();
    await button(page, 'Make it').click();
    expect(await dialog.locator('pre').textContent()).toMatch(/^whsec_/);
    await button(page, 'I have kept it').click();
    const [made] = (await call('GET', '/v1/webhooks')).data;
    expect([made.events.length > 3, made.events.includes('session.waking')]).toEqual([true, false]);
    await button(page, 'Disable').click();
    await page.locator('dd', { hasText: /^Disabled$/ }).waitFor(VISIBLE);
    expect(await button(page, 'Send a test').isDisabled()).toBe(true);
    await button(page, 'Enable').click();
    await page.getByText('In use').waitFor(VISIBLE);
    await destroyed('/v1/webhooks', 'Delete', 'Delete it');

    await page.getByRole('link', { name: 'Schedules' }).click();
    await button(page, 'New schedule').click();
    await page.getByLabel('Name').fill('Daily');
    await page.getByLabel(/^When/).fill('@daily');
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByLabel('Goal of each run').fill('Another one');
    await page.getByLabel(/Each run at most/).fill('plenty');
    await button(page, 'Make it').click();
    await page.getByText('Nothing was made').waitFor(VISIBLE);
    await page.getByLabel(/Each run at most/).fill('0.50');
    await button(page, 'Make it').click();
    // What was typed is not lost by a refusal.
    await page.getByText('@daily in Europe/Berlin').waitFor(VISIBLE);
    await button(page, 'Pause').click();
    await page.getByText('Paused: nothing comes next').waitFor(VISIBLE);
    await button(page, 'Resume').click();
    await button(page, 'Run now').click();
    await vi.waitFor(async () => expect(await count('/v1/sessions')).toBe(1), 20_000);
    await destroyed('/v1/schedules', 'Delete', 'Delete it');

    await page.getByRole('link', { name: 'Memory' }).click();
    await destroyed('/v1/memories', 'Forget all', 'Forget it');
    await page.getByText('No memory yet').waitFor(VISIBLE);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('moves the clock of a local system to the next waking', async () => {
    const { call, address } = await stage.person();
    const id = await start(call, 'A napper', 'sleeping');
    const { page, context } = await opened(browser, address(`/app/s/${id}`));
    const bar = page.getByRole('region', { name: 'Clock of this local system' });
    await bar.getByText('Tue 10 Nov').waitFor(VISIBLE);
    await bar.getByRole('button', { name: 'To the next waking' }).click();
    await bar.getByText('Thu 12 Nov, 08:00').waitFor(VISIBLE);
    await page.locator('.long').getByText('Woke').first().waitFor(VISIBLE);
    await context.close();
  });
});
