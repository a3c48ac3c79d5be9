import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AMBIGUOUS, bearer, presentedSecret, type Place } from './credentials.ts'

const SECRET = 'wr_acme_0123456789abcdef'
const openai: readonly Place[] = [{ bearer: true }, { header: 'api-key' }]
const google: readonly Place[] = [{ header: 'x-goog-api-key' }, { query: 'key' }, { bearer: true }]

const presented = (
  places: readonly Place[],
  headers: Readonly<Record<string, string>>,
  query = '',
): string | undefined | typeof AMBIGUOUS =>
  presentedSecret(places, { header: (name) => headers[name] }, new URLSearchParams(query))

test('the secret is what follows Bearer, in any case, with any spaces around it', () => {
  for (const [header, secret] of [
    [`Bearer ${SECRET}`, SECRET],
    [`bearer ${SECRET}`, SECRET],
    [`BEARER   ${SECRET}  `, SECRET],
    ['Bearer a b', 'a b'],
    ['Bearer ', ''],
    ['Bearer', ''],
    ['', ''],
    ['Basic dXNlcjpwYXNz', ''],
    [SECRET, ''],
    [`Bearer:${SECRET}`, ''],
    [undefined, undefined],
  ] as const) {
    assert.equal(bearer(header), secret, String(header))
  }
})

test('a credential is taken from where the vendor puts it and from nowhere else', () => {
  assert.equal(presented(openai, { authorization: `Bearer ${SECRET}` }), SECRET)
  assert.equal(presented(openai, { 'api-key': SECRET }), SECRET)
  assert.equal(presented(openai, { 'x-api-key': SECRET }), undefined)
  assert.equal(presented(openai, {}, `key=${SECRET}`), undefined)
  assert.equal(presented(google, {}, `key=${SECRET}`), SECRET)
  assert.equal(presented(google, { 'x-goog-api-key': SECRET }), SECRET)
})

test('the same credential twice is one, two different ones are none', () => {
  assert.equal(presented(google, { 'x-goog-api-key': SECRET }, `key=${SECRET}`), SECRET)
  assert.equal(presented(google, { 'x-goog-api-key': SECRET }, 'key=other'), AMBIGUOUS)
  assert.equal(presented(google, {}, 'key=one&key=two'), AMBIGUOUS)
  assert.equal(presented(openai, { authorization: 'Bearer one', 'api-key': 'two' }), AMBIGUOUS)
})

test('a scheme that is not Bearer is no credential beside a real one, and an empty one by itself', () => {
  assert.equal(presented(openai, { authorization: 'Basic dXNlcjpwYXNz', 'api-key': SECRET }), SECRET)
  assert.equal(presented(openai, { authorization: 'Basic dXNlcjpwYXNz' }), '')
})
