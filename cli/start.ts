#!/usr/bin/env node
/** The program `circadian` of the published package. It looks at its surroundings before it imports what an old Node cannot even read. */
import { refusal } from './surroundings.ts';

const refused = refusal(process.versions.node, process.platform);
if (refused === null) await import('./main.ts');
else {
  process.stderr.write(`${refused}\n`);
  process.exitCode = 1;
}
