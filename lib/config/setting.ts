/** What a row of the table of settings says (settings.ts), and the functions that most rows name. */
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

export const EVERY = ['api', 'iterate', 'wake', 'deadLetter', 'migrate', 'reconcile', 'redrive'] as const;
export const LIVE = ['api', 'iterate', 'wake', 'reconcile'] as const;
export const QUEUE = ['api', 'iterate', 'wake', 'redrive'] as const;
/**
 * The functions that start sessions or move them; `wake` starts those of schedules. `migrate` reads what they read, so that a wrong value fails a
 * deployment at its first step.
 */
export const READERS = ['api', 'iterate', 'migrate', 'wake'] as const;

/** A setting that an operator may make, in a deployment and on localhost. */
export const PASSED = { readBy: READERS, passedBy: ['deploy', 'start'] } as const;
