/** functions/iterate of this project. */
import { iterate } from '../../functions/iterate.ts';
import config from './circadian.config.ts';

export const handler = iterate(config);
