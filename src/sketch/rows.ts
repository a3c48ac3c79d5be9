/**
 * Numbers of many things: a row of one width for each, in blocks. A million rows are some thousand objects for the garbage
 * collector instead of millions, growing copies nothing, and a row costs what is in it. A view (an object with `block` and
 * `at`) reads and writes one row by the names of its layout; it holds nothing, so two views of one row never differ.
 */
export type Kind = 'double' | 'maybe' | 'word' | 'flag' | 'byte'
export type Layout = Readonly<Record<string, Kind>>

/** What a view has for each name: `maybe` is a number that can be null. */
export type Numbers<L extends Layout> = {
  [Name in keyof L]: L[Name] extends 'maybe' ? number | null : L[Name] extends 'flag' ? boolean : number
}

export interface Block {
  readonly doubles: Float64Array
  readonly words: Uint32Array
  readonly floats: Float32Array
  readonly halves: Uint16Array
  readonly bytes: Uint8Array
}

/** Where in which block: a view's two fields. */
export interface Place {
  readonly block: Block
  /** In bytes, a multiple of 8. */
  readonly at: number
}

export interface RowsState {
  readonly layout: string
  readonly length: number
  readonly blocks: readonly Uint8Array[]
}

const SIZES: Readonly<Record<Kind, number>> = { double: 8, maybe: 8, word: 4, flag: 1, byte: 1 }
const SHIFT = 9
const EACH = 1 << SHIFT

export class Rows {
  readonly #layout: string
  readonly #bytes: number
  /** Where numbers stand that are null at first, as places of doubles. */
  readonly #nulls: readonly number[]
  readonly #blocks: Block[] = []
  length = 0

  /** `rest`: bytes of a row beyond its names, from `restOf(layout)` on; `says`: what they are, so that another use is told apart. */
  constructor(layout: Layout, rest: number = 0, says: string = '') {
    this.#layout = `${Object.entries(layout).join(' ')} ${rest} ${says}`
    this.#bytes = aligned(restOf(layout) + rest)
    this.#nulls = [...placed(layout).values()].flatMap(({ kind, offset }) => (kind === 'maybe' ? [offset >>> 3] : []))
  }

  /** A new row, all zero and null; gives its number. */
  add(): number {
    const row = this.length++
    if ((row & (EACH - 1)) === 0) this.#blocks.push(blockOf(new ArrayBuffer(this.#bytes << SHIFT)))
    const at = this.atOf(row) >>> 3
    for (const offset of this.#nulls) this.blockOf(row).doubles[at + offset] = Number.NaN
    return row
  }

  blockOf(row: number): Block {
    return this.#blocks[row >>> SHIFT]!
  }

  atOf(row: number): number {
    return (row & (EACH - 1)) * this.#bytes
  }

  save(): RowsState {
    return { layout: this.#layout, length: this.length, blocks: this.#blocks.map(({ bytes }) => bytes) }
  }

  /** Takes up what was saved; false where it was laid out in another way. */
  load({ layout, length, blocks }: RowsState): boolean {
    if (layout !== this.#layout || blocks.length !== Math.ceil(length / EACH)) return false
    if (blocks.some((bytes) => bytes.length !== this.#bytes << SHIFT)) return false
    this.length = length
    // Copied: what a snapshot is read into need not begin at a multiple of 8.
    this.#blocks.splice(0, Infinity, ...blocks.map((bytes) => blockOf(bytes.slice().buffer)))
    return true
  }
}

export const blockOf = (buffer: ArrayBufferLike): Block => ({
  doubles: new Float64Array(buffer),
  words: new Uint32Array(buffer),
  floats: new Float32Array(buffer),
  halves: new Uint16Array(buffer),
  bytes: new Uint8Array(buffer),
})

/**
 * Gives a class of views a property for each name of a part of a layout. Its `declare` lines say the same to the type checker,
 * which compares the two.
 */
export function defineFields<L extends Layout>(prototype: Numbers<L> & Place, part: L, whole: Layout = part): void {
  const places = placed(whole)
  for (const name of Object.keys(part)) {
    const { kind, offset } = places.get(name)!
    Object.defineProperty(prototype, name, accessorOf(kind, offset))
  }
}

/** Where in a row a name stands, in bytes: for loops over many rows that need one number of each. */
export const offsetOf = <L extends Layout>(layout: L, name: keyof L & string): number =>
  placed(layout).get(name)!.offset

/** Where a row's names end. */
export function restOf(layout: Layout): number {
  return aligned(Object.values(layout).reduce((sum, kind) => sum + SIZES[kind], 0))
}

/** The widest first, so that each is aligned. */
function placed(layout: Layout): ReadonlyMap<string, { readonly kind: Kind; readonly offset: number }> {
  const found = new Map<string, { kind: Kind; offset: number }>()
  let offset = 0
  for (const size of [8, 4, 1]) {
    for (const [name, kind] of Object.entries(layout)) {
      if (SIZES[kind] !== size) continue
      found.set(name, { kind, offset })
      offset += size
    }
  }
  return found
}

function accessorOf(kind: Kind, offset: number): PropertyDescriptor & ThisType<Place> {
  switch (kind) {
    case 'double': {
      const k = offset >>> 3
      return {
        get() {
          return this.block.doubles[(this.at >>> 3) + k]
        },
        set(value: number) {
          this.block.doubles[(this.at >>> 3) + k] = value
        },
      }
    }
    case 'maybe': {
      const k = offset >>> 3
      return {
        get() {
          const value = this.block.doubles[(this.at >>> 3) + k]!
          return Number.isNaN(value) ? null : value
        },
        set(value: number | null) {
          this.block.doubles[(this.at >>> 3) + k] = value ?? Number.NaN
        },
      }
    }
    case 'word': {
      const k = offset >>> 2
      return {
        get() {
          return this.block.words[(this.at >>> 2) + k]
        },
        set(value: number) {
          this.block.words[(this.at >>> 2) + k] = value
        },
      }
    }
    case 'flag':
      return {
        get() {
          return this.block.bytes[this.at + offset] !== 0
        },
        set(value: boolean) {
          this.block.bytes[this.at + offset] = value ? 1 : 0
        },
      }
    case 'byte':
      return {
        get() {
          return this.block.bytes[this.at + offset]
        },
        set(value: number) {
          this.block.bytes[this.at + offset] = value
        },
      }
  }
}

const aligned = (bytes: number): number => (bytes + 7) & ~7
