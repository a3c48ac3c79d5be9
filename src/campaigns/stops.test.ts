import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyIndex } from './key-index.ts'
import { keyOf } from './match.ts'
import type { Member } from './member.ts'
import { Members } from './members.ts'
import { Stops } from './stops.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const NOW = 100 * DAY
const N = 2000

/** Ten keys of a prompt: the first four are its frame's, the others its own. */
const promptOf = (frame: number, own: number): Uint32Array =>
  Uint32Array.from({ length: 10 }, (_, which) => (which < 4 ? frame * 100 + which + 1 : own * 100 + which + 1_000_000))

interface Setup {
  readonly index: KeyIndex
  /** An account that has sent so many prompts, each with the frame that is given for it. */
  account(frames: readonly number[]): Member
}

function setup(): Setup {
  const index = new KeyIndex({ slots: 1 << 16, seed: 7 })
  const members = new Members()
  let own = 0
  return {
    index,
    account(frames) {
      const member = members.join([])
      for (const frame of frames) {
        const keys = promptOf(frame, own++)
        member.trace.push(keys, [0, 0, 0])
        for (const [which, key] of keys.entries()) index.add(keyOf(which, key), member.number, 0)
      }
      return member
    },
  }
}

const times = (count: number, frame: number): number[] => Array.from({ length: count }, () => frame)

test('who goes on with the frame of somebody who was just asked is its successor, and the sooner the likelier', () => {
  const logE = (delayMs: number): number => {
    const { index, account } = setup()
    const stops = new Stops()
    stops.note(account(times(20, 1)), NOW)
    return stops.succeeded(account(times(3, 1)), NOW + delayMs, index, N)?.logE ?? -Infinity
  }
  assert.ok(logE(2 * MINUTE) > Math.log(500))
  assert.ok(logE(2 * MINUTE) > logE(60 * MINUTE))
  assert.ok(logE(60 * MINUTE) > logE(20 * 60 * MINUTE))
  assert.equal(logE(2 * DAY), -Infinity)
})

test("strangers, and those who use the frame now and then, are nobody's successors", () => {
  const { index, account } = setup()
  const stops = new Stops()
  stops.note(account(times(20, 1)), NOW)
  assert.equal(stops.succeeded(account([2, 3, 4]), NOW + MINUTE, index, N), null)
  assert.equal(stops.succeeded(account([2, 1, 3]), NOW + MINUTE, index, N), null)
})

test("a frame that unsuspected accounts have too is a framework's and says nothing", () => {
  const { index, account } = setup()
  const stops = new Stops()
  for (let i = 0; i < 6; i++) account(times(5, 1))
  stops.note(account(times(20, 1)), NOW)
  assert.equal(stops.succeeded(account(times(3, 1)), NOW + MINUTE, index, N), null)
})

test('a chain of a thousand keys is followed to its end: those who were asked are no reason to believe in a framework', () => {
  const { index, account } = setup()
  const stops = new Stops()
  let at = NOW
  stops.note(account(times(20, 1)), at)
  for (let i = 0; i < 1000; i++) {
    at += 2 * MINUTE
    const next = account(times(5, 1))
    const found = stops.succeeded(next, at, index, N + i)
    assert.ok(found !== null && found.logE > Math.log(500), `key ${i}`)
    stops.note(next, at + MINUTE)
  }
})

test('the more frames were stopped, the less it says to have one of them', () => {
  const { index, account } = setup()
  const stops = new Stops()
  for (let frame = 1; frame <= 100; frame++) stops.note(account(times(20, frame)), NOW)
  const found = stops.succeeded(account(times(3, 50)), NOW + MINUTE, index, N)!
  const alone = new Stops()
  alone.note(account(times(20, 150)), NOW)
  const one = alone.succeeded(account(times(3, 150)), NOW + MINUTE, index, N)!
  assert.ok(Math.abs(one.logE - found.logE - Math.log(100)) < 0.7, `${one.logE} ${found.logE}`)
})

test('an account that varies what it sends has no frame, and what was saved goes on', () => {
  const { index, account } = setup()
  const stops = new Stops()
  stops.note(account([1, 2, 3, 4, 5, 6, 7, 8]), NOW)
  assert.equal(stops.save().length, 0)
  stops.note(account(times(20, 1)), NOW)
  const again = new Stops()
  again.load(stops.save())
  const newcomer = account(times(3, 1))
  assert.deepEqual(again.succeeded(newcomer, NOW + MINUTE, index, N), stops.succeeded(newcomer, NOW + MINUTE, index, N))
})
