import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../lab/random.ts'
import { answers } from './answers.ts'
import {
  ANSWERS,
  cluster,
  dirichlet,
  draws,
  keepsItsPromise,
  member,
  population,
} from '../../../test/support/cluster.ts'

/** Members whose answers scatter about one law. */
const about = (law: ArrayLike<number>, spread: number, of: number, each: number, random: Random) =>
  cluster(Array.from({ length: of }, () => member({ answers: draws(dirichlet(law, spread, random), each, random) })))

const groups: Readonly<Record<string, (random: Random) => ArrayLike<number>>> = {
  'people of every trade': () => ANSWERS,
  'people of one trade': (random) => dirichlet(ANSWERS, 5, random),
}

const sizes: readonly (readonly [of: number, each: number])[] = [
  [6, 20],
  [12, 60],
  [20, 100],
]

for (const [name, law] of Object.entries(groups)) {
  for (const spread of [3, 10, 30]) {
    test(`${name} whose answers scatter with ${spread} are no work list`, () => {
      const draw = (random: Random) => {
        const [of, each] = random.pick(sizes)
        return [about(law(random), spread, of, each, random), population()] as const
      }
      keepsItsPromise(answers.test, draw, { seed: `${name} ${spread}`, times: 40 })
    })
  }
}

test('people who are all like the population are no work list either', () => {
  const draw = (random: Random) => [about(ANSWERS, 20, 10, 40, random), population()] as const
  keepsItsPromise(answers.test, draw, { seed: 'like all', times: 40 })
})

test('shares of one work list are', () => {
  const random = createRandom('list')
  const law = dirichlet(ANSWERS, 40, random)
  const { logE, says } = answers.test(about(law, 1e6, 15, 60, random), population())!
  assert.ok(logE > Math.log(1e4))
  assert.match(says, /^The lengths of 900 answers to 15 accounts follow one law/)
  // A few answers each, but many accounts.
  assert.ok(answers.test(about(law, 1e6, 60, 20, random), population())!.logE > Math.log(1e3))
})

test('an application that always answers in a word is no work list', () => {
  const word = Float64Array.from({ length: 16 }, (_, bin) => (bin === 0 ? 1 : 0))
  const { logE } = answers.test(about(word, 1e6, 20, 100, createRandom('word')), population())!
  assert.ok(logE < 0, `${logE}`)
})

test('few answers, or few accounts, say nothing', () => {
  const random = createRandom('few')
  assert.equal(answers.test(about(ANSWERS, 1e6, 20, 9, random), population()), null)
  assert.equal(answers.test(about(ANSWERS, 1e6, 3, 100, random), population()), null)
})
