/** Holds a contract against the strictest rules of a linter for OpenAPI, which is asked in memory: nothing leaves the process. */
import { createConfig, lintFromString } from '@redocly/openapi-core';

/** Beyond the strict set: rules that it leaves out. */
const RULES = {
  'operation-description': 'error',
  'operation-singular-tag': 'error',
  'parameter-description': 'error',
  'tag-description': 'error',
  'no-duplicated-tag-names': 'error',
  'no-invalid-media-type-examples': 'error',
  'no-required-schema-properties-undefined': 'error',
  'no-schema-type-mismatch': 'error',
  'operation-2xx-response': 'error',
  'operation-4xx-response': 'error',
  'path-segment-plural': 'off',
} as const;

/** What is wrong, one line each; empty for a contract in which nothing is. */
export async function lint(source: string): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended-strict'], rules: { ...RULES } });
  const found = await lintFromString({ source, absoluteRef: 'openapi.json', config });
  return found.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`);
}
