/** What `npm start` prints once the system is ready. The URL stands first on the first line, for programs that wait for it. */
import { basename, dirname, join, sep } from 'node:path';
import { IS_SOURCE } from './project.ts';
import type { LocalSystem } from './system.ts';

type Printed = Pick<LocalSystem, 'url' | 'apiKey' | 'adminKey'> & { dataDir: string | null; standIn: boolean };

/** What bounds a tool's memory reads /proc, which macOS has not (lib/tools/contained.ts). */
const UNTRIED =
  'Note       nobody has tried this on macOS yet: time bounds the tools of agents here, and memory does not\n';

/** The command line, as it is called from here. */
const CLI = IS_SOURCE ? 'npm run -s circadian --' : 'npx circadian';

/** Whether the command line, in this folder, finds the file with address and key by itself. */
const isFound = (dataDir: string | null, folder: string): boolean =>
  dataDir !== null && basename(dataDir) === '.circadian' && `${folder}${sep}`.startsWith(join(dirname(dataDir), sep));

/** `dataDir`: absolute. `platform`: as in `process.platform`. `folder`: where it was started. */
export const banner = (
  { url, apiKey, adminKey, dataDir, standIn }: Printed,
  platform: string = process.platform,
  folder: string = process.cwd(),
): string => `${url}

Dashboard  ${url}/app#key=${apiKey}
Documents  ${url}/docs
API key    ${apiKey}
Admin key  ${adminKey}
Data       ${dataDir ?? 'in memory, gone when this ends'}
Model      ${standIn ? 'a local stand-in that plays an agent; set ANTHROPIC_API_KEY to use Claude' : 'Claude, with your ANTHROPIC_API_KEY'}
${platform === 'darwin' ? UNTRIED : ''}
Try:
${isFound(dataDir, folder) ? '' : `  export CIRCADIAN_URL=${url} CIRCADIAN_API_KEY=${apiKey} CIRCADIAN_ADMIN_KEY=${adminKey}\n`}  ${CLI} run -w "Write a haiku about sleep into poem.md"
  export KEY=${apiKey}
  curl -s ${url}/v1/sessions -H "Authorization: Bearer $KEY" -d '{"goal":"Write a haiku about sleep into poem.md"}'
  curl -s ${url}/v1/sessions -H "Authorization: Bearer $KEY"
  curl -s ${url}/v1/budget -H "Authorization: Bearer $KEY"
  curl -s ${url}/local/clock -d '{"advance_ms":86400000}'    # a day passes
`;
