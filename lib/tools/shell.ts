/**
 * In what the shell is not bash with its usual commands, as the model is told. test/tools/shell compares the two on a corpus of scripts: each
 * entry here is shown there by a script, and one that no longer differs must go.
 */
export const DIFFERENT = {
  expansion: 'a variable or an array as a command is taken for one word: use eval',
  trap: 'no trap, kill, umask, uname',
  functions: 'no own functions in $(( $(f) ))',
  unset: 'after set -u an unset variable ends the script without what it printed; $! is not there',
  scriptFromInput: 'bash takes a script as file, -c or input, without -s',
  prefix: 'IFS set in front of an array assignment has no effect on it',
  folders: 'writing into a folder that is not there makes it',
  globs: '*/ as a pattern finds nothing',
  links: 'hard links become copies',
  times: 'touch -t cannot set a time',
  find: 'find knows no -type l and no -quit',
  absent: 'no bc, dd, fmt, install, patch, zip, unzip, bzip2, cksum, factor, numfmt',
  diff: 'diff knows no -y and no -c, and pairs repeated lines its own way',
  join: 'join knows no field 0 in -o',
  split: 'split -n divides a little differently',
  jq: 'jq knows no input, inputs, strptime, --indent, @text "…", no \\u in its own texts; match takes no flags; ? also hides what stands before it',
  sqlite: 'sqlite3 knows no dot-commands and no -markdown, and round() shows all digits',
} as const;

export type Difference = keyof typeof DIFFERENT;

export const differences = (): string => `${Object.values(DIFFERENT).join('; ')}.`;
