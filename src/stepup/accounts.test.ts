import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryRecords } from '../core/records.ts'
import { Accounts, DAY_MS, type AccountsOptions } from './accounts.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const HOUR_MS = 3_600_000

/** Two buckets, by the last letter. */
const open = (over: Partial<AccountsOptions> = {}): Accounts =>
  new Accounts({
    records: memoryRecords(),
    maxAccounts: 10,
    buckets: 2,
    bucketOf: (account) => (account.endsWith('x') ? 0 : 1),
    ...over,
  })
const prove = (accounts: Accounts, account: string, used: string, nowMs = NOW): void =>
  accounts.add(account, { kind: 'proof', atMs: nowMs, used }, nowMs)
const count = (accounts: Accounts, account: string, nowMs = NOW): number => accounts.shownBy(account, nowMs).length

test('reading makes no record', () => {
  const accounts = open()
  for (let i = 0; i < 100; i++) assert.equal(count(accounts, `a${i}`), 0)
  assert.equal(accounts.size, 0)
})

test('past the bound newcomers share, have the highest price of their bucket, and push out nobody', () => {
  const accounts = open()
  for (let i = 0; i < 10; i++) for (let n = 0; n <= i; n++) prove(accounts, `known${i}`, `${i}-${n}`)
  for (let i = 0; i < 1000; i++) accounts.fail(`flood${i}x`, NOW)
  prove(accounts, 'late1x', 'one')
  prove(accounts, 'late2x', 'two')
  assert.equal(accounts.size, 10)
  assert.deepEqual(
    Array.from({ length: 10 }, (_, i) => count(accounts, `known${i}`)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.deepEqual([count(accounts, 'late1x'), count(accounts, 'late3x'), count(accounts, 'late3y')], [2, 2, 0])
  assert.ok(accounts.of('late1x').isShared)
  assert.ok(
    accounts.of('late1x').shown.some(({ used }) => used === 'two'),
    'what one has used, none can use',
  )
})

test('whoever shares a record waits for the failures of others, but not for long', () => {
  const accounts = open({ maxAccounts: 1 })
  accounts.fail('first', NOW)
  for (let i = 0; i < 100; i++) accounts.fail('noisy1x', NOW)
  const waitMs = accounts.of('quiet2x').waitUntilMs - NOW
  assert.ok(waitMs > 0 && waitMs <= 5000, String(waitMs))
  assert.equal(accounts.of('quiet2y').waitUntilMs, 0)
  assert.equal(accounts.of('first').waitUntilMs, 0)
})

test('room that becomes free makes nobody’s work easier, and no proof usable again', () => {
  const accounts = open({ maxAccounts: 1 })
  accounts.fail('first', NOW)
  prove(accounts, 'late1x', 'one')
  // The first one is at rest, and forgotten.
  prove(accounts, 'late1x', 'two', NOW + 2 * HOUR_MS)
  assert.equal(accounts.of('late1x').isShared, false)
  assert.deepEqual(
    accounts.of('late1x').shown.map(({ used }) => used),
    ['one', 'two'],
  )
})

test('records at rest are dropped when room is needed, on the disk as well, and no others', () => {
  const records = memoryRecords()
  const accounts = open({ records, maxAccounts: 3 })
  prove(accounts, 'old', 'o', NOW - 2 * DAY_MS - 1)
  prove(accounts, 'young', 'y', NOW - DAY_MS * 1.5)
  accounts.fail('failing', NOW - 1000)
  prove(accounts, 'new', 'n')
  assert.equal(accounts.size, 3)
  assert.deepEqual(
    records.all('step_up').map(({ id }) => id),
    ['account:young', 'account:new'],
  )
})

test('keys that nobody vouches for get half of the room at most', () => {
  const accounts = open()
  for (let i = 0; i < 50; i++) prove(accounts, `key:pt:${i}x`, `p${i}`)
  assert.equal(accounts.size, 5)
  for (let i = 0; i < 5; i++) prove(accounts, `tenant${i}x`, `t${i}`)
  assert.equal(accounts.size, 10)
  assert.equal(count(accounts, 'tenant4x'), 46, 'a newcomer’s price is that of its bucket')
})

test('own and shared records come back after a restart', () => {
  const records = memoryRecords()
  const before = open({ records, maxAccounts: 2 })
  prove(before, 'own1x', 'a')
  prove(before, 'own2x', 'b')
  prove(before, 'late1x', 'c')
  const after = open({ records, maxAccounts: 2 })
  assert.equal(after.size, 2)
  for (const account of ['own1x', 'own2x', 'late1x'])
    assert.deepEqual(after.of(account).shown, before.of(account).shown)
})
