/**
 * kill -9 and start again: the whole system, as `npm start` runs it, is killed at moments that a seed draws, and started again from its
 * data directory. Two sessions go on as if nothing had been, and the provider's own bill is covered whenever one looks.
 * Larger runs: CIRCADIAN_KILLS=20, CIRCADIAN_SEED.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planOf } from './restart/moments.ts';
import { resultOf, STEPS } from './restart/provider.ts';
import { run } from './restart/running.ts';
import { type Story, storyOf } from './restart/story.ts';

const KILLS = Number(process.env.CIRCADIAN_KILLS ?? 4);
const SEED = Number(process.env.CIRCADIAN_SEED ?? 1);

describe('a local system that is killed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'circadian-restart-'));
  let story: Story;
  afterAll(async () => {
    await story?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`loses and doubles nothing in ${KILLS} kills`, { timeout: 120_000 + KILLS * 60_000 }, async () => {
    story = await storyOf(folder, planOf(SEED, KILLS));
    await story.tell().catch((error: Error) => {
      throw new Error(`${error.stack}\n${story.system.running.printed()}`);
    });
    const report = await story.report();
    process.stdout.write(`restart: seed ${SEED}, ${JSON.stringify(report, null, 1)}\n`);
    expect(report.violations).toEqual([]);
    expect(report.kills).toHaveLength(KILLS);
    expect(report.nights).toBeGreaterThan(0);
  });

  it('has done all of its work once, and charged all of it', async () => {
    const sessions = await story.sessions();
    for (const { agent, status, result, iteration_number } of sessions) {
      expect({ status, result, iteration_number }).toEqual({
        ...{ status: 'completed', result: resultOf(agent), iteration_number: STEPS },
      });
      expect(story.provider.answered(agent).size).toBe(STEPS);
    }
    const { byDay, bySession } = await story.costs();
    const costs = sessions.reduce((sum, { cost_microdollars }) => sum + cost_microdollars, 0);
    const budget = await story
      .api()
      .get<{ held_microdollars: number; subscription: { spent_microdollars: number } }>('/v1/budget');
    expect({ byDay, bySession, held: budget.held_microdollars, spent: budget.subscription.spent_microdollars }).toEqual(
      {
        ...{ byDay: costs, bySession: costs, held: 0, spent: costs },
      },
    );
  });

  it('is alone on its data, and leaves nothing running when it is told to stop', async () => {
    const { running } = story.system;
    const second = run({ DATA_DIR: folder });
    expect(await second.exit).toBe(1);
    expect(second.printed()).toMatch(/^Another Circadian is running on the data directory .+\.\n$/);
    running.signal('SIGTERM');
    expect(await running.exit).toBe(0);
    await running.gone();
    expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });
});
