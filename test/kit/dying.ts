/** A process that dies at one call of a port: before the call took effect, or after, when its answer is lost. */
import type { World } from '../../lib/ports/index.ts';
import { type Around, throughPorts } from './through-ports.ts';

export class Crash extends Error {}
const MODES = ['before', 'after'] as const;
export type Mode = (typeof MODES)[number];

/** Dies at the `at`-th call. The next process makes the calls that follow. */
export const crashAt =
  (at: number, mode: Mode): Around =>
  async (call, act) => {
    if (call === at && mode === 'before') throw new Crash();
    const answer = await act();
    if (call === at) throw new Crash();
    return answer;
  };

/** The world in which the process dies at its `at`-th port call; `names`: the calls that were made. */
export const dying = (world: World, at: number, mode: Mode): { world: World; names: string[] } =>
  throughPorts(world, crashAt(at, mode));

/** `at` of a process that lives. */
export const NEVER = Number.POSITIVE_INFINITY;

/** Each call of `names`, for `it.each`: its number, its name, and when the process dies. */
export const crashesAt = (names: string[]): [at: number, name: string, mode: Mode][] =>
  names.flatMap((name, i) => MODES.map((mode): [number, string, Mode] => [i + 1, name, mode]));
