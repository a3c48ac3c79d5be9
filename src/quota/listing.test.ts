import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Book } from './book.ts'
import { LocalCounter } from './counter.ts'
import { noFacts, type Facts } from '../core/dimensions.ts'
import type { Limit } from './limit.ts'
import { listQuotas, ownQuotas, type QuotaRow } from './listing.ts'

const NOW_MS = Date.UTC(2026, 0, 5, 12)

const limit = (over: Partial<Limit>): Limit => ({
  name: 'rpm',
  per: ['key'],
  match: [],
  when: null,
  resource: 'requests',
  amount: 10,
  windowMs: 60_000,
  kind: 'bucket',
  burst: 10,
  mode: 'enforce',
  onStoreError: 'local',
  ...over,
})
const facts = (over: Partial<Facts> = {}): Facts => ({
  ...noFacts,
  key: 'k1',
  tenant: 'acme',
  user: 'ann',
  ip: '192.0.2.1',
  ip_prefix: '192.0.2.0/24',
  model: 'small',
  endpoint: 'e',
  route: 'r',
  global: '',
  ...over,
})
const bookOf = (): Book => new Book((l, key, now) => new LocalCounter(l, key, now), 1000)
const take = (book: Book, of: Limit, who: Facts, units: number): void => {
  const counter = book.counter(of, who, NOW_MS)
  counter.settle(units, units, counter.hold(units, NOW_MS), NOW_MS)
}
const list = (limits: readonly Limit[], book: Book, who = facts()): readonly QuotaRow[] =>
  listQuotas(limits, book, who, NOW_MS)

test('a row says what is used, held, left, and when it rests', () => {
  const book = bookOf()
  const rpm = limit({})
  take(book, rpm, facts(), 3)
  book.counter(rpm, facts(), NOW_MS).hold(1, NOW_MS)
  assert.deepEqual(list([rpm], book), [
    {
      name: 'rpm',
      resource: 'requests',
      mode: 'enforce',
      limit: 10,
      used: 3,
      held: 1,
      debt: 0,
      remaining: 6,
      resets_at: '2026-01-05T12:00:24.000Z',
    },
  ])
})

test('what was over the limit shows as debt', () => {
  const book = bookOf()
  book.counter(limit({}), facts(), NOW_MS).owe(13, NOW_MS)
  const [row] = list([limit({})], book)
  assert.deepEqual([row?.used, row?.debt, row?.remaining], [10, 3, 0])
})

test('counters that the key names are opened, in the order of the file; limits that are off are left out', () => {
  const book = bookOf()
  const limits = [
    limit({ name: 'b', per: ['tenant'] }),
    limit({ name: 'off', mode: 'off' }),
    limit({ name: 'a', per: ['key', 'global'], mode: 'shadow', kind: 'sliding' }),
    limit({ name: 'all', per: ['global'], kind: 'gauge', resource: 'concurrent', windowMs: 0 }),
  ]
  const rows = list(limits, book)
  assert.deepEqual(
    rows.map(({ name, mode, remaining }) => [name, mode, remaining]),
    [
      ['b', 'enforce', 10],
      ['a', 'shadow', 10],
      ['all', 'enforce', 10],
    ],
  )
  assert.equal(book.size, 3)
})

test('of a limit with several counters a key sees its own, each by name', () => {
  const book = bookOf()
  const perModel = limit({ per: ['model', 'key'] })
  take(book, perModel, facts({ model: 'small' }), 1)
  take(book, perModel, facts({ model: 'meta/large' }), 2)
  take(book, perModel, facts({ key: 'k2' }), 3)
  take(book, perModel, facts({ key: 'k11' }), 4)
  const rows = list([perModel], book)
  assert.deepEqual(
    rows.map(({ used }) => used),
    [1, 2],
  )
  assert.match(rows[0]?.counter ?? '', /model=small\/key=k1$/)
  assert.deepEqual(list([perModel], bookOf()), [], 'none is opened that nobody has used')
})

test('a tenant sees the counters of its users and of nobody else', () => {
  const book = bookOf()
  const perUser = limit({ per: ['user'] })
  take(book, perUser, facts(), 1)
  take(book, perUser, facts({ user: 'a/b "c"' }), 2)
  take(book, perUser, facts({ tenant: 'acme2', user: 'ann' }), 3)
  take(book, perUser, facts({ tenant: 'evil', user: 'x/user=acme:y' }), 4)
  take(book, perUser, facts({ tenant: 'evil', user: '"/user=acme:y' }), 5)
  assert.deepEqual(
    list([perUser], book).map(({ used }) => used),
    [1, 2],
  )
  const both = limit({ name: 'both', per: ['user', 'tenant'] })
  take(book, both, facts({ tenant: 'evil', user: 'x/tenant=acme/' }), 6)
  take(book, both, facts(), 7)
  assert.deepEqual(
    list([both], book).map(({ used }) => used),
    [7],
  )
})

test('an address or a model alone belongs to nobody', () => {
  const book = bookOf()
  const perIp = limit({ per: ['ip'] })
  take(book, perIp, facts(), 1)
  assert.deepEqual(list([perIp, limit({ name: 'm', per: ['model'] })], book), [])
})

test('what a caller sees of itself holds no counter of its users, of others, of networks or of programs', () => {
  const book = bookOf()
  const own = limit({ name: 'own', per: ['key'] })
  const users = limit({ name: 'users', per: ['tenant', 'user'] })
  const program = limit({ name: 'program', per: ['key', 'fingerprint'] })
  for (const each of [own, users, program]) take(book, each, facts(), 2)
  const everybody = limit({ name: 'everybody', per: ['global'] })
  const rest = [everybody, limit({ name: 'off', mode: 'off' })]
  const rows = ownQuotas([own, users, program, ...rest], book, facts(), NOW_MS)
  assert.deepEqual(
    rows.map(({ name, used }) => [name, used]),
    [['own', 2]],
  )
})

test('cost is listed in dollars', () => {
  const book = bookOf()
  const cost = limit({ name: 'cost', resource: 'cost_usd', amount: 5_000_000_000, burst: 5_000_000_000 })
  take(book, cost, facts(), 1_250_000_000)
  const [row] = ownQuotas([cost], book, facts(), NOW_MS)
  assert.deepEqual([row!.limit, row!.used, row!.remaining], [5, 1.25, 3.75])
})
