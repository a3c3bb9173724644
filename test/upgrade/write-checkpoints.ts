/**
 * `node test/upgrade/write-checkpoints.ts [RELEASE]`: writes fixtures/checkpoint-vN-RELEASE.jsonl from real runs of the code as it is. Without a
 * name it is `next`, which may be written anew until the release names it; what a release has written does not change.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { freshMemory } from '../../lib/core/memory.ts';
import { checkpointOf, FOLDER, schemaNow } from './checkpoints.ts';
import { SCENARIOS } from './scenarios.ts';

const release = process.argv[2] ?? 'next';
if (!/^(next|\d+\.\d+\.\d+)$/.test(release)) throw new Error(`${release} is no release: e.g. 0.2.0`);
const path = `${FOLDER}checkpoint-v${freshMemory().v}-${release}.jsonl`;
if (release !== 'next' && existsSync(path))
  throw new Error(`${path} is there: what a release has written does not change`);
const lines: unknown[] = [schemaNow()];
for (const [name, make] of Object.entries(SCENARIOS)) lines.push(checkpointOf(name, await make()));
writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
process.stdout.write(`${path}: ${lines.length - 1} checkpoints\n`);
