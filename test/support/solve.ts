import { hash as digest } from 'node:crypto'
import { leadingZeroBits } from '../../src/stepup/challenge.ts'

/** Does the work of a challenge, as its solver must. */
export function solve({ text, bits }: { readonly text: string; readonly bits: number }): string {
  for (let n = 0; ; n++) {
    if (leadingZeroBits(digest('sha256', `${text}:${n}`, 'buffer')) >= bits) return String(n)
  }
}

/** A number that does not solve it. */
export function wrongFor({ text, bits }: { readonly text: string; readonly bits: number }): string {
  for (let n = 0; ; n++) {
    if (leadingZeroBits(digest('sha256', `${text}:${n}`, 'buffer')) < bits) return String(n)
  }
}
