import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Book } from './book.ts'
import { LocalCounter } from './counter.ts'
import { noFacts, type Facts } from '../core/dimensions.ts'
import type { Limit } from './limit.ts'

const limit: Limit = {
  name: 'l',
  per: ['key', 'ip'],
  match: [],
  when: null,
  resource: 'requests',
  amount: 10,
  windowMs: 60_000,
  kind: 'bucket',
  burst: 10,
  mode: 'enforce',
  onStoreError: 'local',
}
const facts = (over: Partial<Facts>): Facts => ({
  ...noFacts,
  key: 'k',
  tenant: 't',
  user: 'u',
  ip: '192.0.2.1',
  ip_prefix: '192.0.2.0/24',
  model: 'm',
  endpoint: 'e',
  route: 'r',
  global: '',
  ...over,
})
const bookOf = (max: number): Book => new Book((l, key, now) => new LocalCounter(l, key, now), max)

test('one caller has one counter, another caller another', () => {
  const book = bookOf(10)
  const a = book.counter(limit, facts({}), 0)
  assert.equal(book.counter(limit, facts({ model: 'other' }), 0), a, 'the model is not part of this limit')
  assert.notEqual(book.counter(limit, facts({ ip: '192.0.2.2' }), 0), a)
  assert.equal(book.size, 2)
})

test('past the cap newcomers under one key share a counter, and no live counter is evicted', () => {
  const book = bookOf(100)
  const victim = book.counter(limit, facts({ key: 'victim', ip: '198.51.100.1' }), 0)
  victim.owe(10, 0)
  for (let i = 0; i < 10_000; i++) book.counter(limit, facts({ ip: `2001:db8::${i.toString(16)}` }), 0).owe(1, 0)
  assert.ok(book.size <= 101, `${book.size} counters`)
  assert.ok(book.overflows > 9000)
  assert.equal(book.counter(limit, facts({ key: 'victim', ip: '198.51.100.1' }), 0), victim)
  assert.equal(victim.room(0), 0, 'flooding has not forgiven what was counted')
  const late = book.counter(limit, facts({ ip: '203.0.113.9' }), 0)
  assert.equal(late.room(0), 0, 'the flood has used up its own share')
  const other = book.counter(limit, facts({ key: 'other', ip: '203.0.113.9' }), 0)
  assert.equal(other.room(0), 10, "and nobody else's")
})

test('counters at rest make room for newcomers', () => {
  const book = bookOf(100)
  for (let i = 0; i < 100; i++) book.counter(limit, facts({ ip: `192.0.2.${i}` }), 0).owe(1, 0)
  for (let i = 0; i < 100; i++) book.counter(limit, facts({ ip: `198.51.100.${i}` }), 120_000)
  assert.equal(book.overflows, 0)
  assert.ok(book.size <= 101)
})

test("a value with a separator in it cannot name another caller's counter", () => {
  const book = bookOf(10)
  const l: Limit = { ...limit, per: ['model', 'key'] }
  const a = book.counter(l, facts({ model: 'x/key=k', key: 'k' }), 0)
  const b = book.counter(l, facts({ model: 'x', key: 'k' }), 0)
  const c = book.counter(l, facts({ model: '"x"', key: 'k' }), 0)
  assert.equal(new Set([a.key, b.key, c.key]).size, 3)
})

test('raising a limit keeps what was counted', () => {
  const book = bookOf(10)
  book.counter(limit, facts({}), 0).owe(10, 0)
  const raised = book.counter({ ...limit, amount: 15, burst: 15 }, facts({}), 0)
  assert.equal(raised.room(0), 5)
})

test('callers that nobody has configured share under pressure like the addresses that anybody can have', () => {
  const book = bookOf(10)
  const l: Limit = { ...limit, per: ['key', 'tenant'] }
  const caller = (i: number, credential: string): Facts => facts({ key: `pt:${i}`, tenant: `key:pt:${i}`, credential })
  for (let i = 0; i < 500; i++) book.counter(l, caller(i, 'pass_through'), 0).owe(1, 0)
  assert.ok(book.size <= 11, `${book.size} counters`)
  book.counter(l, facts({ key: 'late', credential: 'key' }), 0)
  assert.ok(book.find(l, facts({ key: 'late', credential: 'key' })) !== undefined, 'a configured key has its own')
})

test('users of one name are one within an account and two over accounts', () => {
  const book = bookOf(10)
  const l: Limit = { ...limit, per: ['user'] }
  const ann = book.counter(l, facts({ tenant: 'acme', user: 'ann' }), 0)
  assert.equal(book.counter(l, facts({ tenant: 'acme', user: 'ann', key: 'another' }), 0), ann)
  assert.notEqual(book.counter(l, facts({ tenant: 'globex', user: 'ann' }), 0), ann)
})
