/** `export` and `import`. */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { SessionFile } from '../../client/index.ts';
import type { Cli } from '../cli.ts';
import { EXIT } from '../exit.ts';
import { CommandError } from '../io.ts';
import { json } from '../text.ts';

export function addArchive(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('a session with all that belongs to it, as JSON')
    .argument('<id>', 'its id, the end of it, or @last')
    .option('-o, --output <file>', 'where to; else the standard output')
    .action(async (given: string, { output }: { output?: string }) => {
      const id = await cli.idOf(given);
      const text = json(await cli.client().sessions.export(id));
      if (output === undefined) return cli.io.out(text);
      const path = resolve(cli.io.cwd, output);
      await writeFile(path, `${text}\n`, { mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
        throw new CommandError(`${path} cannot be written (${error.code}).`, EXIT.failure);
      });
      cli.show({ file: path }, () => `${id} is in ${path}.`);
    });

  program
    .command('import')
    .description('begin an exported session here, paused')
    .argument('<file>', 'of `circadian export`; - reads the standard input')
    .action(async (file: string) => {
      const text = file === '-' ? await cli.io.input() : await contentOf(resolve(cli.io.cwd, file));
      const session = await cli.client().sessions.import(parsed(text, file));
      cli.show(session, () => [`${session.id} is here, paused.`, `→ circadian resume ${session.id}`]);
    });
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CommandError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, EXIT.usage);
  }
}

function parsed(text: string, file: string): SessionFile {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandError(`${file} is no JSON: give a file of \`circadian export\`.`, EXIT.usage);
  }
}
