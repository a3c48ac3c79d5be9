import { PRIME } from './hash.ts'

/*
 * The functions of `hash.ts` for loops over every token of a text: the same 32 bits as a signed number, which V8 passes
 * about without making an object of it.
 */

export function mix32(h: number): number {
  let x = h
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/** What `join` makes of its second number; a token that is joined several times needs it once. */
export const joinPart = (b: number): number => Math.imul(b ^ 0x7f4a7c15, 0x85ebca77)

export const joinTo = (a: number, part: number): number => mix32((Math.imul(a, 0x9e3779b1) + part) | 0)

export const join32 = (a: number, b: number): number => joinTo(a, joinPart(b))

/** One step of FNV-1a. */
export const step32 = (h: number, c: number): number => Math.imul(h ^ c, PRIME)
