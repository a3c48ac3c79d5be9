import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { piecesOf, WINDOW } from './windows.ts'

const unitsOf = (texts: readonly string[], max: number): number =>
  piecesOf(texts, max).reduce((sum, { from, to }) => sum + to - from, 0)

test('texts within the bound are looked at whole, and empty ones not at all', () => {
  assert.deepEqual(piecesOf(['ab', '', 'c'], 1000), [
    { index: 0, text: 'ab', from: 0, to: 2 },
    { index: 2, text: 'c', from: 0, to: 1 },
  ])
  assert.deepEqual(piecesOf([], 1000), [])
  assert.deepEqual(piecesOf([''], 0), [])
})

test('no texts are looked at beyond the bound, in any number, of any length, for any bound', () => {
  const text = fc.nat(40_000).map((length) => 'x'.repeat(length))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 20 }), fc.integer({ min: -5, max: 70_000 }), (texts, max) => {
      assert.ok(unitsOf(texts, max) <= Math.max(0, max))
    }),
  )
})

test('pieces are in order and never overlap', () => {
  const text = fc.nat(9000).map((length) => 'x'.repeat(length))
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), fc.nat(30_000), (texts, max) => {
      let index = 0
      let end = 0
      for (const piece of piecesOf(texts, max)) {
        assert.ok(piece.from < piece.to && piece.to <= texts[piece.index]!.length)
        assert.ok(piece.index > index || (piece.index === index && piece.from >= end))
        index = piece.index
        end = piece.to
      }
    }),
  )
})

test('of a long text the start, the end and evenly spaced windows are looked at', () => {
  const text = 'x'.repeat(1_000_000)
  const pieces = piecesOf([text], 65_536)
  assert.equal(pieces.length, 18)
  assert.deepEqual([pieces[0]!.from, pieces[0]!.to], [0, 16_384])
  assert.deepEqual([pieces[17]!.from, pieces[17]!.to], [1_000_000 - 16_384, 1_000_000])
  const gaps = pieces.slice(1).map(({ from }, i) => from - pieces[i]!.to)
  assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1, String(gaps))
  for (const { from, to } of pieces.slice(1, -1)) assert.equal(to - from, WINDOW)
  assert.equal(unitsOf([text], 65_536), 65_536)
})

test('thousands of tiny texts cost as texts do and not as their letters', () => {
  const texts = Array.from({ length: 100_000 }, () => 'x')
  assert.ok(piecesOf(texts, 65_536).length <= 65_536 / 16)
})

test('windows fall into the texts that stand where they are', () => {
  const texts = ['a'.repeat(10_000), 'b'.repeat(10_000), 'c'.repeat(10_000)]
  const pieces = piecesOf(texts, 8192)
  assert.deepEqual(pieces[0], { index: 0, text: texts[0], from: 0, to: 2048 })
  assert.deepEqual(pieces.at(-1), { index: 2, text: texts[2], from: 7952, to: 10_000 })
  assert.ok(pieces.some(({ index }) => index === 1))
})
