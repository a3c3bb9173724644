/**
 * The real `sst diff` on the real components: what a deployment to a new stage and to production would make. Every rule holds, and every
 * mutant of what it speaks of turns it red.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deployed } from './kit/deployed.ts';
import { type Diff, installed, type Project, SECRETS, startProject } from './kit/project.ts';
import { app } from './rules/app.ts';
import { functions } from './rules/functions.ts';
import { queues } from './rules/queue.ts';
import { sandbox } from './rules/sandbox.ts';
import { access, wake } from './rules/wake.ts';
import { alarms, watches } from './rules/watch.ts';

if (!installed)
  console.error('The deployment is not tested: the platform files of SST are missing (npm run infra:install).');

const RULES = [...app, ...functions, ...queues, ...wake, ...access, ...sandbox, ...watches];

describe.skipIf(!installed).each(['dev', 'production'])('a deployment to %s', (stage) => {
  let project: Project;
  let diff: Diff;
  beforeAll(async () => {
    project = await startProject(SECRETS, { code: false });
    diff = await project.diff({ stage });
  }, 300_000);
  afterAll(() => project?.close());

  const deployed = (): Deployed => ({
    ...structuredClone({ ...diff, output: '' }),
    production: stage === 'production',
  });

  it('is listed by sst, resource by resource', () => {
    expect(diff.output).toMatch(/✓/);
    expect(diff.status, diff.output).toBe(0);
    for (const { name } of diff.made) expect(diff.output).toContain(name);
    expect(diff.made.length).toBeGreaterThan(60);
  });

  describe.each(stage === 'production' ? [...RULES, ...alarms] : RULES)('$name', ({ holds, mutants }) => {
    it('holds', () => holds(deployed()));

    it.each(Object.entries(mutants))('notices %s', (_, mutate) => {
      const mutant = deployed();
      mutate(mutant);
      expect(() => holds(mutant)).toThrow();
    });
  });
});
