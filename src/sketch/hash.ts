/** FNV-1a's prime. */
export const PRIME = 0x01000193

/** Murmur3's finaliser: every bit of the input moves every bit of the result. */
export function mix(h: number): number {
  let x = h
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

/** Two numbers to one, in order; small ones do not meet either. */
export const join = (a: number, b: number): number =>
  mix((Math.imul(a, 0x9e3779b1) + Math.imul(b ^ 0x7f4a7c15, 0x85ebca77)) | 0)
