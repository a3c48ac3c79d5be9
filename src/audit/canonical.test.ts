import assert from 'node:assert/strict'
import { test } from 'node:test'
import canonicalize from 'canonicalize'
import * as fc from 'fast-check'
import { canonical } from './canonical.ts'

test('any JSON has the canonical form that an independent implementation gives it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 }), (value) => {
      assert.equal(canonical(value), canonicalize(value))
    }),
    { numRuns: 500 },
  )
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (n) => canonical(n) === canonicalize(n)))
})

test('a sealed value becomes its commitment wherever it stands, and only where there is something to seal with', () => {
  const value = { b: [{ sealed: 'key', value: 'k1' }], a: { sealed: 'key', value: 'k"1' }, sealed: 'no' }
  assert.equal(
    canonical(value, (kind, secret) => `${kind}/${secret.length}`),
    '{"a":{"kind":"key","seal":"key/3"},"b":[{"kind":"key","seal":"key/2"}],"sealed":"no"}',
  )
  assert.equal(canonical(value), canonicalize(value))
})
