import { defineTool, ToolFailure } from 'circadian';
import * as z from 'zod';

export const wordCount = defineTool({
  name: 'word_count',
  // All that the model knows of the tool.
  description: 'Counts the words of a text file in the workspace.',
  // How often it may happen: `pure` freely, `idempotent` with the same key, `once` never again after a crash.
  effect: 'pure',
  input: z.object({ path: z.string().min(1).describe('Such as /poem.md.') }),
  async run({ path }, { files }) {
    const content = (await files()).read(path);
    // What the model should do otherwise is a ToolFailure, and no other error.
    if (content === null) throw new ToolFailure(`There is no file ${path}. Call glob or bash to see what there is.`);
    const words = new TextDecoder().decode(content).match(/\S+/g)?.length ?? 0;
    return `${path} has ${words} words.`;
  },
});
