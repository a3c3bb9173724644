/** What ends or stops a session at the boundary between two iterations, whatever its agent wants (G11). */
import type { Suspension } from './effect.ts';
import type { Memory } from './memory.ts';
import type { SessionData } from './session.ts';
import { windingDown } from './step.ts';
import { end, exceeded } from './suspend.ts';

/** Iterations that a session may still make once it was told to wind down. */
export const WIND_DOWN_ITERATIONS = 3;

/** The wind-down of today with so many of its iterations used. */
export const woundDown = ({ memory, day }: SessionData, iterations: number): Memory['windDown'] => ({
  day: day.date,
  iterations,
  short: memory.windDown?.day === day.date ? memory.windDown.short : null,
  ...(memory.windDown?.day === day.date && memory.windDown.needs !== undefined && { needs: memory.windDown.needs }),
  ceiling: String(day.ceiling),
});

/** What today's wind-down has used so far, unless money has come since. */
export const begunWindDown = ({ memory, day }: SessionData): Memory['windDown'] =>
  memory.windDown?.day === day.date && memory.windDown.ceiling === String(day.ceiling) ? memory.windDown : null;

/** The day's last iterations are used up, or it would be the session's first: that one starts tomorrow. */
export const windDownOver = (s: SessionData): boolean =>
  windingDown(s) &&
  (s.iteration === 0 ||
    (s.memory.windDown?.day === s.day.date && s.memory.windDown.iterations >= WIND_DOWN_ITERATIONS));

/** The iteration cap and the breaker. */
export function boundary(s: SessionData, at: number): Suspension | null {
  if (s.iteration >= s.facts.maxIterations) return end(s, 'iteration_limit_reached');
  if (s.day.spent > s.day.ceiling) return exceeded(s, at);
  return null;
}
