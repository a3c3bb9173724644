/**
 * `npm run images`: the pictures of the README, in docs/images, taken of the dashboard before a product in memory with a scripted model. Run it when
 * the looks of the page change.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { CHROMIUM, launch, opened, WITHOUT } from './browser.ts';
import { type AppStage, type Steps, startStage, text, use } from './stage.ts';

const FOLDER = new URL('../../docs/images/', import.meta.url);
const QUALITY = 0.7;
const DAILY = 200_000;
const HOUR_MS = 3_600_000;

const FIELD_GUIDE = [
  ['I look at what there is before I plan.', 'look'],
  ['The goal, split into pages and one chart.', 'write_file'],
  ['Which owls live north of the taiga?', 'look'],
  ['Wing spans and weights, as a table.', 'write_file'],
  ['The first page: who they are.', 'write_file'],
  ['How they hear in the dark.', 'look'],
  ['What they eat, by season.', 'write_file'],
  ['A page on nests.', 'write_file'],
] as const;

const SCRIPTS: [word: string, steps: Steps][] = [
  [
    'field guide',
    (i) => {
      const [said, tool] = FIELD_GUIDE[i % FIELD_GUIDE.length]!;
      const input =
        tool === 'look' ? { key: `owls ${i}` } : { path: `site/page-${i}.html`, content: `<h1>${said}</h1>` };
      return [text(said), use(`step${i}`, tool, input)];
    },
  ],
  [
    'competitors',
    () => [use('ask', 'ask_user', { question: 'Shall I watch five competitors, or only the largest three?' })],
  ],
  ['expense', () => [text('One receipt was paid twice.'), use('pay', 'pay', { key: 'receipt 1204' })]],
  ['newsletter', () => [text('The newsletter is in letter.md.')]],
];

const PATIENCE_MS = 20_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const start = performance.now(); !(await holds()); await delay(50))
    if (performance.now() - start > PATIENCE_MS) throw new Error('An agent did not come so far.');
}

/** Five agents of one user, at noon: one asleep, two that need a person, one done, and one that is thinking. */
async function played(stage: AppStage): Promise<{ address: (path: string) => string; asleep: string }> {
  for (const [word, steps] of SCRIPTS) stage.scripts.set(word, steps);
  const { call, address } = await stage.person(DAILY);
  const start = async (goal: string, more: object = {}): Promise<string> =>
    (await call('POST', '/v1/sessions', { goal, ...more })).id;
  const is = (id: string, status: string) =>
    until(async () => (await call('GET', `/v1/sessions/${id}`)).status === status);
  await is(await start('Write the newsletter of the week'), 'completed');
  const expense = await start('Reconcile the expense list with the receipts', { approvals: ['pay'] });
  await is(expense, 'waiting_for_input');
  stage.t.advance(2 * HOUR_MS);
  await is(await start('Watch three competitors and write a weekly note'), 'waiting_for_input');
  stage.t.advance(HOUR_MS);
  const asleep = await start('Write a field guide to the owls of northern forests, as a small website with a chart');
  await is(asleep, 'sleeping');
  stage.t.advance(HOUR_MS / 2);
  stage.hold();
  await start('Translate the handbook into plain language');
  return { address, asleep };
}

async function take(browser: Browser, name: string, address: string, options: BrowserContextOptions): Promise<void> {
  const { context, page } = await opened(browser, address, options);
  await page.getByRole('meter').waitFor();
  await page.locator('.long [data-row]').first().waitFor();
  await page.waitForLoadState('load');
  const png = await page.screenshot({ animations: 'disabled' });
  const blank = await browser.newPage();
  const webp = await blank.evaluate(
    async ([source, quality]) => {
      // The types of the browser are no part of this program.
      const { document, Image } = globalThis as unknown as {
        document: {
          createElement(of: 'canvas'): {
            width: number;
            height: number;
            getContext(of: '2d'): { drawImage(of: unknown, x: 0, y: 0): void };
            toDataURL(type: string, quality: number): string;
          };
        };
        Image: new () => { src: string; width: number; height: number; decode(): Promise<void> };
      };
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', quality).replace(/^[^,]+,/, '');
    },
    [`data:image/png;base64,${png.toString('base64')}`, QUALITY] as const,
  );
  writeFileSync(new URL(`${name}.webp`, FOLDER), Buffer.from(webp, 'base64'));
  await blank.close();
  await context.close();
}

if (!CHROMIUM) throw new Error(WITHOUT);
await using stack = new AsyncDisposableStack();
const stage = await startStage();
stack.defer(() => stage.close());
const browser = await launch();
stack.defer(() => browser.close());
const { address, asleep } = await played(stage);
await take(browser, 'today', address('/app'), { viewport: { width: 1080, height: 820 } });
await take(browser, 'session', address(`/app/s/${asleep}`), {
  viewport: { width: 1080, height: 960 },
  colorScheme: 'dark',
});
await take(browser, 'phone', address('/app'), { viewport: { width: 390, height: 844 }, isMobile: true });
