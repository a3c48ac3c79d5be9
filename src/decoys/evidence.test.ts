import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { finishDraft, startDraft, type Draft } from '../core/draft.ts'
import type { RequestEvent } from '../core/event.ts'
import { plainNetwork } from '../core/principal.ts'
import { touchKinds, type Touch } from '../core/touch.ts'
import { aliasEdges, supportedByKey, touchEvidence, withTouch } from './evidence.ts'

const touch = (over: Partial<Touch> = {}): Touch => ({
  kind: 'model',
  name: 'acme-next',
  weight: 8,
  owner: null,
  ...over,
})
const event = (over: Partial<Draft>): RequestEvent =>
  finishDraft({ ...startDraft('req_1', 5, 'hash', 'POST /v1/x', null), ...over }, 6)
const who = {
  keyId: 'k',
  tenant: 'thief',
  account: 'thief',
  profile: 'app',
  credential: 'key',
  user: null,
  trust: null,
} as const

test('evidence is the product over different decoys; the same one again adds nothing', () => {
  assert.equal(touchEvidence([]), 1)
  assert.equal(touchEvidence([touch(), touch(), touch()]), 8)
  assert.equal(touchEvidence([touch(), touch({ name: 'other', weight: 3 }), touch({ kind: 'endpoint' })]), 192)
  assert.equal(touchEvidence([touch(), touch({ weight: 2 })]), 2, 'an alias that has become public weighs less')
})

const touches = fc.array(
  fc.record({
    kind: fc.constantFrom(...touchKinds),
    name: fc.constantFrom('a', 'b', 'c'),
    weight: fc.double({ min: 0, max: 100, noNaN: true }),
    owner: fc.constantFrom(null, 'acme'),
  }),
)

test('no touch ever speaks for an account, and the order of touches does not matter', () => {
  fc.assert(
    fc.property(touches, (all) => {
      const evidence = touchEvidence(all)
      assert.ok(evidence >= 1)
      const turned = touchEvidence(all.toReversed())
      assert.ok(Math.abs(turned - evidence) <= 1e-9 * evidence)
    }),
  )
})

test('what is kept of an account is bounded, and a known decoy is always found again', () => {
  let known: readonly Touch[] = []
  for (let i = 0; i < 10_000; i++) known = withTouch(known, touch({ name: `m${i}` }))
  assert.equal(known.length, 32)
  assert.equal(withTouch(known, touch({ name: 'm3' })), known)
})

test('an alias of another account is an edge from its user to its owner, and no other touch is', () => {
  const alias = touch({ kind: 'alias', name: 'acme-large-x', owner: 'victim' })
  assert.deepEqual(aliasEdges(event({ who, decoys: [touch(), alias] })), [
    { user: 'thief', owner: 'victim', alias: 'acme-large-x', atMs: 5 },
  ])
  assert.deepEqual(aliasEdges(event({ who, decoys: [touch({ kind: 'alias' })] })), [])
  assert.deepEqual(aliasEdges(event({ who: null, decoys: [alias] })), [])
})

test('a honey key supports a step-up of its network, and a block of one program within it', () => {
  const network = plainNetwork('192.0.2.7', '192.0.2.0/24')
  const client = { id: 'fp_1', sdk: null, consistent: true, inconsistencies: [] }
  const decoys = [touch({ kind: 'key', name: 'repo' })]
  const ofNetwork = { subject: { kind: 'ip_prefix', value: '192.0.2.0/24' }, scope: [], most: 'step_up' }
  assert.deepEqual(supportedByKey(event({ network, client, decoys })), [
    ofNetwork,
    {
      subject: { kind: 'fingerprint', value: 'fp_1' },
      scope: [{ dimension: 'ip_prefix', globs: ['192.0.2.0/24'] }],
      most: 'block',
    },
  ])
  assert.deepEqual(supportedByKey(event({ network, client: null, decoys })), [ofNetwork])
  assert.deepEqual(supportedByKey(event({ decoys })), [], 'an unknown network is everybody')
  for (const kind of ['endpoint', 'model', 'alias', 'prompt'] as const) {
    assert.deepEqual(supportedByKey(event({ network, client, decoys: [touch({ kind })] })), [], kind)
  }
})
