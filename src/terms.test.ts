import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TermsConfig } from './config/config.ts'
import type { Principal } from './core/principal.ts'
import { memoryRecords, type Records } from './core/records.ts'
import { TermsBook } from './terms.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const terms: TermsConfig = { version: '2026-11', url: 'https://example.com/terms', onUnaccepted: 'deny' }
const who = (account: string, keyId = 'k1'): Principal => ({
  keyId,
  tenant: null,
  account,
  profile: 'app',
  credential: 'key',
  user: null,
  trust: null,
})

test('an account has accepted what one of its keys accepted, from then on and after a restart', () => {
  const records = memoryRecords()
  const book = new TermsBook(terms, records)
  assert.equal(book.accepted('acme'), false)
  const [status, answer] = book.accept(who('acme'), '2026-11', NOW)
  assert.deepEqual([status, answer], [200, book.statusOf('acme')])
  assert.equal(book.accepted('acme'), true)
  assert.equal(book.accepted('other'), false)
  assert.deepEqual(new TermsBook(terms, records).statusOf('acme'), {
    version: '2026-11',
    url: 'https://example.com/terms',
    accepted: true,
    accepted_version: '2026-11',
    accepted_at: '2026-01-05T12:00:00.000Z',
  })
  assert.deepEqual(records.all('terms'), [
    { id: 'acme', value: JSON.stringify({ version: '2026-11', keyId: 'k1', atMs: NOW }) },
  ])
})

test('what was accepted first stays on record: who, and when', () => {
  const records = memoryRecords()
  const book = new TermsBook(terms, records)
  book.accept(who('acme'), '2026-11', NOW)
  book.accept(who('acme', 'k2'), '2026-11', NOW + 5000)
  assert.match(records.all('terms')[0]!.value, /"k1"/)
})

test('only the version in force can be accepted, and only by its name', () => {
  const book = new TermsBook(terms, memoryRecords())
  for (const version of [undefined, null, '', '2026-10', 202611, true, { version: '2026-11' }, ['2026-11']]) {
    assert.equal(book.accept(who('acme'), version, NOW)[0], 409, JSON.stringify(version))
  }
  assert.equal(book.accepted('acme'), false)
})

test('another version has to be accepted anew, and without terms there is nothing to accept', () => {
  const book = new TermsBook(terms, memoryRecords())
  book.accept(who('acme'), '2026-11', NOW)
  book.terms = { ...terms, version: '2027-01' }
  assert.equal(book.accepted('acme'), false)
  assert.equal(book.accept(who('acme'), '2026-11', NOW)[0], 409)
  assert.equal(book.accept(who('acme'), '2027-01', NOW)[0], 200)
  book.terms = null
  assert.equal(book.accepted('anybody'), true)
  assert.equal(book.accept(who('anybody'), '2027-01', NOW)[0], 404)
})

test('what cannot be put on record is not accepted', () => {
  const broken: Records = {
    ...memoryRecords(),
    put: () => {
      throw new Error('disk full')
    },
  }
  const book = new TermsBook(terms, broken)
  assert.throws(() => book.accept(who('acme'), '2026-11', NOW), /disk full/)
  assert.equal(book.accepted('acme'), false)
})

test('invented keys cannot fill the book: others still find room, up to a bound', () => {
  const accepted = JSON.stringify({ version: '2026-11', keyId: 'x', atMs: NOW })
  const filled = (counts: Readonly<Record<string, number>>): TermsBook => {
    const rows = Object.entries(counts).flatMap(([prefix, count]) =>
      Array.from({ length: count }, (_, i) => ({ id: `${prefix}${i}`, value: accepted })),
    )
    return new TermsBook(terms, { all: () => rows, put: () => {}, remove: () => {}, write: () => {} })
  }
  const flooded = filled({ 'key:pt:': 100_000 })
  assert.equal(flooded.accept(who('key:pt:new'), '2026-11', NOW)[0], 503)
  assert.equal(flooded.accept(who('key:pt:7'), '2026-11', NOW)[0], 200, 'who is in the book can go on')
  assert.equal(flooded.accept(who('acme'), '2026-11', NOW)[0], 200)
  const full = filled({ tenant: 200_000 })
  assert.equal(full.accept(who('acme'), '2026-11', NOW)[0], 503)
  full.terms = { ...terms, version: '2027-01' }
  assert.equal(full.accept(who('tenant5'), '2027-01', NOW)[0], 200)
})
