import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finishDraft, startDraft } from './core/draft.ts'
import type { RequestEvent } from './core/event.ts'
import { signs } from './core/observation.ts'
import { Repeats } from './repeats.ts'
import { prompt, type PromptOf } from './signals/testing.ts'

const rules = { repeats: 5, withinMs: 60_000 }

function event(given: PromptOf, atMs = 0, key = 'agent'): RequestEvent {
  const draft = startDraft('e', atMs, 'hash', 'POST /', null)
  draft.who = {
    keyId: key,
    tenant: null,
    account: key,
    profile: 'agent',
    credential: 'key',
    user: null,
    trust: null,
  }
  draft.observation = prompt({ turns: 7, ...given })
  return finishDraft(draft, atMs)
}

const told = (events: readonly RequestEvent[]): (number | null)[] => {
  const repeats = new Repeats()
  return events.map((one) => repeats.note(one, rules))
}

const times = (count: number, one: (i: number) => RequestEvent): RequestEvent[] =>
  Array.from({ length: count }, (_, i) => one(i))

test('the same prompt again and again in one conversation is a loop, and is told once for each run', () => {
  assert.deepEqual(told(times(11, (i) => event({ text: 1 }, i))), [
    null,
    null,
    null,
    null,
    5,
    null,
    null,
    null,
    null,
    5,
    null,
  ])
})

test('anything else in between is no loop, and neither are repeats over a long time', () => {
  assert.ok(told(times(40, (i) => event({ text: i % 3 }, i))).every((one) => one === null))
  assert.ok(told(times(40, (i) => event({ text: 1 }, i * 20_000))).every((one) => one === null))
})

test('who samples one prompt many times is in no loop, nor is somebody who says "go on"', () => {
  assert.ok(told(times(40, (i) => event({ text: 1, turns: 1 }, i))).every((one) => one === null))
  assert.ok(told(times(40, (i) => event({ text: 1, signs: signs.tiny }, i))).every((one) => one === null))
})

test('users behind one key are told apart', () => {
  const repeats = new Repeats()
  const one = (user: string, i: number): RequestEvent => ({ ...event({ text: 1 }, i), user })
  const all = times(40, (i) => one(`u${i % 20}`, i)).map((each) => repeats.note(each, rules))
  assert.ok(all.every((each) => each === null))
})

test('callers are told apart, and no number of them takes more than a bound', () => {
  assert.equal(told(times(40, (i) => event({ text: 1 }, i, `k${i % 10}`))).filter((one) => one !== null).length, 0)
  const repeats = new Repeats()
  for (let i = 0; i < 4; i++) repeats.note(event({ text: 1 }, i), rules)
  for (let i = 0; i < 50_000; i++) repeats.note(event({ text: 1 }, 5, `flood${i}`), rules)
  assert.equal(repeats.note(event({ text: 1 }, 6), rules), null, 'the flooded one begins anew')
})
