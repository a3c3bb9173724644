/** Types of a contract, and a program against them, held against the compiler of the project. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the compiler has to say to `program.ts` beside the types of this contract; empty where it compiles. */
export async function compile(contract: string): Promise<string> {
  // A field with a default need not be sent.
  const types = astToString(await openapiTS(contract, { defaultNonNullable: false, silent: true }));
  const folder = await mkdtemp(join(tmpdir(), 'circadian-client-'));
  try {
    const file = join(folder, 'contract.ts');
    const config = {
      extends: at('../../tsconfig.json'),
      compilerOptions: { paths: { 'circadian-contract': [file] }, typeRoots: [at('../../node_modules/@types')] },
      files: [at('./program.ts')],
      include: [],
      exclude: [],
    };
    await writeFile(file, types);
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
