import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { client } from './client.ts'
import { cluster, group, keepsItsPromise, member, others, withOthers } from '../../../test/support/cluster.ts'

test('accounts with one rare client are alike', () => {
  const { logE, says } = client.test(
    group((i) => ({ fingerprint: i < 18 ? 0xbeef : 100 + i, userAgent: 1 })),
    others,
  )!
  assert.ok(logE > Math.log(1e4))
  assert.match(
    says,
    /^18 of 20 accounts have the client fingerprint 0000beef, as under 0.1 % of the others do; 3 different ones in all\.$/,
  )
})

test('users of a common library are not, though each has the same three traits', () => {
  assert.ok(
    client.test(
      group(() => ({ fingerprint: 1, userAgent: 1, params: 1 })),
      others,
    )!.logE < 0,
  )
  // A tenth of the population has it, a third of those who write scripts.
  const draw = (random: Random) => {
    const own = Array.from({ length: 15 }, () => (random.next() < 0.3 ? 1 : 2 + random.below(500)))
    const rest = Array.from({ length: 600 }, (_, i) => (i % 10 === 0 ? 1 : 2 + random.below(500)))
    const members = own.map((userAgent) => member({ userAgent }))
    return [cluster(members), withOthers('userAgent', own, rest)] as const
  }
  keepsItsPromise(client.test, draw, { seed: 'library', times: 100 })
})

test('nothing known of the clients is nothing to say', () => {
  assert.equal(
    client.test(
      group(() => ({})),
      others,
    ),
    null,
  )
})
