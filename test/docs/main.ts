/** `npm run docs`: writes the documents that are made from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configuration } from './configuration.ts';
import { withCosts } from './costs.ts';

writeFileSync(fileURLToPath(new URL('../../docs/configuration.md', import.meta.url)), configuration());

const operations = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));
writeFileSync(operations, withCosts(readFileSync(operations, 'utf8')));
