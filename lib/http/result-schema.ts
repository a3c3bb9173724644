/** The JSON Schema that a new session's result is to have. */
import { z } from '@hono/zod-openapi';
import { schemaFault } from '../core/json-schema.ts';

export const ResultSchema = z
  .record(z.string(), z.unknown())
  .superRefine((schema, ctx) => {
    const fault = schemaFault(schema);
    if (fault !== null) ctx.addIssue({ code: 'custom', message: fault });
  })
  .openapi({
    type: 'object',
    additionalProperties: true,
    description:
      'JSON Schema of the result, whose `type` is `object`: the agent must hand over a result of this shape, which `result_json` then has.',
  });
