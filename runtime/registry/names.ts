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
  const a = sixteenBits(random) + sixteenBits(random);
  const b = sixteenBits(random);
  const c = sixteenBits(random, 0x0fff, 0x4000);
  const d = sixteenBits(random, 0x3fff, 0x8000);
  const e = sixteenBits(random) + sixteenBits(random) + sixteenBits(random);
  return `${a}-${b}-${c}-${d}-${e}`;
}

/** Four hexadecimal digits. */
function sixteenBits(random: Random, mask = 0xffff, set = 0): string {
  const bits = (random.below(0x1_0000) & mask) | set;
  return bytes[bits >> 8]! + bytes[bits & 0xff]!;
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
