#!/usr/bin/env node
/** The program `create-circadian`. It looks at its surroundings before it imports what an old Node cannot even read. */
import { refusal } from '../cli/surroundings.ts';

const refused = refusal(process.versions.node, process.platform);
if (refused === null) await import('./create.ts');
else {
  process.stderr.write(`${refused} Nothing was made.\n`);
  process.exitCode = 1;
}
