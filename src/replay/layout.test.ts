import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columns, percent, rarity, shown, span, usd, wrapped } from './layout.ts'

test('names from a log cannot move a cursor, turn the writing around or begin a new line', () => {
  assert.equal(shown('a\u001b[2Jb\r\nc\u202ed\u200b\u2028e\u0000'), 'a?[2Jb??c?d??e?')
  assert.equal(shown('x'.repeat(100), 10), `${'x'.repeat(9)}…`)
  assert.equal(shown('\ud83d\ude42'.repeat(20), 10).length <= 10, true)
})

test('numbers are written for people', () => {
  for (const [written, expected] of [
    [percent(0), '0%'],
    [percent(0.0001), 'less than 0.1%'],
    [percent(0.012), '1.2%'],
    [percent(0.996), 'more than 99%'],
    [percent(1), '100%'],
    [usd(0), '0.00 USD'],
    [usd(0.0125), '0.0125 USD'],
    [usd(12_345.678), '12,345.68 USD'],
    [span(0), '0 s'],
    [span(59_400), '59 s'],
    [span(3_600_000), '1 h'],
    [span(90_061_000), '1 d 1 h'],
    [span(-5), '0 s'],
    [rarity(1), 'no evidence'],
    [rarity(25), 'at most 1 in 25'],
    [rarity(123_456), 'at most 1 in 120,000'],
    [rarity(1e300), 'less than 1 in a trillion'],
  ] as const) {
    assert.equal(written, expected)
  }
})

test('columns stand under each other, and text breaks at spaces', () => {
  assert.deepEqual(
    columns(
      ['a', '>bb'],
      [
        ['x', '1'],
        ['long', '1000'],
      ],
    ),
    ['a       bb', 'x        1', 'long  1000'],
  )
  assert.deepEqual(wrapped('one two three', 7), ['one two', 'three'])
  assert.deepEqual(wrapped('unbreakable', 3), ['unbreakable'])
  assert.deepEqual(wrapped('', 3), [])
})
