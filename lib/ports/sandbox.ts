/** Where programs and patterns run that a model wrote, and files are read that a stranger made. */

/**
 * Milliseconds of real time, megabytes of heap, and megabytes of the whole process as the kernel counts them. `answerBytes`: of the answer; by
 * default, more than a whole workspace with its names and a page of output.
 */
export type SandboxBounds = { wallMs: number; heapMb: number; processMb: number; answerBytes?: number };

/** `name`: of a job that the sandbox knows (lib/tools/sandbox/jobs.ts). `ask`: what V8 can write down, buffers included. */
export type SandboxJob = { name: string; ask: unknown };

/**
 * Why there is no answer. `memory`, `heap` and `time`: a bound was reached. `answer`: it was more than can be carried. `system`: a signal that
 * was not ours, which the kernel sends when memory is short. `called off`: by the signal.
 */
export type RunEnd = 'memory' | 'heap' | 'time' | 'answer' | 'system' | 'called off' | { failed: string };

/** `sent`: what the job answered, as it wrote it. `peakMb`: the most memory that its process had; 0 where nobody knows. */
export type RunOutcome = { sent: unknown; peakMb: number } | { ending: RunEnd; peakMb: number };

/** One request that a job wants made. `redirects`: how many it follows; 0: a redirect is the answer. `timeoutMs` null: as long as is allowed. */
export type WebRequest = {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  redirects: number;
  timeoutMs: number | null;
};
/** `url`: where the last redirect led. `refused`: there is no answer, and why, in words for the model. */
export type WebAnswer =
  | { status: number; statusText: string; url: string; headers: Record<string, string>; body: Uint8Array }
  | { refused: string };

/** Answers what a job asks of the web. Never rejects. `over`: the job has ended, so that nobody waits any more. */
export type SandboxWeb = (request: WebRequest, over: AbortSignal) => Promise<WebAnswer>;

export type Sandbox = {
  /**
   * Has one job done, apart from every other, and from all that the caller knows: nothing of a job is there for the next. Resolves with an ending
   * also where the sandbox itself failed. A job without `web` changes nothing outside, so it may be run again. One that is called off may run on, for no longer
   * than its bounds allow; its answer is lost. `web`: decides on what the job asks of the web, and asks it; left out: nothing is answered. What it
   * changed out there is not undone, so such a job is run again only by who knows that.
   */
  run(job: SandboxJob, bounds: SandboxBounds, signal: AbortSignal, web?: SandboxWeb): Promise<RunOutcome>;
};
