/** What shells need to complete commands, options and their values, made from the commands themselves. */
import type { Command } from 'commander';
import { list } from './commands/options.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** An option of a fixed list; `several`: with commas between. */
type Values = { long: string | undefined; short: string | undefined; values: readonly string[]; several: boolean };
type Words = { path: string; words: string[]; options: Values[] };

/** Of the program and each command below it: what may follow. */
function wordsOf(command: Command, path = ''): Words[] {
  const options = [...command.options, ...(command.parent?.options ?? [])].flatMap(({ long }) => long ?? []);
  const values = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const words = [...command.commands.map((one) => one.name()), ...values, ...options, '--help'];
  return [
    { path, words: [...new Set(words)], options: command.options.flatMap(valuesOf) },
    ...command.commands.flatMap((one) => wordsOf(one, `${path} ${one.name()}`.trim())),
  ];
}

const valuesOf = ({ long, short, argChoices: values, parseArg }: Command['options'][number]): Values[] =>
  values ? [{ long, short, values, several: parseArg === list }] : [];

export function completion(program: Command, shell: Shell): string {
  const all = wordsOf(program);
  if (shell === 'bash') return bash(all);
  if (shell === 'zsh') return `autoload -U +X bashcompinit && bashcompinit\n${bash(all)}`;
  return fish(all);
}

function fish(all: Words[]): string {
  return all
    .flatMap(({ path, words, options }) => {
      const condition = path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`;
      const line = `complete -c circadian -f -n '${condition}'`;
      return [
        `${line} -a '${words.join(' ')}'`,
        ...options.map(({ long, short, values, several }) => {
          const flags = [long?.replace('--', '-l '), short?.replace('-', '-s ')].filter((flag) => flag !== undefined);
          const list = values.join(' ');
          return `${line} -x ${flags.join(' ')} -a '${several ? `(__fish_append , ${list})` : list}'`;
        }),
      ];
    })
    .join('\n');
}

/** The command is what stands before, without options and their values as far as they can be told; unknown words are arguments. */
function bash(all: Words[]): string {
  const cases = all.map(({ path, words }) => `      '${path}') words='${words.join(' ')}' ;;`);
  const values = all.flatMap(({ path, options }) =>
    options.map(({ long, short, values, several }) => {
      const flags = [long, short].flatMap((flag) => (flag === undefined ? [] : `'${path} ${flag}'`));
      return `    ${flags.join(' | ')}) words='${values.join(' ')}'${several ? ' several=1' : ''} ;;`;
    }),
  );
  return `_circadian() {
  local at='' word words='' last='' before='' several=''
  local now="\${COMP_WORDS[COMP_CWORD]}"
  _circadian_words() {
    case "$1" in
${cases.join('\n')}
      *) return 1 ;;
    esac
  }
  _circadian_words ''
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD - 1))}"; do
    if _circadian_words "\${at:+$at }$word"; then at="\${at:+$at }$word"; fi
    if [[ $word != = ]]; then last="$word"; fi
  done
  # bash takes --by=day for three words, zsh for one.
  if [[ $now == = ]]; then now=''; fi
  if [[ $now == --*=* ]]; then last="\${now%%=*}" before="$last=" now="\${now#*=}"; fi
  case "$at $last" in
${values.join('\n')}
  esac
  if [[ $several && $now == *,* ]]; then before="$before\${now%,*}," now="\${now##*,}"; fi
  COMPREPLY=($(compgen -P "$before" -W "$words" -- "$now"))
}
complete -F _circadian circadian`;
}
