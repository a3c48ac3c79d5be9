import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { network } from './network.ts'
import {
  cluster,
  group,
  keepsItsPromise,
  member,
  others,
  population,
  withOthers,
} from '../../../test/support/cluster.ts'

test('a few networks of a proxy seller for all accounts are alike', () => {
  const { logE, says } = network.test(
    group((i) => ({ asn: 64_500 + (i % 2), ipPrefix: 1000 + i })),
    others,
  )!
  assert.ok(logE > Math.log(1e3))
  assert.match(
    says,
    /^10 of 20 accounts come from AS64500, as under 0.1 % of the others do; 2 different ones in all\.$/,
  )
  assert.match(
    network.test(
      group(() => ({ ipPrefix: 0xabc })),
      others,
    )!.says,
    /the address range 00000abc/,
  )
})

test('a land with three providers is not', () => {
  const provider = (random: Random) => (random.next() < 0.1 ? 1 + random.below(3) : 10 + random.below(300))
  const draw = (random: Random) => {
    // Everybody here is from that land, where in the population every tenth is.
    const own = Array.from({ length: 12 }, () => (random.next() < 0.25 ? 1 + random.below(3) : 10 + random.below(300)))
    const rest = Array.from({ length: 600 }, () => provider(random))
    return [cluster(own.map((asn) => member({ asn }))), withOthers('asn', own, rest)] as const
  }
  keepsItsPromise(network.test, draw, { seed: 'land', times: 100 })
})

test('nothing known of the networks, or of a population, is nothing to say', () => {
  assert.equal(
    network.test(
      group(() => ({})),
      others,
    ),
    null,
  )
  assert.equal(
    network.test(
      group(() => ({ asn: 7 })),
      population({ accounts: 30 }),
    ),
    null,
  )
})
