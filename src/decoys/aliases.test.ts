import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AliasBook, PUBLIC_FROM } from './aliases.ts'

const SECRET = new Uint8Array(32).fill(7)
const JANUARY = Date.UTC(2026, 0, 15)
const at = (month: number, day = 15): number => Date.UTC(2026, month, day)
const book = (most = 1000, secret = SECRET): AliasBook => new AliasBook(secret, most)

const accounts = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 60 })
const days = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 0, 31, 23, 59, 59) })

test('an alias is the same all month, in every process that has the secret, and another one the next month', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), days, days, (account, one, other) => {
      const code = book().give(account, one)
      assert.match(code, /^[0-9a-hjkmnp-tv-z]{16}$/)
      assert.equal(book().give(account, other), code)
      assert.notEqual(book().give(account, at(1)), code)
    }),
  )
})

test('no two accounts have the same alias, in no two months', () => {
  fc.assert(
    fc.property(accounts, (names) => {
      const aliases = book()
      const codes = [0, 1, 2].flatMap((month) => names.map((name) => aliases.give(name, at(month))))
      assert.equal(new Set(codes).size, codes.length)
    }),
  )
  const many = book(100_000)
  const codes = new Set(Array.from({ length: 50_000 }, (_, i) => many.give(`account-${i}`, JANUARY)))
  assert.equal(codes.size, 50_000)
})

test('without the secret nothing of an alias follows from the account, nor from the aliases of others', () => {
  fc.assert(
    fc.property(accounts, fc.uint8Array({ minLength: 32, maxLength: 32 }), (names, secret) => {
      const guesses = new Set(names.map((name) => book(1000, secret).give(name, JANUARY)))
      for (const name of names)
        assert.equal(
          guesses.has(book().give(name, JANUARY)),
          secret.every((b) => b === 7),
        )
    }),
  )
  // Every digit behind the month is as good as drawn: of 70 bits half differ between neighbours.
  const aliases = book(100_000)
  const digits = '0123456789abcdefghjkmnpqrstvwxyz'
  const bits = (code: string): string =>
    Array.from(code.slice(2), (c) => digits.indexOf(c).toString(2).padStart(5, '0')).join('')
  let different = 0
  for (let i = 0; i < 2000; i++) {
    const [a, b] = [bits(aliases.give(`a${i}`, JANUARY)), bits(aliases.give(`a${i + 1}`, JANUARY))]
    for (let k = 0; k < 70; k++) if (a[k] !== b[k]) different++
  }
  // 140,000 fair coins: four standard deviations are 748.
  assert.ok(Math.abs(different - 70_000) < 748, String(different))
})

test('its owner uses it as its own, everybody else as that of the owner, and it is nobody else’s', () => {
  fc.assert(
    fc.property(accounts, days, ([owner, ...others], nowMs) => {
      const aliases = book()
      const code = aliases.give(owner!, nowMs)
      assert.deepEqual(aliases.read(code, owner!, nowMs), { whose: 'own', owner: null, users: 0 })
      for (const other of others) {
        const { whose, owner: found } = aliases.read(code, other, nowMs)!
        assert.deepEqual([whose, found], ['other', owner])
      }
    }),
  )
})

test('the alias of last month is remembered, and an owner’s own for ever, also by a process that has not given it out', () => {
  const aliases = book()
  const january = aliases.give('acme', JANUARY)
  aliases.give('acme', at(1))
  assert.equal(aliases.read(january, 'other', at(1))!.owner, 'acme')
  assert.equal(aliases.read(january, 'other', at(2, 28))!.whose, 'unknown')
  for (let month = 0; month <= 90; month++) assert.equal(book().read(january, 'acme', at(month))!.whose, 'own')
  assert.equal(book().read(book().give('acme', at(5)), 'acme', JANUARY)!.whose, 'unknown', 'of a month to come')
})

test('after a restart it is known again whose the aliases of this month and the last are, once the owner is named', () => {
  const before = book()
  const [december, january] = [before.give('acme', Date.UTC(2025, 11, 31)), before.give('acme', JANUARY)]
  const after = book()
  assert.equal(after.read(january, 'other', JANUARY)!.whose, 'unknown')
  after.give('acme', JANUARY)
  for (const code of [december, january]) assert.equal(after.read(code, 'other', JANUARY)!.owner, 'acme')
})

test('what does not look like an alias is none, and whatever does is one, so that nobody learns which are right', () => {
  const aliases = book()
  for (const code of ['', 'mini', 'ABCDEFGHJKMNPQRS', 'a'.repeat(15), 'a'.repeat(17), `${'a'.repeat(15)}l`]) {
    assert.equal(aliases.read(code, 'acme', JANUARY), null, code)
  }
  assert.deepEqual(aliases.read('a'.repeat(16), 'acme', JANUARY), { whose: 'unknown', owner: null, users: 0 })
})

test('at the bound nobody is pushed out: newcomers keep their alias, and nobody knows that it is theirs', () => {
  const aliases = book(2)
  const [first, second, third] = ['a', 'b', 'c'].map((name) => aliases.give(name, JANUARY))
  for (let i = 0; i < 1000; i++) aliases.give(`throw-away-${i}`, JANUARY)
  assert.equal(aliases.read(first!, 'x', JANUARY)!.owner, 'a')
  assert.equal(aliases.read(second!, 'x', JANUARY)!.owner, 'b')
  assert.deepEqual(aliases.read(third!, 'x', JANUARY), { whose: 'unknown', owner: null, users: 0 })
  assert.equal(aliases.read(third!, 'c', JANUARY)!.whose, 'own')
  // The next month has room again.
  const later = aliases.give('c', at(1))
  assert.equal(aliases.read(later, 'x', at(1))!.owner, 'c')
})

test('how many accounts use an alias of another is counted once each, up to where it is public', () => {
  const aliases = book()
  const code = aliases.give('author', JANUARY)
  for (let i = 1; i <= 3; i++) {
    assert.equal(aliases.read(code, `reader-${i}`, JANUARY)!.users, i)
    assert.equal(aliases.read(code, `reader-${i}`, JANUARY)!.users, i)
  }
  for (let i = 4; i < 1000; i++) aliases.read(code, `reader-${i}`, JANUARY)
  assert.equal(aliases.read(code, 'one-more', JANUARY)!.users, PUBLIC_FROM + 1)
})

test('a clock that runs back changes nobody’s alias', () => {
  const aliases = book()
  const february = aliases.give('acme', at(1))
  assert.equal(aliases.give('acme', JANUARY), february)
  assert.equal(aliases.read(february, 'other', JANUARY)!.owner, 'acme')
})
