/** How often a session asks one host, so that no agent is a burden to a site. Kept in the process: a worker elsewhere counts anew. */

/** More than a reader's pace, and far less than a site would notice. */
export const MOST_A_MINUTE = 30;
const WITHIN_MS = 60_000;
const MOST_KEPT = 1_000;

export function hostPace() {
  const asked = new Map<string, number[]>();
  return {
    /** 0: the host may be asked now, and that is counted. Else the milliseconds until it may be. */
    wait(session: string, host: string, at: number): number {
      const key = `${session} ${host}`;
      const recent = (asked.get(key) ?? []).filter((then) => at - then < WITHIN_MS);
      asked.delete(key);
      asked.set(key, recent.length < MOST_A_MINUTE ? [...recent, at] : recent);
      for (const oldest of asked.keys()) {
        if (asked.size <= MOST_KEPT) break;
        asked.delete(oldest);
      }
      return recent.length < MOST_A_MINUTE ? 0 : recent[0]! + WITHIN_MS - at;
    },
  };
}
