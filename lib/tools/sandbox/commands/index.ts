/** The commands that are our own. */
import type { Command } from 'just-bash';
import { AWK } from './awk/index.ts';
import { DATA } from './data.ts';
import { DIFF } from './diff.ts';
import { fileCommands } from './files.ts';
import { GREP } from './grep.ts';
import { JAVASCRIPT } from './javascript.ts';
import { LINES } from './lines.ts';
import { PYTHON } from './python/index.ts';
import { SED } from './sed/index.ts';
import { SMALL } from './small.ts';
import { SORT } from './sort.ts';
import { RUNNERS } from './xargs.ts';

/** `absent`: names that only say that they are not there. */
export const ownCommands = (absent: ReadonlySet<string>): Command[] => [
  ...LINES,
  ...SORT,
  ...AWK,
  ...SMALL,
  ...SED,
  ...GREP,
  ...RUNNERS,
  ...DIFF,
  ...fileCommands(absent),
  ...DATA,
  ...JAVASCRIPT,
  ...PYTHON,
];
