import { type Block, blockOf } from './rows.ts'

/**
 * Runs of words that grow with what is in them: a few sizes, in blocks, so that a short run costs what it holds and nothing is
 * an object of its own. A run that has become too small goes back to those that are free, for the next one of its size.
 */
export interface RunsState {
  readonly sizes: readonly number[]
  readonly blocks: readonly Uint8Array[]
  readonly free: readonly (readonly number[])[]
  readonly next: number
}

const SHIFT = 15
const EACH = 1 << SHIFT
/** Nothing begins at 0, which stands for no run. */
const FIRST = 2

export class Runs {
  /** In words, even ones, the smallest first. */
  readonly sizes: readonly number[]
  readonly #blocks: Block[] = []
  readonly #free: number[][]
  /** The first word that was never given out. */
  #next = 0

  constructor(sizes: readonly number[]) {
    this.sizes = sizes
    this.#free = sizes.map(() => [])
  }

  /** A run of one of the sizes, all zero; gives what it is found by, which is never 0. */
  take(size: number): number {
    const words = this.sizes[size]!
    const used = this.#free[size]!.pop()
    if (used !== undefined) {
      this.clear(used, size)
      return used
    }
    const end = this.#blocks.length << SHIFT
    // No run crosses a block's end.
    if (this.#next + words > end) {
      this.#next = Math.max(FIRST, end)
      this.#blocks.push(blockOf(new ArrayBuffer(EACH * 4)))
    }
    const run = this.#next
    this.#next += words
    return run
  }

  give(run: number, size: number): void {
    this.#free[size]!.push(run)
  }

  clear(run: number, size: number): void {
    const at = this.atOf(run)
    this.wordsOf(run).fill(0, at, at + this.sizes[size]!)
  }

  /** The words among which it is. */
  wordsOf(run: number): Uint32Array {
    return this.#blocks[run >>> SHIFT]!.words
  }

  /** Where among the words it begins. */
  atOf(run: number): number {
    return run & (EACH - 1)
  }

  blockOf(run: number): Block {
    return this.#blocks[run >>> SHIFT]!
  }

  save(): RunsState {
    return {
      sizes: this.sizes,
      blocks: this.#blocks.map(({ bytes }) => bytes),
      free: this.#free.map((runs) => [...runs]),
      next: this.#next,
    }
  }

  /** Takes up what was saved; false where it was of other sizes. */
  load({ sizes, blocks, free, next }: RunsState): boolean {
    if (sizes.length !== this.sizes.length || sizes.some((size, i) => size !== this.sizes[i])) return false
    if (blocks.some((bytes) => bytes.length !== EACH * 4) || next > blocks.length << SHIFT) return false
    this.#blocks.splice(0, Infinity, ...blocks.map((bytes) => blockOf(bytes.slice().buffer)))
    for (const [i, runs] of free.entries()) this.#free[i] = [...runs]
    this.#next = next
    return true
  }
}
