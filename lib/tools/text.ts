/** Text on its way to the model. Lengths are UTF-16 code units, as `string.length` counts them. */

import { grouped } from '../text.ts';

/** What a tool result may hold at most, by default: some 8,000 tokens. */
export const MOST_CHARACTERS = 30_000;

export { grouped };

export const plural = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;

const isLowSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00;

/** A cut between the halves of a surrogate pair moves one place on. */
const boundary = (text: string, at: number): number => (isLowSurrogate(text, at) ? at + 1 : at);

/**
 * Cuts a long text in the middle and says how much is gone: what was asked for tends to stand at the beginning, how it ended at the end.
 * The answer is never longer than `most`, note included, so cutting it again changes nothing.
 */
export function cutMiddle(text: string, most: number = MOST_CHARACTERS): string {
  if (text.length <= most) return text;
  const noteOf = (cut: number) => `\n\n[… ${grouped(cut)} of ${grouped(text.length)} characters were cut here …]\n\n`;
  const room = Math.max(0, most - noteOf(text.length).length - 1);
  const head = boundary(text, Math.ceil(room / 2));
  const tail = boundary(text, text.length - Math.floor(room / 2));
  return text.slice(0, head) + noteOf(tail - head) + text.slice(tail);
}
