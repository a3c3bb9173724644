/**
 * What the sandbox does, as data. This folder runs in the worker thread and imports only packages and itself, so that it can be deployed
 * beside a bundle as it is.
 */
import type { FileChange, WorkspaceFile } from '../../ports.ts';

/** Where the shell has the tree, and what one call may use. Milliseconds, bytes. */
export type BashLimits = { home: string; runMs: number; outputBytes: number; diskBytes: number };

export type Jobs = {
  bash: {
    ask: { command: string; files: WorkspaceFile[]; limits: BashLimits };
    answer: {
      stdout: string;
      stderr: string;
      exitCode: number;
      changes: FileChange[];
      /** Links that were dropped, and files written outside of the tree: stored paths and absolute ones. A few of each. */
      links: string[];
      outside: string[];
    };
  };
  grep: {
    ask: {
      pattern: string;
      ignoreCase: boolean;
      context: number;
      files: { path: string; content: Uint8Array }[];
      glob: string | null;
    };
    answer: { lines: string[]; matches: number; files: number; shownMatches: number };
  };
  glob: {
    ask: { pattern: string; paths: string[] };
    answer: { paths: string[] };
  };
};
export type JobName = keyof Jobs;
export type Job = { [K in JobName]: { name: K; ask: Jobs[K]['ask'] } }[JobName];

/** `refused`: the arguments were wrong, in words for the model. */
export type Reply<K extends JobName = JobName> = { answer: Jobs[K]['answer'] } | { refused: string };
