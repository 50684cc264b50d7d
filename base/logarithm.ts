const terms = 16;

/**
 * The natural logarithm of a positive number, to within a few units in the last place. Built from the four operations
 * that IEEE 754 defines exactly, so that every engine gives the same bits; `Math.log` may differ between engines.
 */
export function naturalLogarithm(value: number): number {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY)
    return value === 0 ? Number.NEGATIVE_INFINITY : value;
  let mantissa = value;
  let exponent = 0;
  while (mantissa >= 1.5) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 artanh((m − 1) / (m + 1)), here with |z| ≤ 0.2.
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let series = 0;
  for (let term = terms; term >= 0; term--) series = series * square + 1 / (2 * term + 1);
  return exponent * Math.LN2 + 2 * z * series;
}
