import type { Fault } from '../kit/planting.ts';

/**
 * `noticedBy`: a file and a name in it, of what the model runs do not play. `foundBy`: the model run,
 * from 0, that found it lately, where many come before; it is played first, and all of them only if it finds nothing any more.
 */
export type Mutant = Fault & {
  name: string;
  noticedBy?: [file: string, test: string];
  foundBy?: number;
};
