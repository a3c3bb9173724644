import { z } from '@hono/zod-openapi';

/** What a PATCH may change: what is left out stays, and nothing at all is a mistake. */
export const changeOf = <T extends z.core.$ZodShape>(shape: T) =>
  z
    .strictObject(shape)
    .partial()
    .refine((change) => Object.keys(change).length > 0, 'Must name at least one setting');
