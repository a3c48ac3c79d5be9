import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { ceilings } from './ceilings.ts'
import { cluster, gamma, keepsItsPromise, member, normal, population } from '../../../test/support/cluster.ts'

const fills = (of: number, fill: number) =>
  cluster(Array.from({ length: of }, () => member({ fills: [fill, fill, fill] })))

/** An account's use of its limit, day by day. */
const demands: Readonly<Record<string, (random: Random) => () => number>> = {
  'spread evenly': (random) => () => 2 * random.next(),
  'with a long tail': (random) => () => 0.3 * gamma(0.8, random),
  'the same every day': (random) => {
    const own = 1.5 * random.next()
    return () => own * (1 + 0.03 * normal(random))
  },
  'beyond the limit': (random) => () => 0.7 + gamma(2, random),
}

for (const [name, demand] of Object.entries(demands)) {
  test(`demand ${name} knows nothing of a limit`, () => {
    const draw = (random: Random) => {
      const members = Array.from({ length: 60 }, () => {
        const own = demand(random)
        return member({ fills: Array.from({ length: 5 }, () => Math.min(1, own())) })
      })
      return [cluster(members), population()] as const
    }
    keepsItsPromise(ceilings.test, draw, { seed: name, times: 100 })
  })
}

test('a fleet that fills each account to the brim is seen', () => {
  const { logE, says } = ceilings.test(fills(30, 0.97), population())!
  assert.ok(logE > Math.log(500))
  assert.match(
    says,
    /^Of 30 accounts that come to 80 % of their daily limit without reaching it, 30 mostly end above 90 %/,
  )
})

test('those that reach the limit, stay far from it, or are few, say nothing', () => {
  assert.equal(ceilings.test(fills(30, 1), population()), null)
  assert.equal(ceilings.test(fills(30, 0.4), population()), null)
  assert.equal(ceilings.test(fills(4, 0.95), population()), null)
})
