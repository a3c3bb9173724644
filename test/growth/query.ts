/**
 * `run` answers how many rows came back, were written or were summed up; `before`: statements that put the database into the state it is
 * about, in the same transaction. `lasting`: the same once and for all, for the last of the list.
 */
export type Query = {
  name: string;
  kind: 'iteration' | 'cron' | 'page';
  before?: string[];
  lasting?: string[];
  run: () => Promise<number>;
};
