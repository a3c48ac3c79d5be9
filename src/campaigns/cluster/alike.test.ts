import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Random } from '../../lab/random.ts'
import { alikeIn } from './alike.ts'
import {
  cluster,
  group,
  keepsItsPromise,
  member,
  others,
  population,
  withOthers,
} from '../../../test/support/cluster.ts'
import type { ClusterTest, Trait } from './view.ts'

/** Values as programs have them: few common ones and a long tail, up to one of one's own. */
const popular = (random: Random): number => 1 + Math.floor(1 / (random.next() + 1e-5) - 1)

/** Members that are related now and then: each has an earlier member's value with the probability of a spread. */
function related(of: number, kin: number, draw: (random: Random) => number, random: Random): number[] {
  const values: number[] = []
  for (let i = 0; i < of; i++) values.push(random.next() < i / (kin + i) ? random.pick(values) : draw(random))
  return values
}

const judge =
  (trait: Trait): ClusterTest['test'] =>
  ({ members }, others) => {
    const alike = alikeIn(trait, members, others)
    return alike === null ? null : { logE: alike.logE, says: '' }
  }

for (const [of, size] of [
  [6, 60],
  [20, 400],
  [60, 2000],
] as const) {
  for (const kin of [20, 200, 1e9]) {
    test(`${of} honest accounts of ${size}, related with a spread of ${kin}, are not too much alike`, () => {
      const draw = (random: Random) => {
        const own = related(of, kin, popular, random)
        const rest = Array.from({ length: size }, () => popular(random))
        return [
          cluster(own.map((fingerprint) => member({ fingerprint }))),
          withOthers('fingerprint', own, rest),
        ] as const
      }
      keepsItsPromise(judge('fingerprint'), draw, { seed: `${of} ${kin}`, times: of > 50 ? 60 : 200 })
    })
  }
}

test('values that everybody has for himself are alike in nobody', () => {
  const draw = (random: Random) => {
    const own = Array.from({ length: 20 }, () => 1 + random.below(1e9))
    return [
      cluster(own.map((fingerprint) => member({ fingerprint }))),
      withOthers('fingerprint', own, [...Array(300).keys()]),
    ] as const
  }
  keepsItsPromise(judge('fingerprint'), draw, { seed: 'own', times: 100 })
})

test('what is unknown, and what has no population to be held against, is not judged', () => {
  const rare = group((i) => ({ asn: i % 2 === 0 ? 7 : 0 }))
  assert.equal(alikeIn('asn', rare.members, others)!.of, 10)
  assert.equal(alikeIn('params', rare.members, others), null)
  assert.equal(alikeIn('asn', rare.members, population({ accounts: 30 })), null)
  assert.equal(alikeIn('asn', group(() => ({ asn: 7 }), 2).members, others), null)
  assert.equal(alikeIn('asn', [], others), null)
})

test('what many have is no evidence, since those of one trade may all have it', () => {
  const common = alikeIn('userAgent', group(() => ({ userAgent: 1 })).members, others)!
  assert.ok(common.logE < 0)
  assert.ok(common.share > 0.39)
})

test('a fleet within a larger group is seen, as are several of them', () => {
  const part = group((i) => ({ params: i % 5 === 0 ? 7 : 100 + i }), 200)
  assert.ok(alikeIn('params', part.members, others)!.logE > Math.log(1e6))
  const several = group((i) => ({ params: 7 + (i % 4) }), 40)
  assert.ok(alikeIn('params', several.members, others)!.logE > Math.log(1e4))
})
