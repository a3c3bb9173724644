/** Values of options, checked before anything is asked. */
import { InvalidArgumentError } from 'commander';
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

export const list = (text: string): string[] => text.split(',').filter((part) => part !== '');

/** `key=value`, as often as it is given. */
export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Give key=value.');
  return { ...before, [key]: value };
}
