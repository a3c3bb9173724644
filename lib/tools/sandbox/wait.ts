/**
 * Loaded first in every thread of the sandbox. Python and JavaScript wait by `Atomics.wait` for what they ask of the shell's file system.
 * just-bash 3.4.2 takes each wake-up for an answer, also the late one of the question before: the script then fails with "I/O error".
 * Of 40 scripts with 1,200 file operations each, one failed so on an idle machine. Here a wait ends when the value has changed, or in time.
 */
const { wait, load } = Atomics;
// just-bash takes the clock away from its threads, once this is loaded.
const now = performance.now.bind(performance);

Atomics.wait = (
  array: Int32Array | BigInt64Array,
  index: number,
  value: number | bigint,
  timeout = Number.POSITIVE_INFINITY,
) => {
  const ends = now() + timeout;
  for (;;) {
    const end = wait(array as Int32Array, index, value as number, Math.max(0, ends - now()));
    if (end !== 'ok' || load(array as Int32Array, index) !== value) return end;
  }
};
