/** The composition root of the function `sandbox`. It reads no configuration and knows no vendor: it has nothing that could be taken from it. */
import { answering } from './adapters/aws/sandbox-function.ts';
import { processes } from './tools/processes.ts';

export const answerJob = answering(processes);
