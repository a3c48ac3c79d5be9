import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { FormPanel } from '../core/calibration.ts'
import { FormBook, HABIT_COUNTS, kindOf, scoreOf } from './form-book.ts'

const KINDS = 5
const HOT = 8 * 77 + 1
/** What one honest account in forty does. */
const USUAL = 8 * 78 + 1

/** Honest accounts, each in cells of its own. */
function panel(accounts: number): FormPanel {
  return {
    accounts: Array.from({ length: accounts }, (_, account) => {
      const cells = Array.from({ length: 10 }, (__, i) => 8 * (1000 + account * 10 + i) + (i % KINDS))
      if (account % 40 === 0) cells.push(USUAL)
      return { cells: Uint32Array.from(cells), counts: new Uint8Array(cells.length).fill(3) }
    }),
  }
}

/** So many accounts have come to three prompts in a cell. */
function habit(book: FormBook, cell: number, accounts: number): void {
  for (let i = 0; i < accounts; i++) for (const count of [1, 2, 3]) book.reached(cell, count)
}

test('a cell is hot where far more accounts have the habit than honest ones do, and only there', () => {
  const book = new FormBook(panel(1000), KINDS)
  book.accounts = 200
  habit(book, USUAL, 8)
  assert.equal(book.heat(USUAL), 0)
  habit(book, HOT, 30)
  assert.ok(book.heat(HOT) > 1)
  assert.deepEqual([book.heat(USUAL), book.hotCells], [0, 1])
})

test('as many accounts as an honest population would have are no excess, however many come', () => {
  for (const accounts of [100, 1000, 10_000]) {
    const book = new FormBook(panel(1000), KINDS)
    book.accounts = accounts
    habit(book, USUAL, accounts / 40)
    assert.equal(book.hotCells, 0, `${accounts}`)
  }
})

test('a handful of accounts never makes a cell hot', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.constantFrom(...HABIT_COUNTS), (handful, count) => {
      const book = new FormBook(panel(500), KINDS)
      book.accounts = 10
      for (let i = 0; i < handful; i++) book.reached(HOT, count)
      assert.equal(book.hotCells, 0)
    }),
  )
})

test('heat only rises, and is bounded', () => {
  const book = new FormBook(panel(1000), KINDS)
  book.accounts = 500
  let before = 0
  for (let i = 0; i < 2000; i++) {
    book.reached(HOT, 3)
    assert.ok(book.heat(HOT) >= before)
    before = book.heat(HOT)
  }
  assert.ok(before > 0 && before <= 5)
})

test('the more of an account’s prompts are hot the more it weighs, to a bound, and nothing is never negative', () => {
  for (const accounts of [0, 1, 3, 49, 50, 400]) {
    const book = new FormBook(panel(accounts), KINDS)
    book.accounts = 200
    habit(book, HOT, 60)
    const score = fc.double({ min: 0, max: 500, noNaN: true })
    fc.assert(
      fc.property(fc.nat(KINDS - 1), score, score, (kind, a, b) => {
        const [low, high] = [book.weight(kind, Math.min(a, b)), book.weight(kind, Math.max(a, b))]
        assert.ok(low >= 0 && low <= high && high <= Math.log(accounts + 1) + 3 + 1e-9, `${accounts}: ${low} ${high}`)
      }),
    )
    assert.equal(book.weight(kindOf(HOT), 0), 0)
  }
})

test('what honest accounts reach weighs little, and what none of them reaches weighs much', () => {
  const accounts = Array.from({ length: 400 }, (_, i) => ({
    cells: Uint32Array.of(HOT),
    counts: Uint8Array.of(i < 20 ? 2 : 1),
  }))
  const book = new FormBook({ accounts: [...panel(2000).accounts, ...accounts] }, KINDS)
  book.accounts = 200
  // Honest ones are in the cell too, but never three times.
  habit(book, HOT, 60)
  const heat = book.heat(HOT)
  assert.ok(heat > 0)
  const kind = kindOf(HOT)
  assert.ok(book.weight(kind, scoreOf(1, heat)) < 1)
  assert.ok(book.weight(kind, scoreOf(1, heat)) < book.weight(kind, scoreOf(2, heat)))
  assert.ok(book.weight(kind, scoreOf(3, heat)) > book.weight(kind, scoreOf(2, heat)))
  assert.ok(book.weight(kind, scoreOf(8, heat)) > 5)
})

test('one cell alone counts for so many prompts at most', () => {
  assert.ok(scoreOf(40, 2) === scoreOf(8, 2) && scoreOf(8, 2) > scoreOf(7, 2))
})

test('cells that are made up are not kept without end', () => {
  const book = new FormBook(panel(100), KINDS)
  for (let i = 0; i < 150_000; i++) book.reached(8 * i + 8, 2)
  habit(book, 8 * 149_999 + 8, 500)
  assert.equal(book.heat(8 * 149_999 + 8), 0)
  habit(book, 8, 500)
  assert.ok(book.heat(8) > 0)
})
