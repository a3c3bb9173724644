/** Types of a contract, a program against them, and one against the client, held against the compiler of the project. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { typesOf } from './generate.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the compiler has to say to `mistakes.ts`, and to `program.ts` beside the types of this contract; empty where they compile. */
export async function compile(contract: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'circadian-client-'));
  try {
    const file = join(folder, 'contract.ts');
    const config = {
      extends: at('../../tsconfig.json'),
      compilerOptions: { paths: { 'circadian-contract': [file] }, typeRoots: [at('../../node_modules/@types')] },
      files: [at('./program.ts'), at('./mistakes.ts')],
      include: [],
      exclude: [],
    };
    await writeFile(file, await typesOf(contract));
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    return await said(at('../../node_modules/typescript/bin/tsc'), ['-p', folder]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const said = (script: string, args: string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout) => resolve(error ? stdout || error.message : ''));
  });
