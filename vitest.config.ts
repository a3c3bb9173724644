import { defineConfig } from 'vitest/config';
import { bundleSandbox } from './lib/local/bundles.ts';
import { totals } from './test/kit/reporter.ts';

// Tests reach only servers that they start themselves, and never a model that costs money.
for (const name of ['DATABASE_URL', 'REDIS_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL']) {
  delete process.env[name];
}

// Hundreds of processes load the same packages. With coverage, cached code would be counted wrongly.
if (!process.argv.includes('--coverage'))
  process.env.NODE_COMPILE_CACHE ??= `${import.meta.dirname}/node_modules/.cache/node`;

/** Folders whose files leave no trace in their process, so that many files share one and import the house once. */
const SHARED = [
  'adapters',
  'agents',
  'budget',
  'config',
  'contract',
  'core',
  'docs',
  'engine',
  'http',
  'notifications',
].concat(['observe', 'ssrf', 'transfer', 'web']);
const shared = SHARED.map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  // Hundreds of its processes are started: as a deployment has them, they load in half of the time.
  resolve: { alias: [{ find: /^.*\/contained\.ts$/, replacement: await bundleSandbox() }] },
  test: {
    globalSetup: 'test/kit/global.ts',
    reporters: ['default', totals()],
    pool: 'forks',
    // Two at a time: an embedded Postgres takes up to 800 MB while it starts, and many files have one.
    maxWorkers: 2,
    // Generous, since a loaded machine takes ten seconds to start an embedded Postgres. No test waits on purpose.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // `npm run coverage`: of the core, the money and the loop around them, by branch.
    coverage: { include: ['lib/core/**', 'lib/budget/**', 'lib/engine/**'], reporter: ['text'] },
    projects: [
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      {
        extends: true,
        test: { name: 'isolated', include: ['test/**/*.test.ts'], exclude: [...shared, '**/node_modules/**'] },
      },
    ],
  },
});
