/** `npm run month [-- FILE.svg]`: prints a simulated month and draws it (.circadian/month.svg). Exit status 1 if money went wrong. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { faultsOf, handOffTable, svg, table } from './draw.ts';
import { simulate } from './simulate.ts';
import { utilisationTable } from './utilisation.ts';

const seed = Number(process.env.MONTH_SEED ?? 1);
const month = await simulate(seed);
const rules = { 'the rule': month, 'a tenth': await simulate(seed, 10n), 'a fifth': await simulate(seed, 5n) };
const path = resolve(process.argv[2] ?? '.circadian/month.svg');
mkdirSync(dirname(path), { recursive: true });
writeFileSync(path, svg(month));
const faults = faultsOf(month);
process.stdout.write(
  `${[table(month), handOffTable(rules), await utilisationTable(), `Drawn in ${path}`, ...faults].join('\n')}\n`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
