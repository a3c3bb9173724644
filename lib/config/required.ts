/**
 * The variables without which a function does not start, and the functions that a variable belongs to. Derived from the table of settings.
 * lib/infra/deployment.ts links to a function the variables of its own line and no more: a fault in one function cannot give away another's secrets.
 */
import { type FunctionName, SETTINGS, type Setting, type SettingName } from './settings.ts';

type Rows = typeof SETTINGS;

/** The settings that some function requires. */
export type RequiredName = {
  [Name in SettingName]: Rows[Name] extends { requiredBy: unknown } ? Name : never;
}[SettingName];

/** The settings that one function requires; `all` is every function in one process, as on localhost. */
export type RequiredBy<Of extends FunctionName | 'all'> = {
  [Name in RequiredName]: Of extends 'all' | Rows[Name]['requiredBy'][number] ? Name : never;
}[RequiredName];

export const REQUIRED_ENV: { [Of in FunctionName | 'all']: readonly RequiredBy<Of>[] } = {
  api: requiredBy('api'),
  iterate: requiredBy('iterate'),
  wake: requiredBy('wake'),
  deadLetter: requiredBy('deadLetter'),
  migrate: requiredBy('migrate'),
  reconcile: requiredBy('reconcile'),
  redrive: requiredBy('redrive'),
  all: requiredBy('all'),
};

function requiredBy<Of extends FunctionName | 'all'>(of: Of): readonly RequiredBy<Of>[] {
  const rows = Object.entries<Setting>(SETTINGS);
  const names = rows.flatMap(([name, { requiredBy: by = [] }]) =>
    by.some((each) => of === 'all' || each === of) ? [name] : [],
  );
  return names as RequiredBy<Of>[];
}
