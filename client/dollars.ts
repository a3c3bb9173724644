/**
 * `$1.02` of 1,020,000 microdollars. Amounts below a dollar have three digits, as `$0.288`. Below a cent they have four, as `$0.0024`, and
 * below 100 microdollars six, so that no cost is shown as zero. Rounded to the nearest.
 */
export function dollars(microdollars: number): string {
  if (microdollars < 0) return `-${dollars(-microdollars)}`;
  const digits = !microdollars || microdollars >= 999_500 ? 2 : microdollars < 100 ? 6 : microdollars < 9_950 ? 4 : 3;
  return `$${(microdollars / 1e6).toFixed(digits).replace(/\B(?=(...)+\.)/g, ',')}`;
}
