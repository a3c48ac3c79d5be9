import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Block, defineFields, offsetOf, restOf, Rows } from './rows.ts'

const layout = { seen: 'flag', count: 'word', sum: 'double', lastMs: 'maybe', kind: 'byte' } as const

class View {
  readonly block: Block
  readonly at: number
  declare seen: boolean
  declare count: number
  declare sum: number
  declare lastMs: number | null
  declare kind: number

  constructor(rows: Rows, row: number) {
    this.block = rows.blockOf(row)
    this.at = rows.atOf(row)
  }

  get all(): readonly unknown[] {
    return [this.seen, this.count, this.sum, this.lastMs, this.kind]
  }
}
defineFields(View.prototype, layout)

const numbers = fc.tuple(
  fc.boolean(),
  fc.nat(0xffffffff),
  fc.double({ noNaN: true }),
  fc.option(fc.double({ noNaN: true })),
  fc.nat(255),
)

function write(
  view: View,
  [seen, count, sum, lastMs, kind]: readonly [boolean, number, number, number | null, number],
): void {
  Object.assign(view, { seen, count, sum, lastMs, kind })
}

test('a new row knows nothing', () => {
  const rows = new Rows(layout)
  assert.deepEqual(new View(rows, rows.add()).all, [false, 0, 0, null, 0])
})

test('every row holds what was written to it to the last bit, whatever is written to others, and after a snapshot', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1200), numbers), { minLength: 1, maxLength: 60 }), (writes) => {
      const rows = new Rows(layout, 20)
      while (rows.length <= 1200) rows.add()
      const held = new Map<number, readonly unknown[]>()
      for (const [row, values] of writes) {
        write(new View(rows, row), values)
        held.set(row, values)
      }
      const read = new Rows(layout, 20)
      assert.ok(read.load(structuredClone(rows.save())))
      assert.equal(read.length, rows.length)
      for (const one of [rows, read]) for (const [row, values] of held) assert.deepEqual(new View(one, row).all, values)
    }),
    { numRuns: 50 },
  )
})

test('two views of a row never differ', () => {
  const rows = new Rows(layout)
  const row = rows.add()
  const [one, other] = [new View(rows, row), new View(rows, row)]
  one.count = 7
  other.count++
  assert.equal(one.count, 8)
})

test('rows of another layout, size or meaning are not taken up', () => {
  const rows = new Rows(layout)
  rows.add()
  for (const other of [new Rows({ ...layout, more: 'byte' }), new Rows(layout, 8), new Rows(layout, 0, 'signals')]) {
    assert.equal(other.load(rows.save()), false)
    assert.equal(other.length, 0)
  }
  assert.equal(new Rows(layout).load({ ...rows.save(), length: 100_000 }), false)
  assert.equal(new Rows(layout).load({ ...rows.save(), blocks: [new Uint8Array(8)] }), false)
})

test('a number stands where its offset says, and what is beyond the names begins after them', () => {
  const rows = new Rows(layout, 4)
  rows.add()
  const row = rows.add()
  new View(rows, row).kind = 9
  assert.equal(rows.blockOf(row).bytes[rows.atOf(row) + offsetOf(layout, 'kind')], 9)
  assert.ok(restOf(layout) > offsetOf(layout, 'kind') && restOf(layout) % 8 === 0)
})
