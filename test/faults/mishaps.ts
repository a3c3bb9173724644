/** What can happen to a call of the model. */
import type { BillLine } from './evidence.ts';

export const MISHAPS = [
  '429',
  '529',
  '500',
  'hang',
  'cut',
  'malformed',
  'error_event',
  'long',
  'refusal',
  'slow',
] as const;
export type Mishap = (typeof MISHAPS)[number];

/** By what each is known on the bill, or among the refusals (`status_…`), so that a run can say which of them happened. */
export const ANSWER_OF = {
  ...{ 429: 'status_429', 529: 'status_529', 500: 'error_500', hang: 'hang', cut: 'cut', malformed: 'malformed' },
  ...{ error_event: 'error_event', long: 'max_tokens', refusal: 'refusal', slow: 'slow' },
} as const satisfies Record<Mishap, BillLine['answer'] | `status_${number}`>;
