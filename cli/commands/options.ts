/** Values of options, checked before anything is asked. */
import { InvalidArgumentError, Option } from 'commander';
import { microdollars } from '../text.ts';

/** Dollars, as microdollars. */
export function amount(text: string): number {
  const value = microdollars(text);
  if (value === null) throw new InvalidArgumentError('Give dollars, as 2.50.');
  return value;
}

export function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number.');
  return Number(text);
}

/** Of lists: how many. */
export function atMost(text: string): number {
  const value = whole(text);
  if (value === 0) throw new InvalidArgumentError('Give a whole number from 1 on.');
  return value;
}

/** A day of UTC, as `2026-12-01`. */
export function day(text: string): string {
  const at = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== text)
    throw new InvalidArgumentError('Give a day, as 2026-12-01.');
  return text;
}

/** An empty one is most often a variable of the shell that is not set. */
export function folder(text: string): string {
  if (text === '') throw new InvalidArgumentError('Name a folder; . is the one you are in.');
  return text;
}

/** Of changes that cost money. */
export const onceKey = (): Option =>
  new Option('--idempotency-key <key>', 'the same key again is the same change: it is made once').argParser((text) => {
    if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw new InvalidArgumentError('Give letters and digits without spaces.');
    return text;
  });

/** With commas between. */
export function list(text: string): string[] {
  const parts = text.split(',').filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('Give at least one, with commas between several.');
  return parts;
}

/** Several of these, with commas between. What is none of them is refused by who takes it; shells complete these. */
export const listOf = (flags: string, what: string, values: readonly string[]): Option =>
  new Option(flags, what).choices(values).argParser(list);

/** `key=value`, as often as it is given. */
export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Give key=value.');
  return { ...before, [key]: value };
}
