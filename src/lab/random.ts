/**
 * Chance for the lab, from a seed: the same seed gives the same run on every machine. It must not guard anything, since
 * whoever sees some draws can compute the rest.
 */
export interface Random {
  /** In [0, 1), with 53 bits. */
  next(): number
  /** A whole number in [0, n). */
  below(n: number): number
  pick<T>(list: readonly T[]): T
  /** A stream of its own, the same whatever was drawn from this one before. */
  fork(label: string): Random
}

export function createRandom(seed: string | number): Random {
  // sfc32: 128 bits of state, passes PractRand, three shifts a draw.
  let a = hash32(`${seed}`, 1)
  let b = hash32(`${seed}`, 2)
  let c = hash32(`${seed}`, 3)
  let counter = 1

  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let i = 0; i < 12; i++) draw()

  const next = (): number => ((draw() >>> 5) * 0x400_0000 + (draw() >>> 6)) / 0x20_0000_0000_0000
  const below = (n: number): number => Math.floor(next() * n)
  return {
    next,
    below,
    pick: (list) => list[below(list.length)]!,
    fork: (label) => createRandom(`${seed}/${label}`),
  }
}

/** A stable hash of a text, by its UTF-16 units: FNV-1a, then murmur's finish so that every bit depends on every unit. */
export function hash32(text: string, salt: number = 0): number {
  let h = (0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1)) | 0
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix32(h)
}

/** Spreads a whole number over all 32 bits. */
export function mix32(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
