/** What shells need to complete commands and options, made from the commands themselves. */
import type { Command } from 'commander';
import { EXIT } from './exit.ts';
import { CommandError } from './io.ts';

type Words = { path: string; words: string[] };

/** Of the program and each command below it: what may follow. */
function wordsOf(command: Command, path = ''): Words[] {
  const options = [...command.options, ...(command.parent?.options ?? [])].flatMap(({ long }) => long ?? []);
  const words = [...command.commands.map((one) => one.name()), ...options, '--help'];
  return [
    { path, words: [...new Set(words)] },
    ...command.commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`.trim())),
  ];
}

/** Throws `CommandError` for a shell that it does not know. */
export function completion(program: Command, shell: string): string {
  const all = wordsOf(program);
  if (shell === 'bash') return bash(all);
  if (shell === 'zsh') return `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
  if (shell === 'fish')
    return all
      .map(({ path, words }) => {
        const condition =
          path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`;
        return `complete -c circadian -f -n '${condition}' -a '${words.join(' ')}'`;
      })
      .join('\n');
  throw new CommandError(`There is no completion for ${shell}: choose bash, zsh or fish.`, EXIT.usage);
}

/** The command is what stands before, without options and their values as far as they can be told; unknown words are arguments. */
function bash(all: Words[]): string {
  const cases = all.map(({ path, words }) => `      '${path}') words='${words.join(' ')}' ;;`);
  return `_circadian() {
  local at='' word words=''
  _circadian_words() {
    case "$1" in
${cases.join('\n')}
      *) return 1 ;;
    esac
  }
  _circadian_words ''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if _circadian_words "\${at:+$at }$word"; then at="\${at:+$at }$word"; fi
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _circadian circadian`;
}
