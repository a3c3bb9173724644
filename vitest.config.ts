import { defineConfig } from 'vitest/config';
import { totals } from './test/kit/reporter.ts';

// Tests reach only servers that they start themselves, and never a model that costs money.
for (const name of ['DATABASE_URL', 'REDIS_URL', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'ANTHROPIC_BASE_URL']) {
  delete process.env[name];
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/kit/global.ts',
    reporters: ['default', totals()],
    pool: 'forks',
    // Two at a time: an embedded Postgres takes up to 800 MB while it starts, and many files have one.
    maxWorkers: 2,
    // Generous, since a loaded machine takes ten seconds to start an embedded Postgres. No test waits on purpose.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
    // `npm run coverage`: of the core, the money and the loop around them, by branch.
    coverage: { include: ['lib/core/**', 'lib/budget/**', 'lib/engine/**'], reporter: ['text'] },
  },
});
