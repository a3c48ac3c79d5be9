import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom, type Random } from '../../lab/random.ts'
import { atLook, clusterEvidence, familiesPast } from './combine.ts'
import { clusterTests } from './index.ts'
import {
  altered,
  ANSWERS,
  cluster,
  dirichlet,
  draws,
  fleet,
  keepsItsPromise,
  people,
  population,
} from '../../../test/support/cluster.ts'
import type { MemberView } from './view.ts'

const answering = (members: readonly MemberView[], law: () => ArrayLike<number>, random: Random) =>
  altered(members, () => ({ answers: draws(law(), 40, random) }))

test('a fleet passes in several families, honest people in none', () => {
  const random = createRandom('combine')
  const law = dirichlet(ANSWERS, 10, random)
  const members = altered(
    answering(fleet(20, 6, random), () => law, random),
    () => ({ fingerprint: 77 }),
  )
  const found = clusterEvidence(cluster(members), population())
  assert.deepEqual(familiesPast(found, 1e3).sort(), ['infrastructure', 'output', 'timing'])
  assert.ok(found.logE > Math.log(1e3))
  assert.ok(found.findings.every((one, i, all) => i === 0 || one.evidence <= all[i - 1]!.evidence))
  assert.ok(found.findings.every(({ evidence, says }) => Number.isFinite(evidence) && says.endsWith('.')))

  const honest = answering(people('daily', 20, 6, random), () => dirichlet(ANSWERS, 10, random), random)
  const others = clusterEvidence(cluster(honest), population())
  assert.deepEqual(familiesPast(others, 20), [])
  assert.ok(others.logE < Math.log(2))
})

test('the whole keeps the promise of its parts', () => {
  keepsItsPromise(
    (group, others) => ({ logE: clusterEvidence(group, others).logE, says: '' }),
    (random) => [
      cluster(answering(people('daily', 8, 3, random), () => dirichlet(ANSWERS, 10, random), random)),
      population(),
    ],
    { seed: 'whole', times: 40 },
  )
})

test('a group of which nothing is known has no evidence', () => {
  assert.deepEqual(clusterEvidence(cluster([]), population()), { logE: 0, byFamily: new Map(), findings: [] })
})

test('all looks together spend no more than there is', () => {
  let spent = 0
  for (let look = 1; look <= 1000; look++) spent += Math.exp(atLook(0, look))
  assert.ok(spent < 1 && spent > 0.99)
})

test('no two tests have one name', () => {
  assert.equal(new Set(clusterTests.map(({ name }) => name)).size, clusterTests.length)
})
