/** A small seeded generator (mulberry32, public domain, Tommy Ettinger): the same seed gives the same run. Uniform in [0, 1). */
export const generator = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Standard deviation of a call's logarithm: half of all values are within a third of the median. */
export const SPREAD = 0.45;

/** Log-normal about `median`. */
export const around = (median: number, random: () => number): number => {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(SPREAD * normal);
};

/** How many tries it takes, at least one, `mean` on average. */
export const geometric = (mean: number, random: () => number): number =>
  mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean));
