/**
 * `run_code`: a script on a virtual machine at a vendor, for what the simulated shell cannot do. Pure: the machine reaches no network, and its files
 * are kept only when the iteration is saved. It costs money by the second.
 */
import * as z from 'zod';
import type { Machine, MachineFile, MachineRun, MachineTerms, Workspace } from '../ports/index.ts';
import { defineTool, type Tool, type ToolOutcome } from './define.ts';
import { ToolFailure } from './failure.ts';
import { filePath, isWithin, placePath, shown } from './paths.ts';
import { grouped } from './text.ts';

/** What a script may take along: files, and bytes of them together; and files that may come back. */
const MOST = { files: 500, bytes: 20_000_000, kept: 50 };

const description = ({ seconds, most }: MachineTerms): string =>
  `Runs a bash script on a virtual Linux machine of its own, with real processes and packages, and without a network. It costs money: up to $${(Number(most) / 1e6).toFixed(4)} a call, by the second, ${seconds} s at most. Use bash for what bash can do. The script starts in an empty folder that holds the files and folders of the workspace named in files. Only the files named in keep are copied back. Nothing of the machine is there for the next call.`;

export const RUN_CODE = 'run_code';

export const runCode = ({ machine }: { machine: Machine }): Tool =>
  defineTool({
    name: RUN_CODE,
    description: description(machine),
    effect: 'pure',
    price: machine.most,
    input: z.object({
      command: z.string().min(1).max(200_000).describe('The script, one line or many.'),
      files: z.array(z.string()).max(50).optional().describe('Files and folders to take along. Default: none.'),
      keep: z
        .array(z.string())
        .max(MOST.kept)
        .optional()
        .describe('Files to copy back, by their paths. Default: none.'),
    }),
    run: async ({ command, files: places = [], keep = [] }, { files, signal }) => {
      const workspace = await unspent(files);
      const script = await unspent(async () => ({
        command,
        files: filesOf(workspace, places),
        keep: [...new Set(keep.map((path) => shown(filePath(path))))],
      }));
      const outcome = await machine.run(script, signal);
      const { cost } = outcome;
      if ('run' in outcome) return { ...observed(outcome.run, write(workspace, outcome.run)), cost };
      const charged = cost === null ? 'How long it ran is unknown, so its whole price is charged.' : '';
      return {
        content: `It was not run to its end: ${outcome.failed}. No file was changed. ${charged}`.trim(),
        ...{ isError: true, cost },
      };
    },
  });

/** What is wrong before a machine is rented costs nothing. */
async function unspent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ToolFailure ? new ToolFailure(error.message, { cost: 0n }) : error;
  }
}

function filesOf(workspace: Workspace, places: string[]): MachineFile[] {
  const wanted = places.map(placePath);
  const list = workspace.list().filter(({ path }) => wanted.some((place) => isWithin(path, place)));
  const missing = wanted.find((place) => place !== '/' && !list.some(({ path }) => isWithin(path, place)));
  if (missing !== undefined) throw new ToolFailure(`There is no file or folder ${shown(missing)}, so nothing was run.`);
  const bytes = list.reduce((sum, file) => sum + file.bytes, 0);
  if (list.length > MOST.files || bytes > MOST.bytes)
    throw new ToolFailure(
      `Nothing was run: ${grouped(list.length)} files of ${grouped(bytes)} bytes were to go along, and ${MOST.files} of ${grouped(MOST.bytes)} may. Name fewer, or pack them.`,
    );
  return list.map(({ path }) => ({ path: shown(path), content: workspace.read(path) ?? new Uint8Array() }));
}

/** Takes over all that came back, or nothing where it breaks a limit: then it says so. The machine has been paid for by now. */
function write(workspace: Workspace, { files }: MachineRun): string | null {
  try {
    const modes = new Map(workspace.list().map(({ path, mode }) => [path, mode]));
    workspace.apply(
      files.map(({ path, content }) => ({ path: `/${path}`, content, mode: modes.get(`/${path}`) ?? 0o644 })),
    );
    return null;
  } catch (error) {
    if (error instanceof ToolFailure) return error.message;
    throw error;
  }
}

function observed({ exitCode, stdout, stderr, lost }: MachineRun, problem: string | null): ToolOutcome {
  const parts = [stdout.replace(/\n$/, '')];
  if (stderr !== '') parts.push(`[stderr]\n${stderr.replace(/\n$/, '')}`);
  if (exitCode === null) parts.push('[its time was up, and no file was copied back]');
  else if (exitCode !== 0) parts.push(`[exit status ${exitCode}]`);
  for (const { path, why } of lost)
    parts.push(`[not copied back: ${path} is ${why === 'absent' ? 'not there' : 'too large'}]`);
  if (problem !== null) parts.push(`[no file was changed] ${problem}`);
  return { content: parts.filter((part) => part !== '').join('\n'), isError: exitCode !== 0 || problem !== null };
}
