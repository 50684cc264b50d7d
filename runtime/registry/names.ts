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
  const parts = Array.from({ length: 8 }, () => random.below(0x1_0000));
  parts[3] = (parts[3]! & 0x0fff) | 0x4000;
  parts[4] = (parts[4]! & 0x3fff) | 0x8000;
  const [a, b, c, d, e, f, g, h] = parts.map((part) => (part + 0x1_0000).toString(16).slice(1));
  return `${a}${b}-${c}-${d}-${e}-${f}${g}${h}`;
}
