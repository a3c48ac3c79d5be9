import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLadder } from './ladder.ts'
import { supportOf } from './support.ts'

const accounts = (count: number, ...more: readonly number[]): { scores: readonly number[] } => ({
  scores: [...Array.from({ length: count }, () => 0), ...more],
})

test('412 accounts support an error of 1 in 413: watch and notice, and nothing that a client feels', () => {
  const { oneIn, reach, enough } = supportOf('app', accounts(412), defaultLadder)
  assert.deepEqual([oneIn, enough], [413, true])
  assert.deepEqual(
    reach.map(({ level, evidence, fromScore }) => [level, evidence, fromScore !== null]),
    [
      ['watch', 20, true],
      ['notice', 100, true],
      ['step_up', 500, false],
      ['tarpit', 1000, false],
      ['squeeze', 10_000, false],
    ],
  )
})

test('one high score among many accounts takes away levels that their number would support', () => {
  const without = supportOf('app', accounts(2000), defaultLadder)
  const with20 = supportOf('app', accounts(2000, 20, 3), defaultLadder)
  const reached = ({ reach }: typeof without): string[] =>
    reach.filter(({ fromScore }) => fromScore !== null).map(({ level }) => level)
  assert.deepEqual(reached(without), ['watch', 'notice', 'step_up', 'tarpit'])
  assert.deepEqual(with20.highest, [20, 3, 0, 0, 0])
  assert.ok(with20.mostEvidence <= with20.oneIn / 2 + 1)
  assert.deepEqual(reached(with20), ['watch', 'notice', 'step_up', 'tarpit'])
  const withThree = supportOf('app', accounts(2000, 20, 20, 20), defaultLadder)
  assert.deepEqual(reached(withThree), ['watch', 'notice', 'step_up'])
})

test('scores from which levels are reached rise with the level', () => {
  const { reach } = supportOf('app', accounts(20_000, 5, 4, 7), defaultLadder)
  const from = reach.map(({ fromScore }) => fromScore ?? Infinity)
  assert.deepEqual(
    from,
    from.toSorted((a, b) => a - b),
  )
  assert.ok(from[0]! > 0)
})

test('below a hundred accounts a segment is not judged by', () => {
  assert.equal(supportOf('app', accounts(99), defaultLadder).enough, false)
  assert.equal(supportOf('app', accounts(100), defaultLadder).enough, true)
  assert.equal(supportOf('app', accounts(0), defaultLadder).mostEvidence, 1)
})
