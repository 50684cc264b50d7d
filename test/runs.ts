/**
 * How often a property is tried, as parameters of `fc.assert`. A plain `npm test` draws the same cases each time, so that
 * it fails only for what was changed. `RUNS=20` tries twenty times as many, drawn anew each time, to find what nobody has
 * thought of; a failure prints its seed, and `SEED=…` draws the same cases again.
 */
export function runs(times: number): { numRuns: number; seed?: number } {
  const { RUNS, SEED } = process.env;
  const seed = SEED === undefined ? (RUNS === undefined ? 1 : undefined) : Number(SEED);
  return { numRuns: Math.ceil(times * Number(RUNS ?? 1)), ...(seed === undefined ? {} : { seed }) };
}
