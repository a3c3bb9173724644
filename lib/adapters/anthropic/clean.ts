/** Model output made storable. */
import { cleanText } from '../../text.ts';

/** Cleans every string and key in a JSON value; a value that needs no change is returned as it is. */
export function clean<T>(value: T): T {
  if (typeof value === 'string') return cleanText(value) as T;
  if (Array.isArray(value)) {
    const items = value.map(clean);
    return items.some((item, i) => item !== value[i]) ? (items as T) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const cleaned = entries.map(([key, item]) => [cleanText(key), clean(item)] as const);
  const same = cleaned.every(([key, item], i) => key === entries[i]?.[0] && item === entries[i]?.[1]);
  return same ? value : (Object.fromEntries(cleaned) as T);
}

/** Cleans text that arrives in pieces: a surrogate pair that is split between two pieces stays a pair. */
export function pieces(emit: (text: string) => void): (piece: string) => void {
  let kept = '';
  return (piece) => {
    const text = kept + piece;
    const last = text.charCodeAt(text.length - 1);
    const split = last >= 0xd800 && last <= 0xdbff;
    kept = split ? text.slice(-1) : '';
    const whole = split ? text.slice(0, -1) : text;
    if (whole) emit(cleanText(whole));
  };
}
