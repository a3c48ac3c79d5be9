import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { InfraBook } from './infrastructure.ts'
import type { Member } from './member.ts'
import { Members } from './members.ts'

/** Fingerprint, program, prefix, network, day of signing up. */
type Values = readonly [number, number, number, number, number]

const all = new Members()
function join(book: InfraBook, values: Values): Member {
  const member = all.join(values)
  book.join(member)
  return member
}

function suspected(book: InfraBook, member: Member): void {
  member.strong = true
  book.suspect(member)
}

/** Thousands of accounts, each with what many others have and something of its own. */
function crowd(book: InfraBook, count: number): readonly Member[] {
  return Array.from({ length: count }, (_, i) =>
    join(book, [1000 + (i % 20), 2000 + (i % 10), 10_000 + i, 3000 + (i % 30), 4000 + (i % 100)]),
  )
}

const FLEET: Values = [7, 8, 9, 10, 11]

test('without suspects nothing speaks against anybody', () => {
  const book = new InfraBook()
  for (const member of crowd(book, 100)) assert.deepEqual(book.evidence(member), { evidence: 0, client: 0 })
})

test('a suspect is no evidence against itself', () => {
  const book = new InfraBook()
  crowd(book, 1000)
  const alone = join(book, FLEET)
  suspected(book, alone)
  assert.deepEqual(book.evidence(alone), { evidence: 0, client: 0 })
})

test('what suspects share and hardly anybody else has speaks against whoever has it, and against nobody else', () => {
  const book = new InfraBook()
  const honest = crowd(book, 1000)
  for (let i = 0; i < 10; i++) suspected(book, join(book, FLEET))
  const next = book.evidence(join(book, FLEET))
  assert.ok(next.evidence > 6 && next.client > 3)
  for (const member of honest) assert.equal(book.evidence(member).evidence, 0)
})

test('a network that suspects share is no word about the client', () => {
  const book = new InfraBook()
  const honest = crowd(book, 1000)
  for (let i = 0; i < 10; i++) suspected(book, join(book, [1000 + i, 2000 + i, 9, 10, 4000 + i * 7]))
  const neighbour = join(book, [1003, 2003, 9, 10, 4050])
  const { evidence, client } = book.evidence(neighbour)
  assert.ok(evidence > 1.5 && client < 1, `${evidence} ${client}`)
  assert.ok(book.evidence(honest[3]!).evidence < 1)
})

test('a value that everybody has says nothing, whoever is suspected', () => {
  const book = new InfraBook()
  const everybody: Values = [5, 6, 7, 8, 9]
  const all = Array.from({ length: 200 }, () => join(book, everybody))
  for (const member of all.slice(0, 50)) suspected(book, member)
  for (const member of all) assert.ok(Math.abs(book.evidence(member).evidence) < 1e-9)
})

test('it is finite, bounded and never negative, also where nothing is known of an account', () => {
  const value = fc.nat(4)
  const account = fc.tuple(fc.tuple(value, value, value, value, value), fc.boolean())
  fc.assert(
    fc.property(fc.array(account, { maxLength: 60 }), (all) => {
      const book = new InfraBook()
      const members = all.map(([values, suspect]) => {
        // Kinds of values never meet.
        const member = join(book, values.map((one, kind) => (one === 0 ? 0 : kind * 10 + one)) as unknown as Values)
        if (suspect) suspected(book, member)
        return member
      })
      for (const member of [...members, join(book, [0, 0, 0, 0, 0])]) {
        const { evidence, client } = book.evidence(member)
        assert.ok(evidence >= 0 && evidence <= 10.5 && client >= -1.4 && client <= 7)
      }
      assert.deepEqual(book.evidence(join(book, [0, 0, 0, 0, 0])).evidence, 0)
    }),
  )
})
