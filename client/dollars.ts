/**
 * `$1.02` of 1,020,000 microdollars. Amounts below a dollar have three digits, as `$0.288`, and below a cent four, as `$0.0024`, so that a step of an
 * agent is no nought. Rounded to the nearest.
 */
export function dollars(microdollars: number): string {
  const size = Math.abs(microdollars);
  const sign = microdollars < 0 ? '-' : '';
  if (size > 0 && size < 100) return `${microdollars < 0 ? '>-' : '<'}$0.0001`;
  return `${sign}$${(size / 1e6).toFixed(size === 0 || size >= 1e6 ? 2 : size >= 10_000 ? 3 : 4)}`;
}
