/** One job of the tools' sandbox, for an iteration. The function's role may do nothing, and it is given no secret and no setting. */
import { answerJob } from '../lib/sandbox.ts';

export const handler = answerJob;
