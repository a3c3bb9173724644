import type { z } from '@hono/zod-openapi';
import { Problem } from '../../problem.ts';
import { refuseInvalid } from '../problems.ts';

/** What is wrong with the arguments of a tool, in the words of the API. */
export function refusalIn(name: string, error: z.ZodError): string {
  try {
    refuseInvalid({ success: false, target: 'json', error });
  } catch (problem) {
    if (problem instanceof Problem) return `The arguments of ${name}: ${problem.detail} (${problem.code})`;
    throw problem;
  }
  return `The arguments of ${name} do not fit. Nothing was done.`;
}
