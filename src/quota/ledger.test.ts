import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { noFacts, type Facts, type Numbers } from '../core/dimensions.ts'
import type { OverQuota } from '../core/refusal.ts'
import { Book } from './book.ts'
import { LocalCounter } from './counter.ts'
import { admit, freeOfCharge, select, type Demand } from './ledger.ts'
import type { Limit } from './limit.ts'

const facts: Facts = {
  ...noFacts,
  key: 'k',
  tenant: 't',
  user: 'u',
  ip: '192.0.2.1',
  ip_prefix: '192.0.2.0/24',
  model: 'm',
}
const numbers: Numbers = {
  input_tokens: 0,
  max_tokens: 0,
  choices: 1,
  messages: 1,
  body_bytes: 0,
  images: 0,
  tools: 0,
  stream: false,
  reputation: 50,
  hour: 0,
  weekday: 1,
}
const limit = (over: Partial<Limit>): Limit => {
  const made = {
    name: 'l',
    per: ['key'],
    match: [],
    resource: 'tokens',
    amount: 1000,
    windowMs: 60_000,
    kind: 'sliding',
    when: null,
    ...over,
  }
  return { mode: 'enforce', onStoreError: 'local', ...made, burst: over.burst ?? made.amount } as Limit
}
const demand = (over: Partial<Demand> = {}): Demand => {
  const made = {
    inputTokens: 100,
    expectedInputTokens: 80,
    outputTokens: 200,
    minOutputTokens: 16,
    cost: freeOfCharge,
    ...over,
  }
  return { ...made, mostOutputTokens: over.mostOutputTokens ?? made.outputTokens }
}
const bookOf = (): Book => new Book((l, key, now) => new LocalCounter(l, key, now), 1000)
const remaining = (book: Book, limits: readonly Limit[]): number[] =>
  select(limits, book, facts, numbers, null, 0).map((counter) => counter.view(0).remaining)

test('a request that one of many limits refuses leaves no trace in any of them', () => {
  const limits = [
    limit({ name: 'rpm', resource: 'requests', amount: 10 }),
    limit({ name: 'inflight', resource: 'concurrent', kind: 'gauge', windowMs: 0, amount: 5 }),
    limit({ name: 'in', resource: 'input_tokens', amount: 500 }),
    limit({ name: 'small', amount: 50 }),
  ]
  const book = bookOf()
  const before = remaining(book, limits)
  const refused = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(!refused.ok)
  assert.equal(refused.error.limit, 'small')
  assert.deepEqual(remaining(book, limits), before)
})

test('what is not used is given back and what is used is charged, once', () => {
  const limits = [limit({}), limit({ name: 'out', resource: 'output_tokens', amount: 400 })]
  const book = bookOf()
  const held = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(held.ok)
  assert.deepEqual(remaining(book, limits), [700, 200])
  const charges = held.value.settle({ requests: 1, inputTokens: 70, outputTokens: 30, costNanoUsd: 0 }, 0)
  assert.deepEqual(
    charges.map(({ limit: name, units, debt }) => [name, units, debt]),
    [
      ['l', 100, 0],
      ['out', 30, 0],
    ],
  )
  assert.equal(held.value.settle({ requests: 1, inputTokens: 999, outputTokens: 999, costNanoUsd: 0 }, 0), charges)
  assert.deepEqual(remaining(book, limits), [900, 370])
})

test('a shadow limit never refuses, never shrinks an answer, and says what it would have done', () => {
  const limits = [limit({}), limit({ name: 'shy', amount: 120, mode: 'shadow' })]
  const book = bookOf()
  const first = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(first.ok)
  assert.equal(first.value.outputTokens, 200)
  assert.deepEqual(first.value.shadow, [])
  assert.equal(first.value.holdOutput(300, 0), true)
  assert.deepEqual(first.value.shadow, ['shy'], 'it would have cut')
  const second = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(second.ok)
  assert.deepEqual(second.value.shadow, ['shy'], 'it would have refused')
})

