/** Cuts what arrives in pieces into lines, one cutter per source. The end without a line break waits for the rest. */
export function lineCutter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') onLine(line);
  };
}
