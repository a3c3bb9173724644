/** functions/iterate of these jobs. */
import { iterate } from '../../functions/iterate.ts';
import config from './circadian.config.ts';

export const handler = iterate(config);
