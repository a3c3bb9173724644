/** Whether a project with the package would deploy what the repository deploys: the real `sst diff` of both, against the same fakes. */
import { join } from 'node:path';
import { installed, startProject } from '../test/infra/kit/project.ts';
import { readZip } from '../test/infra/kit/zip.ts';

const FUNCTIONS = ['Api', 'Iterate', 'Wake', 'Sandbox', 'Migrate', 'DeadLetter', 'Reconcile'];

/** The stack is named for the app, and SST adds six letters to a subscriber that depend on the app's name. */
const nameOf = ({ type, name }: { type: string; name: string }): string =>
  type === 'pulumi:pulumi:Stack' ? type : `${type} ${name.replace(/Subscriber[A-Z][a-z]{5}/, 'Subscriber')}`;

/** `says`: words that the project's own tool alone has. */
async function synthesis(says: string | null, env: Record<string, string>, from?: string) {
  await using project = await startProject(undefined, from ? { from } : {});
  const { status, output, made } = await project.diff({ env });
  if (status !== 0) throw new Error(`sst diff ended with ${status}:\n${output}`);
  const zips = FUNCTIONS.map((name) => readZip(join(project.folder, '.sst/artifacts', name, 'code.zip')));
  const sizes = zips.map((files) => [...files.values()].reduce((sum, { length }) => sum + length, 0));
  const iterate = Buffer.concat([...zips[1]!.values()]).toString();
  if (says && !iterate.includes(says)) throw new Error("The project's own tool is not among what Iterate would have.");
  return { resources: made.map(nameOf).sort(), sizes };
}

const kb = (bytes: number): number => Math.round(bytes / 1000);

/** Returns what was compared, in a sentence. Throws where the two differ. */
export async function compareDeployments(project: string, says: string): Promise<string> {
  if (!installed) return 'sst diff was not tried: the platform files of SST are missing (npm run infra:install).';
  // With a domain there is most to make.
  const env = { DOMAIN: 'agents.example.com' };
  const own = await synthesis(null, env);
  const theirs = await synthesis(says, env, project);
  const all = [...new Set([...own.resources, ...theirs.resources])];
  const differing = all.filter((one) => own.resources.includes(one) !== theirs.resources.includes(one));
  if (differing.length > 0) throw new Error(`The deployments differ in ${differing.join(', ')}.`);
  const kilobytes = FUNCTIONS.map((name, i) => `${name} ${kb(theirs.sizes[i]!)}/${kb(own.sizes[i]!)}`);
  return `sst diff: ${own.resources.length} resources of the same types and names; kB unpacked, project/repository: ${kilobytes.join(', ')}`;
}
