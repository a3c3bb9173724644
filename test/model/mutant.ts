/**
 * `from` stands once in `file`; `to` takes its place. `noticedBy`: a file and a name in it, of what the model runs do not play. `foundBy`: the model run,
 * from 0, that found it lately, where many come before; it is played first, and all of them only if it finds nothing any more.
 */
export type Mutant = {
  name: string;
  file: string;
  from: string;
  to: string;
  noticedBy?: [file: string, test: string];
  foundBy?: number;
};