test('a shadow limit does not switch off an enforcing one', () => {
  const limits = [limit({ name: 'shy', amount: 10, mode: 'shadow' }), limit({ name: 'hard', amount: 50 })]
  const refused = admit(select(limits, bookOf(), facts, numbers, null, 0), demand(), 0)
  assert.ok(!refused.ok)
  assert.equal(refused.error.limit, 'hard')
})

test('a large bound on output does not refuse a caller whose real use is small', () => {
  const limits = [limit({ amount: 20_000 })]
  const book = bookOf()
  for (let i = 0; i < 16; i++) {
    const held = admit(select(limits, book, facts, numbers, null, 0), demand({ mostOutputTokens: 16_384 }), 0)
    assert.ok(held.ok, `request ${i} in flight beside the others`)
  }
})

test('an answer that cannot be cut holds a part of what is left, never more than there is', () => {
  const book = bookOf()
  const limits = [limit({ amount: 4100 })]
  const first = admit(select(limits, book, facts, numbers, null, 0), demand({ mostOutputTokens: 16_384 }), 0)
  assert.ok(first.ok)
  assert.equal(first.value.outputTokens, 500)
  const small = admit(
    select([limit({ amount: 150 })], bookOf(), facts, numbers, null, 0),
    demand({ mostOutputTokens: 16_384 }),
    0,
  )
  assert.ok(small.ok)
  assert.equal(small.value.outputTokens, 50)
})

test('the margin alone does not refuse a prompt that the limit can hold', () => {
  const limits = [limit({ amount: 100 })]
  const admitted = admit(
    select(limits, bookOf(), facts, numbers, null, 0),
    demand({ inputTokens: 120, expectedInputTokens: 80 }),
    0,
  )
  assert.ok(admitted.ok)
  const never = admit(
    select(limits, bookOf(), facts, numbers, null, 0),
    demand({ inputTokens: 150, expectedInputTokens: 101 }),
    0,
  )
  assert.ok(!never.ok)
  assert.equal((never.error as OverQuota).retryAfterMs, null, 'waiting cannot help')
})

test('of several limits that refuse, the one that keeps the caller out longest is named', () => {
  const limits = [
    limit({ name: 'minute', resource: 'requests', amount: 1 }),
    limit({ name: 'day', resource: 'requests', amount: 1, windowMs: 86_400_000, kind: 'calendar' }),
  ]
  const book = bookOf()
  const first = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(first.ok)
  first.value.settle({ requests: 1, inputTokens: 0, outputTokens: 0, costNanoUsd: 0 }, 0)
  const refused = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(!refused.ok)
  assert.equal(refused.error.limit, 'day')
  assert.equal((refused.error as OverQuota).retryAfterMs, 86_400_000)
})

test('a limit of 30 tokens rejects', () => {
  assert.equal(admit(select([limit({ amount: 30 })], bookOf(), facts, numbers, null, 0), demand(), 0).ok, false)
})

interface Move {
  readonly kind: 'start' | 'more' | 'end'
  readonly which: number
  readonly tokens: number
  readonly afterMs: number
}

