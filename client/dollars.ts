/** `$1.02` of 1,020,000 microdollars; amounts below ten cents have four digits, as `$0.0334`. Rounded toward zero. */
export function dollars(microdollars: number): string {
  const digits = microdollars !== 0 && Math.abs(microdollars) < 100_000 ? 4 : 2;
  const unit = 10 ** (6 - digits);
  const amount = (Math.trunc(Math.abs(microdollars) / unit) * unit) / 1e6;
  return `${microdollars < 0 ? '-' : ''}$${amount.toFixed(digits)}`;
}
