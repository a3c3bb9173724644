/** By when a sleeper must have been hinted, going by the sweeps that there were. */

/** Real milliseconds. `sure`: all that it found has reached the queue. Of another nobody knows what it has marked and not sent. */
export type Sweep = { began: number; ended: number; sure: boolean };

/**
 * The first sweep that begins when the session is due finds it, or one that is under way beside it does. Where one of these is not sure, it may
 * have marked the session and said nothing: the first sweep after the pause finds it then. Null: no such sweep was over.
 */
export function latestHint(sweeps: Sweep[], due: number, pauseMs: number): number | null {
  for (let from = due; ; ) {
    const first = sweeps.filter(({ began }) => began >= from).sort((a, b) => a.ended - b.ended)[0];
    if (!first || first.ended === Infinity) return null;
    const beside = sweeps.filter(({ began, ended }) => began <= first.ended && ended >= from);
    const unsure = beside.filter(({ sure }) => !sure);
    const ended = Math.max(...(unsure.length > 0 ? unsure : beside).map((sweep) => sweep.ended));
    if (unsure.length === 0 || ended === Infinity) return ended === Infinity ? null : ended;
    from = ended + pauseMs;
  }
}
