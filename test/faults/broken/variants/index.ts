/** All broken variants, each with the scenario that breaks it. */
import type { Trial } from '../trial.ts';
import { moneyTrials } from './money.ts';
import { ownerTrials } from './owners.ts';
import { sourceTrials } from './sources.ts';

export const trials: Trial[] = [...ownerTrials, ...moneyTrials, ...sourceTrials];
