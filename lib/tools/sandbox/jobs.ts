/**
 * What the sandbox does, as data. This folder runs in a process of its own. It imports only packages, itself and other pure modules, so that
 * it can be deployed beside a bundle.
 */
import type { FileChange, WebAnswer, WebRequest, WorkspaceFile } from '../../ports/index.ts';

/**
 * Where the shell has the tree, and what one call may use: milliseconds, bytes. `keptBytes`: of the tree that it leaves. `shownCharacters`: of
 * both output streams together; the rest is cut in the middle, so that it need not be carried.
 */
export type BashLimits = {
  home: string;
  runMs: number;
  outputBytes: number;
  diskBytes: number;
  keptBytes: number;
  shownCharacters: number;
};

/** What git keeps of a repository beside its files: the pack that was cloned, and all else. */
export type GitState = { own: Uint8Array; pack: Uint8Array };

export type GitCommand =
  | { do: 'clone'; url: string; branch: string | null }
  | { do: 'status' }
  | { do: 'diff'; path: string | null }
  | { do: 'log'; count: number }
  | { do: 'branch' | 'checkout'; name: string }
  | { do: 'commit'; message: string; author: { name: string; email: string } }
  /** `branch`: on the server; null: of the same name. */
  | { do: 'push'; branch: string | null };

export type Jobs = {
  bash: {
    /** `network`: what the script asks of the web goes to the host, which decides; else there is no curl. */
    ask: { command: string; files: WorkspaceFile[]; limits: BashLimits; network: boolean };
    answer: {
      stdout: string;
      stderr: string;
      exitCode: number;
      changes: FileChange[];
      /** Bytes of the tree that it would have left, where these are more than may be kept: then `changes` is empty. */
      tooLarge: number | null;
      /** Links that were dropped, and files written outside of the tree: stored paths and absolute ones. A few of each. */
      links: string[];
      outside: string[];
    };
  };
  git: {
    /** `files`: of the repository alone, from its root. `state` null: there is no repository yet. */
    ask: { command: GitCommand; files: WorkspaceFile[]; state: GitState | null };
    /** `state` null: as before. */
    answer: { text: string; changes: FileChange[]; state: GitState | null };
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
  /** `cut`: there are more pages or characters than were asked for. `texts`: those of the first pages, in order. */
  pdf: {
    ask: { content: Uint8Array; mostPages: number; mostCharacters: number };
    answer: { pages: number; texts: string[]; cut: boolean };
  };
};
export type JobName = keyof Jobs;

/** `refused`: the arguments were wrong, in words for the model. */
export type Reply<K extends JobName = JobName> = { answer: Jobs[K]['answer'] } | { refused: string };
/** What the process sends. `full`: its thread ran out of heap. `failed`: a fault of the sandbox itself, in its words. */
export type Sent = Reply | { full: true } | { failed: string };

/** What the process asks of its host while it works, and what the host writes back: each question has a number of its own. */
export type Question = { asking: number; request: WebRequest };
export type Answered = { asked: number; answer: WebAnswer };
