/** The type check of the deployment sees what is wrong: faults are planted into a copy, and each must be named at its line. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, type Project, ROOT, startProject } from './kit/project.ts';

/** Source → what stands there → what is planted. */
const FAULTS: [string, string, string, RegExp][] = [
  [
    'a property that queues do not have',
    "visibilityTimeout: '2 minutes',",
    "visibilityTimeout: '2 minutes', fifoo: true,",
    /fifoo/,
  ],
  ['memory without a unit', "memory: '1024 MB'", "memory: '1024 megs'", /megs/],
  ['an output that Neon does not have', '.connectionUriPooler', '.connectionUriPool', /connectionUriPool/],
  ['a runtime that is none', "runtime: 'nodejs24.x'", "runtime: 'nodejs99.x'", /nodejs99/],
  ['a component that SST does not have', 'sst.aws.CronV2', 'sst.aws.CronV9', /CronV9/],
  [
    'a metric that nobody sends',
    "own(namespace, 'iterations', 'Sum')",
    "own(namespace, 'iteration', 'Sum')",
    /iteration/,
  ],
];

/** Where it stands, if not in lib/infra/deployment.ts. */
const PLACES: Record<string, string> = {
  "own(namespace, 'iterations', 'Sum')": 'lib/infra/alarms.ts',
  '.connectionUriPooler': 'lib/infra/data.ts',
  'sst.aws.CronV2': 'lib/infra/schedules.ts',
};

describe.skipIf(!installed)('the type check', () => {
  let project: Project;
  let output = '';
  const lines: number[] = [];
  beforeAll(async () => {
    project = await startProject();
    for (const [, from, to] of FAULTS) {
      const path = PLACES[from] ?? 'lib/infra/deployment.ts';
      const text = readFileSync(join(project.folder, path), 'utf8');
      lines.push(text.slice(0, text.indexOf(from)).split('\n').length);
      project.edit(path, from, to);
    }
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    output = await new Promise<string>((resolve) =>
      execFile(
        process.execPath,
        [tsc, '-p', 'tsconfig.infra.json', '--pretty', 'false'],
        { cwd: project.folder, timeout: 110_000 },
        (_, stdout) => resolve(stdout),
      ),
    );
  }, 120_000);
  afterAll(() => project?.close());

  it.each(FAULTS.map(([what, , , name], i) => [what, name, i] as const))('sees %s', (_what, name, i) => {
    const found = output.split('\n').filter((line) => line.includes(`(${lines[i]},`));
    expect(found.join('\n')).toMatch(name);
  });
});
