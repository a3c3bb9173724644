import { afterEach, describe, expect, it, vi } from 'vitest';
import { Settings } from '../../lib/env.ts';
import { settings, wholeNumber } from '../../lib/infra/told.ts';

afterEach(() => vi.unstubAllEnvs());

describe('a number that a deployment is told', () => {
  const read = (text: string) => {
    vi.stubEnv('ITERATIONS_AT_ONCE', text);
    return wholeNumber('ITERATIONS_AT_ONCE', 2, 1_000, 5);
  };

  it.each([
    ['2', 2],
    ['1000', 1_000],
    [' 50 ', 50],
    ['', 5],
    ['  ', 5],
  ])('%j is %d', (text, number) => expect(read(text)).toBe(number));

  it.each(['abc', '0', '1', '1001', '-3', '2.5', '1e2', '0x10', 'NaN', 'Infinity', '20 40'])(
    '%j is refused',
    (text) => {
      expect(() => read(text)).toThrow(
        `ITERATIONS_AT_ONCE is ${text}: set it to a whole number from 2 to 1000, or not at all. Nothing has been changed.`,
      );
    },
  );
});

/** These come from the deployment itself, or as secrets, or lead elsewhere than to the provider. */
const OTHERS = [
  ...['ANTHROPIC_ADMIN_KEY', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_WORKSPACE_ID', 'METRICS_NAMESPACE'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'PERSONS_DATABASE_URL'],
];

it('every setting that there is can be handed on', () => {
  const names = Object.keys(Settings.shape).filter((name) => !OTHERS.includes(name));
  for (const name of names) vi.stubEnv(name, 'set');
  expect(Object.keys(settings()).sort()).toEqual(names.sort());
});

it('settings are handed on where they are set, and nothing else is', () => {
  vi.stubEnv('COMPACTION', '0');
  vi.stubEnv('COUNT_TOKENS', '');
  vi.stubEnv('ADMIN_API_KEY', 'not to be handed on so');
  expect(settings()).toEqual({ COMPACTION: '0' });
});
