import { crc32 } from 'node:zlib'

const SLOTS = 1 << 20

/**
 * Whether a line has been seen before, byte by byte, among about the last million different ones. It is for telling that
 * a log was read twice: a line can be forgotten, and two lines in a billion are taken for each other.
 */
export class Duplicates {
  readonly #marks = new Float64Array(SLOTS)

  seen(line: Buffer): boolean {
    const sum = crc32(line)
    // 32 bits of sum and 20 of length; never 0, which is an empty slot.
    const mark = sum * SLOTS + (line.length % SLOTS) + 1
    const slot = sum % SLOTS
    if (this.#marks[slot] === mark) return true
    this.#marks[slot] = mark
    return false
  }
}
