/** A world in which every call of every port, numbered from 1 in the order in which they are made, goes through `around`. */
import type { World } from '../../lib/ports/index.ts';

/** What an iteration asks. */
export const ITERATING = ['sessions', 'queue', 'timer', 'live', 'model', 'tools', 'mcp'] as const;
/** They ask nobody. */
const KNOWN = ['effectOf', 'priceOf'];

export type Around = (call: number, act: () => Promise<unknown>) => Promise<unknown>;

/** `names`: the calls that were made, such as `sessions.claim`, or `order` of a port that is one function. */
export function throughPorts<W extends object = World>(
  world: W,
  around: Around,
  ports: readonly (keyof W & string)[] = ITERATING as never,
): { world: W; names: string[] } {
  const names: string[] = [];
  const asked =
    (name: string, port: unknown, method: unknown) =>
    (...args: unknown[]) => {
      names.push(name);
      return around(names.length, async () => (method as (...a: unknown[]) => unknown).apply(port, args));
    };
  const wrap = <T extends object>(port: T, label: string): T =>
    new Proxy(port, {
      get(target, key) {
        const method = target[key as keyof T];
        if (typeof method !== 'function' || KNOWN.includes(String(key))) return method;
        const call = asked(`${label}.${String(key)}`, target, method);
        // What it is connected to is asked through a port, too.
        return label === 'mcp'
          ? async (...args: unknown[]) => wrap((await call(...args)) as object, 'connection')
          : call;
      },
    });
  const wrapped = { ...world } as Record<string, unknown>;
  for (const name of ports) {
    const port = world[name];
    wrapped[name] = typeof port === 'function' ? asked(name, undefined, port) : wrap(port as object, name);
  }
  return { world: wrapped as W, names };
}
