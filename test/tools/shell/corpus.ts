/** The scripts that bash and the sandbox's shell must do alike: blocks of the files in corpus/, with an empty line between. */
import { readdirSync, readFileSync } from 'node:fs';

export type Script = { topic: string; text: string };

const FOLDER = new URL('./corpus/', import.meta.url);

export const scripts = (): Script[] =>
  readdirSync(FOLDER).flatMap((file) =>
    readFileSync(new URL(file, FOLDER), 'utf8')
      .split(/\n{2,}/)
      .map((block) => block.replace(/^\n+|\n+$/g, ''))
      .filter((text) => text !== '')
      .map((text) => ({ topic: file.replace('.sh', ''), text })),
  );
