/** What stands for a failure of the machine or of a fault's own text, and so for nothing that a check has said. */
import { expect, it } from 'vitest';
import { isNoCheck } from './planting.ts';

it.each([
  ['Connection terminated unexpectedly', true],
  ['syntax error at or near "selec"', true],
  ['column "nothing" does not exist', true],
  ['column t.x does not exist', true],
  ['missing FROM-clause entry for table "t"', true],
  ['function nothing(integer) does not exist', true],
  ['relation "nothing" does not exist', true],
  ['operator does not exist: numeric || text[]', true],
  ['expected 3n to be 2n', false],
  ['new row for relation "holds" violates check constraint "holds_amount_check"', false],
  ['permission denied for function reserve', false],
])('%s: %s', (message, is) => expect(isNoCheck(`error: ${message}`)).toBe(is));
