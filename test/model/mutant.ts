/** `from` stands once in `file`; `to` takes its place. `noticedBy`: a file and a name in it, of what the model runs do not play. */
export type Mutant = { name: string; file: string; from: string; to: string; noticedBy?: [file: string, test: string] };
