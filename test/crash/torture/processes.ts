/** Worker processes: always as many as asked for, whoever kills them. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { World } from './world.ts';

const PROCESS = fileURLToPath(new URL('./process.ts', import.meta.url));

export function processes(options: { world: World; faults: () => boolean; seed: number; env: Record<string, string> }) {
  const { world, faults, seed, env } = options;
  const children = new Set<ChildProcess>();
  let born = 0;
  let breeding = true;

  // A child that has just died takes no message: no matter.
  const heal = (child: ChildProcess) => child.connected && child.send('heal', () => {});

  function breed(): void {
    born += 1;
    const child = fork(PROCESS, {
      env: { ...process.env, ...env, SEED: String(seed * 100_000 + born) },
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    children.add(child);
    child.on('spawn', () => faults() || heal(child));
    child.on('error', () => {});
    child.on('message', (counts: Record<string, number>) => {
      for (const [what, n] of Object.entries(counts)) world.count(what, n);
    });
    child.on('exit', (_, signal) => {
      children.delete(child);
      if (!breeding) return;
      world.count(signal === 'SIGKILL' ? 'killed' : 'ERROR a process ended by itself');
      breed();
    });
  }

  return {
    breed,
    killOne: (n: number) => [...children][n % Math.max(1, children.size)]?.kill('SIGKILL'),
    heal: () => children.forEach(heal),
    stop() {
      breeding = false;
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
