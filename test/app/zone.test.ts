/** Times of this place and UTC: by their rules, and in a Chromium of other time zones. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type HereRow, withMidnights } from '../../lib/app/midnights.ts';
import { receiptOf } from '../../lib/app/receipt.ts';
import { momentOf, sentenceOf } from '../../lib/app/states.ts';
import { clock, dayOf, exact, partsOf, resets, timed, utcDay, when, whenResets } from '../../lib/app/text.ts';
import { type Row, timeline } from '../../lib/app/timeline.ts';
import type { JournalEvent, Session } from '../../lib/app/types.ts';
import { nextDay, showTimesIn } from '../../lib/app/zone.ts';
import { CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { type AppStage, startStage, text, use } from './stage.ts';

const VISIBLE = { timeout: 20_000 };
const INDIA = 'Asia/Kolkata';
const CALIFORNIA = 'America/Los_Angeles';
const NOW = Date.parse('2026-11-10T12:00:00Z');
const MIDNIGHT = '2026-11-11T00:00:00.000Z';

afterEach(() => showTimesIn('UTC'));

describe('a time', () => {
  it('is that of the zone, and has the word UTC where it is that alone', () => {
    const shown = () => [timed(NOW), when(NOW, NOW), when('2026-11-10T19:00:00Z', NOW)];
    expect(shown()).toEqual(['12:00 UTC', '12:00 UTC', '19:00 UTC']);
    showTimesIn(INDIA);
    expect(shown()).toEqual(['17:30', '17:30', 'Wed 11 Nov, 00:30']);
    expect([utcDay('2026-11-10'), exact(NOW)]).toEqual(['Tue 10 Nov UTC', 'Tue 10 Nov 2026, 12:00:00 UTC']);
  });

  it('knows on which side of a change of the clocks it lies', () => {
    showTimesIn(CALIFORNIA);
    const noons = ['2026-03-07', '2026-03-08', '2026-10-31', '2026-11-01'].map((date) => clock(`${date}T20:00:00Z`));
    expect(noons).toEqual(['12:00', '13:00', '13:00', '12:00']);
    const next = (at: string) => new Date(nextDay(Date.parse(at))).toISOString();
    // A day of 23 hours, and one of 25.
    expect(next('2026-03-08T08:00:00Z')).toBe('2026-03-09T07:00:00.000Z');
    expect(next('2026-11-01T07:00:30Z')).toBe('2026-11-02T08:00:00.000Z');
    expect(next('2026-11-02T07:59:59Z')).toBe('2026-11-02T08:00:00.000Z');
  });

  it('names UTC where a day of money ends, with the time of the place beside it', () => {
    const ends = () => [resets(MIDNIGHT), whenResets(MIDNIGHT, NOW)];
    expect(ends()).toEqual(['00:00 UTC', 'Wed 11 Nov, 00:00 UTC']);
    showTimesIn(INDIA);
    expect(ends()).toEqual(['00:00 UTC · 05:30 here', 'Wed 11 Nov, 00:00 UTC · 05:30 here']);
    showTimesIn(CALIFORNIA);
    expect(ends()[1]).toBe('Wed 11 Nov, 00:00 UTC · Tue 10 Nov, 16:00 here');
  });
});

describe('an instant in a sentence of the API', () => {
  it('is found, and nothing else is one', () => {
    expect(partsOf('From 2026-11-10T12:00:00Z to 2026-11-11T00:00:00.000Z.')).toEqual([
      ...['From ', { at: '2026-11-10T12:00:00Z' }, ' to ', { at: '2026-11-11T00:00:00.000Z' }, '.'],
    ]);
    const none = ['', 'On 2026-11-10.', 'Not 2026-13-10T99:00:00Z.', 'At 2026-11-10 12:00 UTC.'];
    for (const sentence of none) expect(partsOf(sentence).join('')).toBe(sentence);
  });
});

describe('when a session wakes', () => {
  const asleep = (reason: string, wake_at: string) =>
    ({
      status: 'sleeping',
      sleep_reason: reason,
      wake_at,
      sleep: { reason, limit: 'wind_down', note: null },
    }) as Session;

  it('is UTC where a new day of money wakes it, and else the time of the place', () => {
    showTimesIn(INDIA);
    const money = asleep('allowance', '2026-11-11T00:03:00.000Z');
    expect(sentenceOf(money, NOW)).toBe(
      'until Wed 11 Nov, 00:03 UTC · 05:33 here (in 12 h 3 min): 90 % of the day is spent',
    );
    expect(sentenceOf(asleep('claim_limit', MIDNIGHT), NOW)).toContain('00:00 UTC');
    const own = asleep('agent', '2026-11-10T13:00:00.000Z');
    expect(sentenceOf(own, NOW)).toBe('until 18:30 (in 1 h)');
    const over = { status: 'budget_exceeded', wake_at: MIDNIGHT } as Session;
    expect(sentenceOf(over, NOW)).toContain('or it goes on Wed 11 Nov, 00:00 UTC · 05:30 here (in 12 h)');
    for (const session of [money, own, over]) expect(sentenceOf(session, NOW)).toContain(momentOf(session, NOW)!.words);
    const event = { type: 'agent.sleeping', reason: 'allowance', wake_at: MIDNIGHT };
    const receipt = receiptOf({ event, budget: null, sums: { iterations: 0, tools: 0, cost: 0 } } as never, NOW);
    expect(receipt.wakes).toBe('Wakes Wed 11 Nov, 00:00 UTC · 05:30 here');
  });
});

describe('a timeline of a place', () => {
  const said = (seq: number, at: number) =>
    ({
      seq,
      at: new Date(at).toISOString(),
      session_id: 's',
      iteration: seq,
      type: 'agent.text',
      text: 'x',
    }) as JournalEvent;

  it.each(['UTC', INDIA, CALIFORNIA, 'Pacific/Kiritimati', 'Australia/Lord_Howe'])(
    'names the day of each row before it: %s',
    (zone) => {
      const made = timeline();
      let at = Date.parse('2026-10-30T01:00:00Z');
      for (let i = 1; i <= 400; i++) {
        at += ((i * 7_919) % 120) * 60_000 + 1;
        made.add([said(i, at)]);
      }
      showTimesIn(zone);
      const rows = withMidnights(made.rows());
      let told = '';
      for (const row of rows) {
        if (row.kind === 'day') told = dayOf(row.date);
        else if (row.kind === 'here') told = row.word;
        else expect(dayOf((row as { at: string }).at)).toBe(told);
      }
      const begun = rows.filter((row): row is HereRow => row.kind === 'here');
      expect(begun.length > 0).toBe(zone !== 'UTC');
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
      expect(rows.filter((row): row is Row => row.kind !== 'here')).toEqual(made.rows());
    },
  );

  it('has no row for the end of summer time, where alone its clock runs back', () => {
    const made = timeline();
    const times = ['08:30', '09:10', '10:00'];
    made.add(times.map((time, i) => said(i + 1, Date.parse(`2026-11-01T${time}:00Z`))));
    showTimesIn(CALIFORNIA);
    const rows = withMidnights(made.rows()).filter(({ kind }) => kind !== 'day');
    expect(rows.map((row) => ('at' in row ? clock(row.at) : row.kind))).toEqual(['here', '01:30', '01:10', '02:00']);
  });
});

describe.skipIf(!CHROMIUM)(CHROMIUM ? 'times in a browser' : `times in a browser (${WITHOUT})`, () => {
  let stage: AppStage;
  let browser: Browser;
  let key = '';
  let tides = '';
  let poor = '';

  /** Around the end of summer time in California: 1 November 2026, 09:00 UTC. */
  beforeAll(async () => {
    stage = await startStage({ now: '2026-10-31T22:00:00Z' });
    const nap = (id: string, until: string) => [
      text(`Until ${until}.`),
      use(id, 'sleep', { until, note: 'The tide.' }),
    ];
    stage.scripts.set('tides', (i) => {
      if (i === 0) return nap('nap0', '2026-11-01T06:30:00Z');
      if (i === 1) return nap('nap1', '2026-11-01T19:00:00Z');
      return nap('nap2', '2026-11-02T12:00:00Z');
    });
    stage.scripts.set('poor', (i) => [text('On and on.'), use(`on${i}`, 'look', { key: `p${i}` })]);
    key = await stage.user('reader', 150_000);
    tides = (await stage.call(key, 'POST', '/v1/sessions', { goal: 'Watch the tides' })).id;
    for (const until of ['2026-11-01T06:30:00Z', '2026-11-01T19:00:00Z', '2026-11-02T12:00:00Z']) {
      await sleeps(tides, until);
      if (until < '2026-11-02') stage.t.advance(Date.parse(until) + 1_000 - stage.t.now());
    }
    poor = (await stage.call(key, 'POST', '/v1/sessions', { goal: 'A poor one' })).id;
    await sleeps(poor, '2026-11-02T00:00:00Z');
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const sleeps = (id: string, until: string) =>
    vi.waitFor(async () => {
      const { wake_at } = await stage.call(key, 'GET', `/v1/sessions/${id}`);
      expect(wake_at).toBe(new Date(until).toISOString());
    }, 20_000);
  /** So high that all rows are drawn. */
  const viewport = { width: 1180, height: 2_400 };
  const open = (timezoneId: string, path: string) =>
    opened(browser, `${stage.url}${path}#key=${key}`, { timezoneId, viewport });
  /** Days, and the times under each; several of one minute once. */
  const daysOf = async (page: Page) => {
    await page.locator('.long .step').first().waitFor(VISIBLE);
    const rows = await page.locator('.long li').evaluateAll((items) =>
      items.map((item) => {
        const one = item as unknown as { querySelector: (css: string) => { textContent: string } | null };
        const day = one.querySelector('.day.here') ?? one.querySelector('.day span');
        return day ? `# ${day.textContent}` : `${one.querySelector('time')?.textContent}`;
      }),
    );
    return rows.filter((row, i) => row !== rows[i - 1]);
  };
  const zone = (page: Page) => page.getByRole('button', { name: 'UTC', exact: true });

  it('are those of the place, each under the day that it belongs to, across a border of days and a change of the clocks', async () => {
    const west = await open(CALIFORNIA, `/app/s/${tides}`);
    expect(await daysOf(west.page)).toEqual([
      ...['# Sat 31 Oct UTC from Fri 30 Oct, 17:00 here', '# Sat 31 Oct', '15:00'],
      // 06:30 UTC is still summer time, and 19:00 UTC is not.
      ...['# Sun 1 Nov UTC from Sat 31 Oct, 17:00 here', '23:30', '# Sun 1 Nov', '11:00'],
    ]);
    const time = west.page.locator('.long time').first();
    expect(await time.getAttribute('datetime')).toMatch(/^2026-10-31T22:00:\d\d\.\d{3}Z$/);
    expect(await time.getAttribute('title')).toMatch(/^Sat 31 Oct 2026, 22:00:\d\d UTC$/);
    await west.context.close();
    const east = await open(INDIA, `/app/s/${tides}`);
    expect(await daysOf(east.page)).toEqual([
      ...['# Sat 31 Oct UTC from 05:30 here', '# Sun 1 Nov', '03:30'],
      ...['# Sun 1 Nov UTC from 05:30 here', '12:00', '# Mon 2 Nov', '00:30'],
    ]);
    expect(east.faults).toEqual([]);
    await east.context.close();
  });

  it('are UTC by one switch, which the keyboard reaches, the device keeps, and no writing is lost by', async () => {
    const { page, context, faults } = await open(INDIA, `/app/s/${tides}`);
    const writing = page.getByLabel(/Tell it something/);
    await writing.fill('The tide is');
    expect(await zone(page).getAttribute('aria-pressed')).toBe('false');
    await page.locator('.facts time', { hasText: /^17:30$/ }).waitFor(VISIBLE);
    await zone(page).press('Enter');
    // At once, and not with the next second.
    expect(await page.locator('.facts time').textContent()).toBe('Mon 2 Nov, 12:00 UTC');
    const days = ['# Sat 31 Oct', '22:00', '# Sun 1 Nov', '06:30', '19:00'];
    expect(await daysOf(page)).toEqual(days);
    expect(await writing.inputValue()).toBe('The tide is');
    await page.reload();
    expect(await daysOf(page)).toEqual(days);
    expect(await zone(page).getAttribute('aria-pressed')).toBe('true');
    await zone(page).press('Space');
    await page.locator('.facts time', { hasText: /^17:30$/ }).waitFor(VISIBLE);
    await page.reload();
    await page.locator('.facts time', { hasText: /^17:30$/ }).waitFor(VISIBLE);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('name UTC where the day of money ends, in either', async () => {
    const { page, context } = await open(CALIFORNIA, '/app');
    const state = page.locator('.agent', { hasText: 'A poor one' }).locator('time');
    const meter = page.locator('.meter .reset time');
    await state.waitFor(VISIBLE);
    expect(await state.textContent()).toBe('Mon 2 Nov, 00:00 UTC · Sun 1 Nov, 16:00 here');
    expect(await meter.textContent()).toBe('00:00 UTC · 16:00 here');
    expect(await page.locator('.strip figcaption').textContent()).toBe('17:0023:0004:0010:0016:00');
    await zone(page).click();
    await vi.waitFor(async () => expect(await state.textContent()).toBe('Mon 2 Nov, 00:00 UTC'), 20_000);
    expect(await meter.textContent()).toBe('00:00 UTC');
    expect(await page.locator('.strip figcaption').textContent()).toBe('0006121824 UTC');
    await context.close();
    const money = await open(CALIFORNIA, '/app/money');
    await money.page.getByRole('heading', { name: 'Sun 1 Nov UTC' }).waitFor(VISIBLE);
    await money.page.getByText('until Mon 30 Nov, 00:00 UTC').waitFor(VISIBLE);
    await money.context.close();
  });

  it('are words of both in what the API says, and not its ISO 8601', async () => {
    const { page, context, faults } = await open(CALIFORNIA, `/app/s/${poor}`);
    await page.getByRole('button', { name: 'Wake now' }).click();
    const refusal = page.getByRole('alert');
    await refusal.waitFor(VISIBLE);
    const both = 'it wakes by itself at Mon 2 Nov, 00:00 UTC · Sun 1 Nov, 16:00 here, or sooner';
    expect(await refusal.textContent()).toContain(both);
    expect(await refusal.locator('time').getAttribute('datetime')).toBe('2026-11-02T00:00:00.000Z');
    await zone(page).click();
    await refusal.getByText('it wakes by itself at Mon 2 Nov, 00:00 UTC, or sooner').waitFor(VISIBLE);
    expect(faults).toEqual([]);
    await context.close();
  });
});
