/** The whole part of what is from 0 to 2³¹: `Math.floor`, but at once a number of the kind that shares are added up in. */
export function wholePart(value: number): number {
  return value | 0;
}
