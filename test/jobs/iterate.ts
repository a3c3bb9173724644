/** functions/iterate of these jobs. */
import { iterate } from '../../functions/iterate.ts';
import { BASH_BOUNDS, BASH_LIMITS } from '../../lib/tools/bash.ts';
import { configWith } from './circadian.config.ts';

// A job is about its result. A machine that runs other tests beside it may need longer for Python than a script is given.
Object.assign(BASH_LIMITS, { runMs: 100_000 });
Object.assign(BASH_BOUNDS, { wallMs: 110_000 });

export const handler = iterate(configWith(process.env.MAIL_SERVER ?? ''));
