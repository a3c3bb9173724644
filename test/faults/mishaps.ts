/** What can happen to a call of the model. */
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
