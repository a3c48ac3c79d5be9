import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { blockOf } from '../sketch/rows.ts'
import { type CellRun, copyCells, countCell, eachCell, roomIn } from './cell-run.ts'

const WORDS = 256

function fresh(words: number = WORDS): CellRun {
  return { block: blockOf(new ArrayBuffer((words + 8) * 4)), at: 4, room: roomIn(words), used: 0 }
}

/** The table that a run stands for, with all of its slots. */
class Table {
  readonly cells = new Uint32Array(256)
  readonly counts = new Uint8Array(256)

  count(cell: number): number {
    let at = cell & 255
    let least = at
    for (let probe = 0; probe < 8; probe++) {
      if (this.cells[at] === cell || this.counts[at] === 0) {
        this.cells[at] = cell
        return ++this.counts[at]!
      }
      if (this.counts[at]! < this.counts[least]!) least = at
      at = (at + 1) & 255
    }
    this.cells[least] = cell
    this.counts[least] = 1
    return 0
  }
}

const all = (run: CellRun): readonly (readonly [number, number])[] => {
  const found: (readonly [number, number])[] = []
  eachCell(run, (cell, count) => found.push([cell, count]))
  return found
}

test('a run counts as the whole table does, slot for slot, and gives up what that gives up', () => {
  // Cells crowd in a few slots and around the end, so that they give way to one another.
  const cell = fc
    .tuple(fc.nat(3), fc.constantFrom(0, 1, 2, 9, 10, 11, 100, 101, 250, 253, 254, 255))
    .map(([high, slot]) => ((high + 1) << 8) | slot)
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 200 }), (cells) => {
      const run = fresh()
      const table = new Table()
      for (const one of cells) {
        const expected = table.count(one)
        assert.equal(countCell(run, one), Math.min(31, expected))
      }
      const filled = [...table.cells.entries()].flatMap(([slot, one]) =>
        table.counts[slot] === 0 ? [] : [[one, Math.min(31, table.counts[slot]!)] as const],
      )
      assert.deepEqual(all(run), filled)
    }),
    { numRuns: 300 },
  )
})

test('what is put into a larger run stays, and so do the words around it', () => {
  const small = fresh(14)
  for (let i = 0; i < roomIn(14); i++) countCell(small, (i + 1) * 77)
  const large = fresh(42)
  copyCells(small, large)
  assert.deepEqual(all(large), all(small))
  for (let i = large.used; i < large.room; i++) countCell(large, (i + 1) * 1001)
  assert.equal(large.used, roomIn(42))
  assert.deepEqual([...large.block.words.subarray(0, 4), ...large.block.words.subarray(46)], [0, 0, 0, 0, 0, 0, 0, 0])
})
