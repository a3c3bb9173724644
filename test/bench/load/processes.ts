/** What the processes of a run use, read from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** `cpuSeconds` since each began; `memoryMb`: resident, with shared pages shared out (PSS). */
export type Use = { processes: number; cpuSeconds: number; memoryMb: number };

const TICKS_PER_SECOND = 100;

export function useOf(pids: number[]): Use {
  const uses = pids.flatMap((pid) => one(pid) ?? []);
  return {
    processes: uses.length,
    cpuSeconds: uses.reduce((sum, { cpu }) => sum + cpu, 0),
    memoryMb: uses.reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** The process and all that descend from it. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(statOf(Number(name))?.[1]);
    if (parent) parents.set(Number(name), parent);
  }
  const family = [pid];
  for (const member of family) for (const [child, parent] of parents) if (parent === member) family.push(child);
  return family;
}

/** The fields of /proc/PID/stat after the name, which may hold blanks: state, parent, … */
function statOf(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return null;
  }
}

function one(pid: number): { cpu: number; memory: number } | null {
  const stat = statOf(pid);
  if (!stat) return null;
  // Its own time in user and kernel mode, and that of its children that are gone: a server's connections come and go.
  const ticks = stat.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { cpu: ticks / TICKS_PER_SECOND, memory: memoryOf(pid) };
}

function memoryOf(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss: +(\d+)/m.exec(rollup)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
