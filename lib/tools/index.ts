/**
 * Tools: what an agent can do besides steering itself (lib/core/controls.ts). Those shipped work on the session's workspace, or read the web.
 */
import type { ToolSpec } from '../core/session.ts';
import type { Sandbox, Tools } from '../ports/index.ts';
import { cleanText } from '../text.ts';
import type { WebAccess } from '../web/access.ts';
import { WEB_SEARCH } from '../web/known.ts';
import { BASH_BOUNDS, BASH_LIMITS, createBash } from './bash.ts';
import { type Facilities, NO_FACILITIES } from './configured.ts';
import type { Tool } from './define.ts';
import { editFile } from './edit-file.ts';
import { gitTools } from './git.ts';
import { createGlob, GLOB_BOUNDS } from './glob.ts';
import { createGrep, GREP_BOUNDS } from './grep.ts';
import { pdfReader } from './pdf.ts';
import { processes } from './processes.ts';
import { createReadFile } from './read-file.ts';
import { RUN_CODE, runCode } from './run-code.ts';
import type { ShellWeb } from './shell-web.ts';
import { webFetch } from './web-fetch.ts';
import { webSearch } from './web-search.ts';
import { writeFile } from './write-file.ts';

export { defineTool, type Observation, type Tool, type ToolDefinition } from './define.ts';
export { ToolFailure } from './failure.ts';

/** The tools that work on files. `sandbox`: where their programs and patterns run. */
const toolsOnFiles = (sandbox: Sandbox, reach: ShellWeb | null = null): Tool[] => [
  createBash(BASH_LIMITS, BASH_BOUNDS, sandbox, reach),
  ...[createReadFile(pdfReader(sandbox)), writeFile, editFile],
  ...[createGrep(GREP_BOUNDS, sandbox), createGlob(GLOB_BOUNDS, sandbox)],
];

/** The same, with the sandbox on this machine. */
export const workspaceTools: Tool[] = toolsOnFiles(processes);

/** All that are shipped, in the order in which a prompt lists them. */
export function shippedTools(facilities: Facilities): Tool[] {
  const { http, search, sandbox, machine } = facilities;
  return [
    ...toolsOnFiles(sandbox, facilities),
    webFetch({ http, pdf: pdfReader(sandbox) }),
    ...(search ? [webSearch(search)] : []),
    ...gitTools(facilities, sandbox),
    ...(machine ? [runCode({ machine })] : []),
  ];
}

/** The names of all that are shipped, also of those that a deployment does not have. */
export const shippedNames = (): string[] => [
  ...shippedTools(NO_FACILITIES).map(({ name }) => name),
  ...[WEB_SEARCH, RUN_CODE],
];

/** What the API is told of the tools, in the order given. `web`: what the session may ask of it, by which a tool is offered and described. */
export const toolSpecs = (list: Tool[], web: WebAccess | null = null): ToolSpec[] =>
  list.flatMap(({ name, description: usual, inputSchema, effect, offer }) => {
    const description = offer ? offer(web) : usual;
    return description === null ? [] : [{ name, description, input_schema: inputSchema, effect }];
  });

/** The port, on these tools. The same tool may be given twice, as agents share tools; two tools of one name may not. */
export function tools(list: Tool[]): Tools {
  const byName = new Map<string, Tool>();
  for (const tool of list) {
    if ((byName.get(tool.name) ?? tool) !== tool) throw new Error(`two tools are called ${tool.name}`);
    byName.set(tool.name, tool);
  }
  const unknown = (name: string) => {
    const known = [...byName.keys()].join(', ');
    return {
      content: `There is no tool ${JSON.stringify(cleanText(name.slice(0, 100)))}. There are: ${known}.`,
      isError: true,
    };
  };
  return {
    effectOf: (name) => byName.get(name)?.effect ?? null,
    priceOf: (name) => byName.get(name)?.price ?? null,
    run: async ({ name, input }, context) => byName.get(name)?.call(input, context) ?? unknown(name),
  };
}
