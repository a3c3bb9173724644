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

/** Of changes that cost money. */
export const onceKey = (): Option =>
  new Option('--idempotency-key <key>', 'the same key again is the same change: it is made once').argParser((text) => {
    if (!/^[\x21-\x7e]{1,255}$/.test(text)) throw new InvalidArgumentError('Give letters and digits without spaces.');
    return text;
  });

export const list = (text: string): string[] => text.split(',').filter((part) => part !== '');

/** `key=value`, as often as it is given. */
export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('Give key=value.');
  return { ...before, [key]: value };
}
