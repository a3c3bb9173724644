/** What shells complete, asked of the shells that this machine has. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { home, served } from './kit.ts';

const ASKED: [line: string, words: string[]][] = [
  ['usage --by ', ['day', 'hour', 'session', 'model', 'tool', 'iteration']],
  ['usage --by mo', ['model']],
  ['usage --by day --cs', ['--csv']],
  ['ls -s wor', ['working']],
  ['ls --status working,pa', ['working,paused']],
  ['logs x --only er', ['errors']],
  ['webhooks add x --events budget.b', ['budget.breaker']],
  ['admin users set bob --wake ', ['auto', 'manual']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['us', ['usage', 'use']],
];

/** Prints what follows the words that it is given. */
const BASH = `t() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _circadian; printf '%s\\n' "\${COMPREPLY[@]}"; }`;
const PROGRAMS = {
  bash: (file: string) => `source ${file}; ${BASH}; t "$@"`,
  // bashcompinit calls such functions so.
  zsh: (file: string) =>
    `autoload -U compinit && compinit -D -u; source ${file}; ${BASH}; ask() { emulate -L sh; t "$@"; }; ask "$@"`,
  fish: (file: string) => `source ${file}; complete -C "$TYPED"`,
};

const shells = Object.keys(PROGRAMS) as (keyof typeof PROGRAMS)[];
for (const shell of shells) {
  const program = ['/bin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']
    .map((folder) => join(folder, shell))
    .find(existsSync);

  it.runIf(program).each(ASKED)(`${shell} completes %j`, async (line, words) => {
    const { circadian } = await served();
    const folder = home();
    const file = join(folder, 'completion');
    const { code, out } = await circadian(['completion', shell]);
    expect(code).toBe(0);
    writeFileSync(file, out);
    const typed = `circadian ${line}`;
    const quiet = shell === 'zsh' ? ['-f'] : [];
    const all = [...quiet, '-c', PROGRAMS[shell](file), ...(shell === 'fish' ? [] : [shell, ...typed.split(' ')])];
    const env = { PATH: process.env.PATH, HOME: folder, TYPED: typed };
    const answer = execFileSync(program!, all, { env, encoding: 'utf8', timeout: 60_000 });
    const found = answer.split('\n').flatMap((row) => row.split('\t')[0] || []);
    // Only in its own line zsh leaves out what begins otherwise. Fish asks for options only after a sign of one.
    const last = typed.split(' ').at(-1)!;
    const shown = found.filter((word) => word.startsWith(last) && (last !== '' || !word.startsWith('-')));
    expect(shown.sort()).toEqual([...words].sort());
  });
}

it('completes also after a `=`, which bash takes for a word', async () => {
  const { circadian } = await served();
  const { out } = await circadian(['completion', 'bash']);
  const file = join(home(), 'completion');
  writeFileSync(file, out);
  const ask = (...words: string[]) =>
    execFileSync('bash', ['-c', PROGRAMS.bash(file), 'bash', 'circadian', ...words], { encoding: 'utf8' }).trim();
  expect(ask('usage', '--by', '=', 'mo')).toBe('model');
  expect(ask('usage', '--by', '=').split('\n')).toHaveLength(6);
  expect(ask('ls', '--status=working,sl')).toBe('--status=working,sleeping');
});

it.each([
  [['completion', 'cmd'], 'Allowed choices are bash, zsh, fish.'],
  [['admin', 'users', 'set', 'bob', '--wake', 'never'], 'Allowed choices are auto, manual.'],
])('refuses %j before it asks', async (args, said) => {
  const { circadian, asked } = await served();
  const { code, err } = await circadian(args);
  expect([code, err, asked]).toEqual([2, expect.stringContaining(said), []]);
});
