/** Whether this program can run here. It imports nothing, and has nothing that an old Node could not read. */

const OLDEST = [22, 18] as const;

/** A sentence for what cannot be: an old Node, or Windows itself. Null: all is well. `version`: as in `process.versions.node`. */
export function refusal(version: string, platform: string): string | null {
  if (platform === 'win32')
    return 'Circadian does not run on Windows itself, because the shell of its agents needs Linux or macOS. Install WSL (`wsl --install`), and run this there.';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `Circadian needs Node ${OLDEST.join('.')} or newer, and this is Node ${version}. Install a newer one (https://nodejs.org), and run this again.`;
}
