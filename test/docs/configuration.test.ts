/** The reference of all settings is what the tables say, and the tables say enough. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { GROUPS, SETTINGS, type Setting } from '../../lib/config/settings.ts';
import { DEPLOY_OPTIONS, VENDOR_KEYS } from '../../lib/infra/options.ts';
import { START_OPTIONS } from '../../lib/local/options.ts';
import { configuration, formOf } from './configuration.ts';

const MOST_WORDS = 25;
const TABLES = [SETTINGS, DEPLOY_OPTIONS, VENDOR_KEYS, START_OPTIONS];
const described = TABLES.flatMap((table) =>
  Object.entries<{ description: string }>(table).map(([name, { description }]): [string, string] => [
    name,
    description,
  ]),
);

/** What is wrong with a description, in words. */
const faults = (description: string): string[] => {
  const sentences = description.split(/(?<=[.?!])\s+/);
  const long = sentences.filter((sentence) => sentence.split(/\s+/).length > MOST_WORDS);
  return [
    ...(description.trim() === '' ? ['empty'] : []),
    ...(/[.]$/.test(description) ? [] : ['no full stop at its end']),
    ...(/\||\n/.test(description) ? ['no text for a cell of a table'] : []),
    ...long.map((sentence) => `more than ${MOST_WORDS} words: ${sentence}`),
  ];
};

it('docs/configuration.md is what the tables generate: run `npm run docs`', () => {
  const path = fileURLToPath(new URL('../../docs/configuration.md', import.meta.url));
  expect(readFileSync(path, 'utf8')).toBe(configuration());
});

it('every setting and option stands in it', () => {
  const document = configuration();
  for (const name of TABLES.flatMap((table) => Object.keys(table))) expect(document).toContain(`| \`${name}\` |`);
  expect(Object.values(GROUPS).flatMap((group) => Object.keys(group))).toEqual(Object.keys(SETTINGS));
});

describe('a description', () => {
  it.each(described)('of %s is a text in short sentences', (_, description) => expect(faults(description)).toEqual([]));

  it.each([
    ['', 'empty'],
    ['Most tokens', 'no full stop'],
    ['One | two.', 'no text for a cell'],
    [`${'word '.repeat(26)}end.`, 'more than 25 words'],
  ])('is refused if it is %j', (description, fault) => expect(faults(description).join()).toContain(fault));
});

describe('the form of a value', () => {
  it.each(Object.entries<Setting>(SETTINGS))('of %s has words', (_, setting) => expect(formOf(setting)).toMatch(/\S/));

  it.each([
    ['a number without a unit', z.coerce.number().int()],
    ['a list', z.array(z.string())],
  ])('is refused if it is %s, which neither zod nor the schema names', (_, schema) =>
    expect(() => formOf({ schema, description: '' })).toThrow('Give its schema a form or a unit.'),
  );
});
