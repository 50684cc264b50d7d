import type { Random } from "../../base/random.ts";

/** Without vowels and look-alikes, so that no word comes out (`apimachinery/pkg/util/rand`). */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX = 5;
const LONGEST = 63;

/** A name that begins with `base`, which is cut so that the whole is a DNS label (`apiserver/pkg/storage/names`). */
export function generateName(base: string, random: Random): string {
  let name = base.slice(0, LONGEST - SUFFIX);
  for (let count = 0; count < SUFFIX; count++) name += alphabet[random.below(alphabet.length)];
  return name;
}

/** A version 4 UUID. Unique as far as the randomness is. */
export function createUid(random: Random): string {
  let next = 0;
  for (let group = 0; group < 8; group++) {
    const drawn = random.below(0x1_0000);
    const bits = group === 3 ? (drawn & 0x0fff) | 0x4000 : group === 4 ? (drawn & 0x3fff) | 0x8000 : drawn;
    if (group >= 2 && group <= 5) units[next++] = 0x2d;
    for (let shift = 12; shift >= 0; shift -= 4) units[next++] = digits.charCodeAt((bits >> shift) & 0xf);
  }
  return String.fromCharCode.apply(undefined, units);
}

/** The characters of the uid that is being made: put together at once they cost one text, and not twenty. */
const units: number[] = new Array(36).fill(0);
const digits = "0123456789abcdef";
