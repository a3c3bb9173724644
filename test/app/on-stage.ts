/** A stage and a browser for the tests of one file, started before the first and ended after the last. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launch } from './browser.ts';
import { type AppStage, startStage } from './stage.ts';

export function onStage() {
  const on = {} as { stage: AppStage; browser: Browser };
  beforeAll(async () => {
    on.stage = await startStage();
    on.browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await on.browser?.close();
    await on.stage?.close();
  });
  return on;
}
