/** A virtual machine at a vendor, rented by the second for one script. */

/** Paths are relative to the folder in which the script runs. `keep`: files that are to come back. */
export type MachineScript = { command: string; files: MachineFile[]; keep: string[] };
export type MachineFile = { path: string; content: Uint8Array };

/** `exitCode` null: its time was up. Both streams may be cut at their end. `lost`: what was to come back and is not there, or is too large. */
export type MachineRun = {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  files: MachineFile[];
  lost: { path: string; why: 'absent' | 'too large' }[];
};

/** `cost`: microdollars; null where nobody knows how long the machine was there. `failed`: why there is no result, as a clause. */
export type MachineOutcome = { cost: bigint | null } & ({ run: MachineRun } | { failed: string });

/** `seconds`: the longest that a machine is there. `most`: what so long costs, microdollars. */
export type MachineTerms = { seconds: number; most: bigint };

export type Machine = MachineTerms & {
  /**
   * Runs one script on a machine of its own, which reaches no network, and gives the machine back, also after a failure or when the signal calls it
   * off. A machine that could not be given back ends by itself. Never throws for what the script or the vendor did.
   */
  run(script: MachineScript, signal: AbortSignal): Promise<MachineOutcome>;
};

/** Largest file that comes back, and most characters of each stream. */
export const MACHINE_LIMITS = { fileBytes: 5_000_000, streamBytes: 100_000 };
