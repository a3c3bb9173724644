/**
 * The most memory that a WebAssembly module may take, made smaller in the module itself: an allocation beyond it fails inside. It is
 * the second wall: the first ends the whole process for its memory (lib/tools/contained.ts).
 * Source: https://webassembly.github.io/spec/core/binary/modules.html#memory-section
 */

const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;
export const PAGES_PER_MB = 16;

/** An unsigned number in LEB128, and where it ends. */
function numberAt(module: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let shift = 0; ; shift += 7, at++) {
    const byte = module[at] ?? 0;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

/** A copy whose memory has at most `mb` megabytes. Throws if the module sets no maximum of its own, or a smaller one. */
export function withMemoryOf(module: Uint8Array, mb: number): Uint8Array {
  for (let at = HEADER_BYTES; at < module.length; ) {
    const id = module[at];
    const { value: length, end: body } = numberAt(module, at + 1);
    if (id === MEMORY_SECTION) return lowered(module, numberAt(module, body).end, mb);
    at = body + length;
  }
  throw new Error('the WebAssembly module has no memory of its own');
}

function lowered(module: Uint8Array, at: number, mb: number): Uint8Array {
  const least = numberAt(module, at + 1);
  const most = numberAt(module, least.end);
  const pages = mb * PAGES_PER_MB;
  if (((module[at] ?? 0) & HAS_MAXIMUM) === 0 || most.value < pages || least.value > pages) {
    throw new Error(`the WebAssembly module's memory cannot be limited to ${mb} MB`);
  }
  const copy = Uint8Array.from(module);
  let rest = pages;
  // In as many bytes as before, so that nothing behind it moves.
  for (let place = most.end - 1, from = least.end; from <= place; from++) {
    copy[from] = (rest & 0x7f) | (from < place ? 0x80 : 0);
    rest = Math.floor(rest / 128);
  }
  return copy;
}

/**
 * The program around a module, with the memory that it asks for. Throws unless `from` is in it exactly once: another release may write it
 * otherwise, and would then have all the memory again.
 */
export function replacedOnce(program: string, from: string, to: string): string {
  const parts = program.split(from);
  if (parts.length !== 2)
    throw new Error(`${JSON.stringify(from)} is ${parts.length - 1} times in the program, not once`);
  return parts.join(to);
}
