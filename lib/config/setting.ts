/** What a setting is: one row of the table in settings.ts. */
import type * as z from 'zod';

/** The functions of a deployment, and the command `npm run redrive`. */
export type FunctionName = 'api' | 'iterate' | 'wake' | 'deadLetter' | 'migrate' | 'reconcile' | 'redrive';

export type Setting = {
  schema: z.ZodType;
  /** For docs/configuration.md: what the setting is for. */
  description: string;
  /** The value is taken out of everything that is written down. `list`: each of its comma-separated parts is. */
  secret?: true | 'list';
  /** The functions that do not start without it. */
  requiredBy?: readonly FunctionName[];
  /** The functions that read it where it is set. In a deployment no other function is given it. */
  readBy?: readonly FunctionName[];
  /** The programs that pass it on from their own environment. */
  passedBy?: readonly ('deploy' | 'start')[];
  /** The vendor at which a deployment makes it. */
  madeAt?: 'Neon' | 'Upstash' | 'AWS';
  /** The SST secret by which an operator sets it for a deployment, in place of what the deployment would make. */
  sstSecret?: string;
};
