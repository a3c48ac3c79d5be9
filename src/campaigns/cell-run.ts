import type { Block } from '../sketch/rows.ts'

/**
 * How often an account's prompts fell into each cell of form, as a table of 256 slots of which only the filled ones are kept:
 * first the cells, then a byte for each, in the order of their slots. A cell stands in the first free one of eight slots from
 * its own on; where all of them are taken, the rarest gives way.
 */
export interface CellRun {
  readonly block: Block
  /** Where the run begins among the block's words, and how many cells it has room for. */
  readonly at: number
  readonly room: number
  used: number
}

/** How many cells a run of words has room for. */
export const roomIn = (words: number): number => Math.floor((words * 4) / 5)

const SLOTS = 256
const PROBES = 8
/** Its byte: how many slots from its own it stands, and how often it has been met. */
const AWAY_SHIFT = 5
/** The rarest of eight is met no more than 25 times in two hundred, so that nothing above has to be told apart. */
const MOST_COUNTED = 31

/** Counts a cell, for which there has to be room; gives how often it has been met, or 0 where it is new and another gave way. */
export function countCell(run: CellRun, cell: number): number {
  const { words } = run.block
  const own = cell & (SLOTS - 1)
  let i = lowest(run, own)
  let least = -1
  let leastCount = Infinity
  let leastAway = 0
  for (let away = 0; away < PROBES; away++) {
    const slot = (own + away) & (SLOTS - 1)
    if (slot === 0) i = 0
    if (i >= run.used || slotOf(run, i) !== slot) {
      insert(run, i, cell, away)
      return 1
    }
    const count = countOf(run, i)
    if (words[run.at + i] === cell) {
      const more = Math.min(MOST_COUNTED, count + 1)
      setByte(run, i, away, more)
      return more
    }
    if (count < leastCount) {
      least = i
      leastCount = count
      leastAway = away
    }
    i++
  }
  words[run.at + least] = cell
  setByte(run, least, leastAway, 1)
  return 0
}

/** Goes through the cells in the order of their slots. */
export function eachCell(run: CellRun, fn: (cell: number, count: number) => void): void {
  const { words } = run.block
  for (let i = 0; i < run.used; i++) fn(words[run.at + i]!, countOf(run, i))
}

/** Puts what is in a run into a larger one. */
export function copyCells(from: CellRun, to: CellRun): void {
  to.block.words.set(from.block.words.subarray(from.at, from.at + from.used), to.at)
  to.block.bytes.set(from.block.bytes.subarray(byteAt(from, 0), byteAt(from, from.used)), byteAt(to, 0))
  to.used = from.used
}

/** The first place whose slot is not below one. */
function lowest(run: CellRun, slot: number): number {
  let low = 0
  let high = run.used
  while (low < high) {
    const mid = (low + high) >> 1
    if (slotOf(run, mid) < slot) low = mid + 1
    else high = mid
  }
  return low
}

function insert(run: CellRun, i: number, cell: number, away: number): void {
  const { words, bytes } = run.block
  const first = byteAt(run, 0)
  for (let k = run.used; k > i; k--) {
    words[run.at + k] = words[run.at + k - 1]!
    bytes[first + k] = bytes[first + k - 1]!
  }
  words[run.at + i] = cell
  run.used++
  setByte(run, i, away, 1)
}

const byteAt = ({ at, room }: CellRun, i: number): number => (at + room) * 4 + i

const slotOf = (run: CellRun, i: number): number =>
  (run.block.words[run.at + i]! + (run.block.bytes[byteAt(run, i)]! >>> AWAY_SHIFT)) & (SLOTS - 1)

const countOf = (run: CellRun, i: number): number => run.block.bytes[byteAt(run, i)]! & MOST_COUNTED

function setByte(run: CellRun, i: number, away: number, count: number): void {
  run.block.bytes[byteAt(run, i)] = (away << AWAY_SHIFT) | count
}
