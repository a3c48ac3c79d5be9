import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Runs } from './runs.ts'

const SIZES = [2, 14, 42, 336]

interface Taken {
  readonly run: number
  readonly size: number
  readonly mark: number
}

const wordsOf = (runs: Runs, { run, size }: Taken): Uint32Array =>
  runs.wordsOf(run).subarray(runs.atOf(run), runs.atOf(run) + SIZES[size]!)

/** Takes a run that has to be empty, and fills it. */
function take(runs: Runs, size: number, mark: number): Taken {
  const taken = { run: runs.take(size), size, mark }
  assert.notEqual(taken.run, 0)
  assert.equal(taken.run % 2, 0)
  const words = wordsOf(runs, taken)
  assert.equal(words.length, SIZES[size])
  assert.ok(words.every((word) => word === 0))
  words.fill(mark)
  return taken
}

const isWhole = (runs: Runs, taken: Taken): boolean => wordsOf(runs, taken).every((word) => word === taken.mark)

test('runs never share a word, whatever is taken and given back, and go through a snapshot', () => {
  const step = fc.tuple(fc.boolean(), fc.nat(SIZES.length - 1), fc.nat(1000))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      let runs = new Runs(SIZES)
      const held: Taken[] = []
      for (const [i, [gives, size, which]] of steps.entries()) {
        if (gives && held.length > 0) {
          const [one] = held.splice(which % held.length, 1)
          assert.ok(isWhole(runs, one!))
          runs.give(one!.run, one!.size)
        } else held.push(take(runs, size, i + 1))
        if (i === 200) {
          const read = new Runs(SIZES)
          assert.ok(read.load(structuredClone(runs.save())))
          runs = read
        }
      }
      for (const one of held) assert.ok(isWhole(runs, one))
    }),
    { numRuns: 60 },
  )
})

test('blocks that are filled to the last word are followed by others', () => {
  const runs = new Runs([2, 4])
  const held = Array.from({ length: 40_000 }, () => runs.take(0))
  assert.equal(new Set(held).size, held.length)
  for (const run of held) assert.equal(runs.wordsOf(run)[runs.atOf(run)], 0)
})

test('what was given back is used before there is more', () => {
  const runs = new Runs(SIZES)
  const run = runs.take(3)
  runs.wordsOf(run).fill(7, runs.atOf(run), runs.atOf(run) + 336)
  runs.give(run, 3)
  assert.equal(take(runs, 3, 1).run, run)
})

test('runs of other sizes, or cut off, are not taken up', () => {
  const runs = new Runs(SIZES)
  runs.take(1)
  assert.equal(new Runs([2, 14]).load(runs.save()), false)
  assert.equal(new Runs(SIZES).load({ ...runs.save(), blocks: [] }), false)
  assert.equal(new Runs(SIZES).load({ ...runs.save(), blocks: [new Uint8Array(3)] }), false)
})