test('property: whatever the order of starts, top-ups and ends, no limit is exceeded, nothing stays held, and charges are exact', () => {
  const moves = fc.array(
    fc.record({
      kind: fc.constantFrom('start', 'more', 'end'),
      which: fc.nat(20),
      tokens: fc.nat(400),
      afterMs: fc.nat(9000),
    }),
    { maxLength: 120 },
  )
  const kinds = fc.constantFrom('bucket', 'sliding', 'calendar')
  fc.assert(
    fc.property(moves, kinds, kinds, (run, one, two) => {
      const limits = [
        limit({ name: 'a', kind: one, amount: 900 }),
        limit({ name: 'b', kind: two, amount: 2000, resource: 'output_tokens', windowMs: 300_000 }),
        limit({ name: 'c', resource: 'concurrent', kind: 'gauge', windowMs: 0, amount: 6 }),
      ]
      const book = bookOf()
      let now = 0
      let used = 0
      let charged = 0
      const open: {
        reservation: { holdOutput(n: number, t: number): boolean; settle: Function; outputTokens: number }
      }[] = []
      for (const { kind, which, tokens, afterMs } of run as Move[]) {
        now += afterMs
        if (kind === 'start') {
          const held = admit(
            select(limits, book, facts, numbers, null, now),
            demand({ inputTokens: tokens, expectedInputTokens: tokens }),
            now,
          )
          if (held.ok) open.push({ reservation: held.value })
        } else if (open.length > 0) {
          const at = which % open.length
          const { reservation } = open[at]!
          if (kind === 'more') reservation.holdOutput(reservation.outputTokens + tokens, now)
          else {
            open.splice(at, 1)
            used += tokens
            const charges = reservation.settle(
              { requests: 1, inputTokens: 0, outputTokens: tokens, costNanoUsd: 0 },
              now,
            ) as {
              limit: string
              units: number
            }[]
            charged += charges.filter((charge) => charge.limit === 'b').reduce((sum, { units }) => sum + units, 0)
          }
        }
        for (const counter of select(limits, book, facts, numbers, null, now)) {
          const view = counter.view(now)
          const held = counter.limit.kind === 'calendar' ? 0 : view.held
          const most = counter.limit.kind === 'gauge' ? counter.limit.amount : counter.limit.amount
          if (counter.limit.kind !== 'bucket')
            assert.ok(view.used + held <= most, `${counter.limit.kind} ${view.used}+${held}`)
          assert.ok(view.remaining >= 0)
        }
      }
      for (const { reservation } of open)
        reservation.settle({ requests: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: 0 }, now)
      for (const counter of select(limits, book, facts, numbers, null, now)) assert.equal(counter.view(now).held, 0)
      assert.equal(charged, used, 'the sum of charges is the sum of usage')
    }),
    { numRuns: 300 },
  )
})

test('a cost limit holds input and output at their prices and cuts a stream by what it has cost', () => {
  const limits = [limit({ name: 'cost', resource: 'cost_usd', amount: 10_000 })]
  const book = bookOf()
  const cost = { inputNanoUsd: 1000, expectedInputNanoUsd: 900, outputNanoUsd: 2.5 }
  const held = admit(select(limits, book, facts, numbers, null, 0), demand({ outputTokens: 200, cost }), 0)
  assert.ok(held.ok)
  assert.equal(10_000 - remaining(book, limits)[0]!, 1500)
  assert.ok(held.value.holdOutput(3000, 0))
  assert.ok(!held.value.holdOutput(4000, 0))
  assert.equal(held.value.cutBy, 'cost')
  const charges = held.value.settle({ requests: 1, inputTokens: 90, outputTokens: 3000, costNanoUsd: 8401 }, 0)
  assert.deepEqual(charges, [{ limit: 'cost', resource: 'cost_usd', units: 8401, debt: 0 }])
  assert.equal(remaining(book, limits)[0], 10_000 - 8401)
})

test('what costs nothing passes a cost limit that is used up', () => {
  const limits = [limit({ name: 'cost', resource: 'cost_usd', amount: 100 })]
  const book = bookOf()
  const cost = { inputNanoUsd: 100, expectedInputNanoUsd: 100, outputNanoUsd: 0 }
  assert.ok(admit(select(limits, book, facts, numbers, null, 0), demand({ cost }), 0).ok)
  const free = admit(select(limits, book, facts, numbers, null, 0), demand(), 0)
  assert.ok(free.ok)
  assert.ok(free.value.holdOutput(1_000_000, 0))
})

test('whoever is exempt from a limit is neither refused by it nor counted', () => {
  const limits = [limit({ amount: 10 }), limit({ name: 'other' })]
  const held = admit(select(limits, bookOf(), facts, numbers, new Set(['l']), 0), demand(), 0)
  assert.ok(held.ok)
  assert.deepEqual(
    held.value.counters.map((counter) => counter.limit.name),
    ['other'],
  )
})

test('a limit with a condition holds only where the condition does', () => {
  const limits = [limit({ amount: 10, when: { holds: (_facts, { stream }) => stream } })]
  assert.ok(admit(select(limits, bookOf(), facts, numbers, null, 0), demand(), 0).ok)
  assert.ok(!admit(select(limits, bookOf(), facts, { ...numbers, stream: true }, null, 0), demand(), 0).ok)
})
