/** Ends a test run with plain totals: what was skipped and why, then `N passed, N failed, N skipped` alone on the last line. */
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node';

/** A reporter for vitest's configuration. Its lines come at the exit of the process, so that no other reporter's come after them. */
export function totals(): Reporter {
  let vitest: Vitest;
  let summary = '';
  process.once('exit', () => process.stdout.write(summary));
  return {
    onInit(run) {
      vitest = run;
    },
    onTestRunEnd(modules, errors) {
      const { servers } = vitest.getRootProject().getProvidedContext();
      summary = `${skippedLine(modules, missing(servers))}${totalsLine(modules, errors)}\n`;
    },
  };
}

const missing = (servers: { postgres: boolean; redis: boolean } | undefined): string[] => [
  ...(servers?.postgres ? [] : ['PostgreSQL']),
  ...(servers?.redis ? [] : ['Redis']),
];

/** One line, or none: how many tests of which files were skipped, and what this machine lacks. */
function skippedLine(modules: readonly TestModule[], lacks: string[]): string {
  const skips = modules.map((module) => ({ file: relative('', module.moduleId), n: count(module, 'skipped') }));
  const where = skips.filter(({ n }) => n > 0).map(({ file, n }) => `${file} (${n})`);
  if (where.length === 0) return '';
  const why =
    lacks.length > 0 ? `${lacks.join(' and ')} not installed on this machine` : 'left out by the run or by the test';
  return `Skipped, ${why}: ${where.join(', ')}\n`;
}

function totalsLine(modules: readonly TestModule[], errors: readonly SerializedError[]): string {
  const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((state) =>
    modules.reduce((sum, module) => sum + count(module, state), 0),
  ) as [number, number, number];
  // A file that did not load and an error outside all tests fail the run without a failed test: count them, or the line would lie.
  const broken = modules.filter((module) => module.state() === 'failed' && count(module, 'failed') === 0).length;
  return `${passed} passed, ${failed + broken + errors.length} failed, ${skipped} skipped`;
}

const count = (module: TestModule, state: 'passed' | 'failed' | 'skipped'): number =>
  [...module.children.allTests(state)].length;
