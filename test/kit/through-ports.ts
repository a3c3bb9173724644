/** A world in which every call of every port, numbered from 1 in the order in which they are made, goes through `around`. */
import type { World } from '../../lib/ports/index.ts';

const PORTS = ['sessions', 'queue', 'timer', 'live', 'model', 'tools', 'mcp'] as const;
/** They ask nobody. */
const KNOWN = ['effectOf', 'priceOf'];

export type Around = (call: number, act: () => Promise<unknown>) => Promise<unknown>;

/** `names`: the calls that were made, such as `sessions.claim`. */
export function throughPorts(world: World, around: Around): { world: World; names: string[] } {
  const names: string[] = [];
  const wrap = <T extends object>(port: T, label: string): T =>
    new Proxy(port, {
      get(target, key) {
        const method = target[key as keyof T];
        if (typeof method !== 'function' || KNOWN.includes(String(key))) return method;
        return async (...args: unknown[]) => {
          names.push(`${label}.${String(key)}`);
          const act = async () => (method as (...a: unknown[]) => unknown).apply(target, args);
          const answer = await around(names.length, act);
          // What it is connected to is asked through a port, too.
          return label === 'mcp' ? wrap(answer as object, 'connection') : answer;
        };
      },
    });
  const wrapped = { ...world };
  for (const name of PORTS) (wrapped as Record<string, unknown>)[name] = wrap(world[name], name);
  return { world: wrapped, names };
}
