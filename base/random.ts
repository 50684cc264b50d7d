/** Seeded randomness that can be forked by name: what one user draws never changes what another draws. */
export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** An independent generator, determined by this one's seed and the name alone. */
  fork(name: string): Random;
}

/** splitmix32 over a 32-bit state. Not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return {
    below: (bound) => Math.floor((next() / 0x1_0000_0000) * bound),
    fork: (name) => seededRandom(hash32(`${seed}/${name}`)),
  };
}

/** FNV-1a over UTF-16 code units: quick, stable, not cryptographic. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}
