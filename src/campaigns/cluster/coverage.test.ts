import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../lab/random.ts'
import { coverageOf } from './coverage.ts'
import { member } from '../../../test/support/cluster.ts'

function covering(cells: readonly number[]) {
  const coverage = new Uint8Array(256)
  for (const cell of cells) coverage[cell >> 3]! |= 1 << (cell & 7)
  return member({ coverage })
}

const byChance = (of: number, random: Random) => covering(Array.from({ length: of }, () => random.below(2048)))

test('it counts what all have covered, what each has, and what each has alone', () => {
  const { cells, of, each, alone } = coverageOf([covering([0, 1, 2]), covering([2, 3]), covering([2047]), member()])
  assert.deepEqual({ cells, of, each, alone }, { cells: 5, of: 2048, each: 2, alone: 4 / 3 })
})

test('members that fall into cells by chance are as fresh as chance', () => {
  const random = createRandom('chance')
  for (const [of, each] of [
    [4, 100],
    [20, 200],
    [40, 50],
  ] as const) {
    const { fresh } = coverageOf(Array.from({ length: of }, () => byChance(each, random)))
    assert.ok(Math.abs(fresh - 1) < 0.1, `${of} ${each}: ${fresh}`)
  }
})

test('work that is dealt out is fresher, people with one interest are staler', () => {
  const dealt = Array.from({ length: 16 }, (_, i) => covering(Array.from({ length: 100 }, (_, cell) => i * 100 + cell)))
  assert.ok(coverageOf(dealt).fresh > 1.8)
  assert.equal(coverageOf(dealt).alone, 100)
  const random = createRandom('interest')
  const alike = Array.from({ length: 16 }, () => covering(Array.from({ length: 100 }, () => random.below(200))))
  assert.ok(coverageOf(alike).fresh < 0.1)
})

test('nothing covered is nothing taken; everything covered leaves nothing fresh', () => {
  assert.deepEqual(coverageOf([]), { cells: 0, of: 0, each: 0, alone: 0, fresh: 1 })
  assert.deepEqual(coverageOf([member()]), { cells: 0, of: 0, each: 0, alone: 0, fresh: 1 })
  const all = member({ coverage: new Uint8Array(256).fill(255) })
  assert.equal(coverageOf([all, all]).alone, 0)
})
