import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { MarkFinder, Marks } from './marks.ts'

const marks = new Marks(new Uint8Array(32).fill(3))

test('each account has its own mark, and it is always the same', () => {
  assert.match(marks.of('acme'), /^[0-9a-f]{20}$/)
  assert.equal(marks.of('acme'), new Marks(new Uint8Array(32).fill(3)).of('acme'))
  assert.notEqual(marks.of('acme'), marks.of('other'))
  assert.notEqual(marks.of('acme'), new Marks(new Uint8Array(32).fill(4)).of('acme'))
})

test('a mark is found wherever an answer is cut, in any case, and is not found where it is not', () => {
  const mark = marks.of('acme')
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      fc.boolean(),
      (before, after, sizes, isThere) => {
        // Else it is there after all.
        fc.pre(!before.toLowerCase().endsWith(mark[0]!))
        const text = `${before}${isThere ? mark.toUpperCase() : mark.slice(1)}${after}`
        const finder = new MarkFinder(mark)
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = sizes[i % sizes.length]!
          finder.feed(text.slice(at, at + size))
          at += size
        }
        assert.equal(finder.isFound, isThere)
      },
    ),
  )
})

test('an answer without end is not looked through without end', () => {
  const finder = new MarkFinder('abc')
  for (let i = 0; i < 5; i++) finder.feed('x'.repeat(1 << 16))
  finder.feed('abc')
  assert.equal(finder.isFound, false)
})
