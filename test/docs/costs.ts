/** The cost tables of docs/operations.md, made from the list prices, so that they and `npm run simulate` say the same. */
import { costTables } from '../capacity/tables.ts';

const BETWEEN = /(<!-- costs, by `npm run docs` -->\n)[\s\S]*?(<!-- end of costs -->)/;

/** The document with its tables as the prices have them. Throws if it has no place for them. */
export function withCosts(document: string): string {
  if (!BETWEEN.test(document)) throw new Error('docs/operations.md has no place for the cost tables.');
  return document.replace(BETWEEN, (_, head: string, tail: string) => `${head}\n${costTables()}\n\n${tail}`);
}
