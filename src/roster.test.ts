import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Members } from './campaigns/members.ts'
import { Roster } from './roster.ts'
import { observed } from './signals/testing.ts'
import type { Subject } from './subject.ts'

class Run {
  readonly members = new Members()
  readonly roster = new Roster(this.members)

  add(name: string, ...keys: readonly string[]): Subject {
    this.members.join([])
    const subject = this.roster.add(name, 1000)
    for (const key of keys) this.roster.noteKey(subject.number, key)
    return subject
  }
}

test('an account has the keys that it was seen with, in their order and to a bound, whatever its name says', () => {
  const { roster } = new Run()
  const run = new Run()
  const many = Array.from({ length: 20 }, (_, i) => `k${i}`)
  for (const [name, seen, keys] of [
    ['key:a', ['a', 'a'], ['a']],
    ['key:a2', ['a2', 'b', 'a2'], ['a2', 'b']],
    ['key:c', ['b', 'c'], ['b', 'c']],
    ['key:', [''], ['']],
    ['tenant', ['a', 'b', 'a'], ['a', 'b']],
    ['other tenant', [], []],
    ['overflow:1', many, many.slice(0, 8)],
  ] as const)
    assert.deepEqual(run.add(name, ...seen).keys, keys)
  assert.equal(roster.size, 0)
})

test('an account is found by its name and by its number, as it began', () => {
  const run = new Run()
  for (const name of ['a', 'b', 'c']) run.add(name)
  assert.equal(run.roster.find('b')!.number, 1)
  assert.equal(run.roster.find('d'), undefined)
  assert.deepEqual(
    Array.from(run.roster, ({ name }) => name),
    ['a', 'b', 'c'],
  )
  const { evidence, current, before, score, level, profile, createdMs, heir, steps, activity, signals, firstMs } =
    run.roster.of(2)
  assert.deepEqual(
    [evidence, current, before, score, level, profile, createdMs, heir, steps, activity, signals, firstMs],
    [1, 1, 1, 0, 'normal', 'unknown', null, null, [], null, null, 1000],
  )
})

test('few are looked at, and what is noted of one is no other’s', () => {
  const run = new Run()
  for (let i = 0; i < 64; i++) run.add(`a${i}`)
  for (const subject of run.roster) {
    for (let i = 0; i < 10; i++) {
      const seen = observed({ timeMs: subject.number * 3_600_000 + i, outputTokens: 5, key: 'k' })
      subject.note(seen, () => subject.number + 1)
    }
  }
  const looked = [...run.roster].filter(({ activity }) => activity !== null)
  assert.deepEqual(
    looked.map(({ number }) => number),
    [0, 16, 32, 48],
  )
  for (const { number, activity, signals } of looked) {
    assert.deepEqual([...activity!.models], [[number + 1, 7]])
    assert.equal(activity!.day24[number % 24], 7)
    assert.equal(signals!.calls, 7)
  }
})

test('a roster that was read back says the same of everybody, and levels are counted', () => {
  const run = new Run()
  for (let i = 0; i < 1100; i++) run.add(`a${i}`, `k${i}`)
  const one = run.roster.find('a700')!
  one.step({ level: 'tarpit', action: 'step_up', atMs: 5, exchange: 2 })
  one.heir = { of: 'a1', evidence: 30 }
  one.touch('honey', 4)
  one.score = 0.1 + 0.2
  for (let i = 0; i < 5; i++) run.roster.of(16).note(observed({ timeMs: 1e12 + i, key: 'k' }), () => 3)
  const read = new Roster(run.members)
  assert.ok(read.load(structuredClone(run.roster.save())))
  for (const { number } of run.roster) {
    const [was, is] = [run.roster.of(number), read.of(number)]
    for (const name of ['name', 'keys', 'level', 'steps', 'heir', 'score', 'parts', 'exchanges'] as const)
      assert.deepEqual(is[name], was[name])
  }
  assert.deepEqual(read.of(16).activity!.starts, [1e12 + 3])
  assert.equal(read.of(700).touch('honey', 2), 0.5)
  assert.deepEqual(read.counts, [1099, 0, 0, 0, 1, 0, 0])
  assert.equal(read.find('a1099')!.number, 1099)
})

test('of an account that climbs again and again the latest climbs are kept', () => {
  const subject = new Run().add('a')
  for (let exchange = 0; exchange < 1000; exchange++)
    subject.step({ level: 'step_up', action: 'step_up', atMs: exchange, exchange })
  assert.equal(subject.steps.length, 64)
  assert.equal(subject.steps.at(-1)!.exchange, 999)
})
