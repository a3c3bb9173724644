/** `write_file`: a whole file at once. */
import * as z from 'zod';
import { bytesOf } from './content.ts';
import { defineTool } from './define.ts';
import { filePath, shown } from './paths.ts';
import { plural } from './text.ts';

export const writeFile = defineTool({
  name: 'write_file',
  description:
    'Writes a text file of the workspace: a new one, with the folders it needs, or an old one in place of all that was in it. To change a part of a file, edit_file is cheaper and safer. Write a long file in parts, since a reply has a length limit: the first part here, the others with bash (cat >> file).',
  effect: 'pure',
  input: z.object({
    path: z.string().describe('Relative to the workspace, or absolute under /workspace.'),
    content: z.string().describe('The whole text of the file.'),
  }),
  run: async ({ path: given, content }, { files }) => {
    const workspace = await files();
    const path = filePath(given);
    const before = workspace.read(path);
    const bytes = bytesOf(content);
    workspace.write(path, bytes);
    const what = before === null ? '' : `, in place of ${plural(before.length, 'byte')}`;
    return `Wrote ${shown(path)}: ${plural(bytes.length, 'byte')}${what}.`;
  },
});
