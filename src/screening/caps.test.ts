import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noCaps as none, type RequestCaps } from '../core/caps.ts'
import { type Call, noParams, type Params } from '../core/call.ts'
import { lowestMaxTokens, overCap } from './caps.ts'

const plain: Call = {
  model: 'm',
  stream: false,
  promptBytes: 0,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 0,
  choices: 1,
  maxOutputTokens: null,
  user: null,
  session: null,
  wantsUsage: false,
  params: noParams,
}

const params = (some: Partial<Params>): Partial<Call> => ({ params: { ...noParams, ...some } })

type Row = readonly [cap: keyof RequestCaps, call: (value: number) => Partial<Call>, what: string, param: string]

const rows: readonly Row[] = [
  ['maxMessages', (messages) => ({ messages }), 'messages', 'messages'],
  ['maxChoices', (choices) => ({ choices }), 'answers at once', 'n'],
  ['maxTokens', (maxOutputTokens) => ({ maxOutputTokens }), 'output tokens', 'max_tokens'],
  ['maxPromptBytes', (promptBytes) => ({ promptBytes }), 'bytes of prompt', 'messages'],
  ['maxTools', (tools) => params({ tools }), 'tools', 'tools'],
  ['maxOpaqueParts', (opaqueParts) => ({ opaqueParts }), 'images and files', 'messages'],
  ['maxStops', (stops) => params({ stops }), 'stop sequences', 'stop'],
  ['maxStopChars', (longestStopChars) => params({ longestStopChars }), 'characters in a stop sequence', 'stop'],
]

for (const [cap, call, what, param] of rows) {
  test(`${cap} lets its own value pass, and nothing above it`, () => {
    const caps = { ...none, [cap]: 7 }
    assert.equal(overCap({ ...plain, ...call(6) }, caps), null)
    assert.equal(overCap({ ...plain, ...call(7) }, caps), null)
    assert.deepEqual(overCap({ ...plain, ...call(8) }, caps), {
      message: `At most 7 ${what} are accepted here.`,
      param,
    })
  })

  test(`${cap} of zero lets nothing pass, and null everything`, () => {
    assert.equal(overCap({ ...plain, ...call(1) }, { ...none, [cap]: 0 })?.param, param)
    assert.equal(overCap({ ...plain, ...call(Number.MAX_SAFE_INTEGER) }, none), null)
  })

  test(`${cap} says nothing of what others bound`, () => {
    for (const [other, otherCall] of rows) {
      if (other === cap || (cap === 'maxTokens' && other === 'maxChoices')) continue
      assert.equal(overCap({ ...plain, ...otherCall(100) }, { ...none, [cap]: 7 }), null, other)
    }
  })
}

test('temperature keeps to both ends of its range, which belong to it', () => {
  const caps = { ...none, temperature: { min: 0.5, max: 1.5 } }
  const at = (temperature: number | null): string | undefined =>
    overCap({ ...plain, ...params({ temperature }) }, caps)?.message
  for (const fine of [null, 0.5, 1, 1.5]) assert.equal(at(fine), undefined, String(fine))
  for (const wrong of [-1, 0, 0.49, 1.51, 2, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(at(wrong), '"temperature" must be from 0.5 to 1.5 here.', String(wrong))
  }
  assert.equal(overCap({ ...plain, ...params({ temperature: 9 }) }, none), null)
  assert.equal(overCap({ ...plain, ...params({ temperature: 0 }) }, caps)?.param, 'temperature')
})

test('output tokens are bounded for each answer and not for all of them', () => {
  const caps = { ...none, maxTokens: 100 }
  assert.equal(overCap({ ...plain, choices: 3, maxOutputTokens: 300 }, caps), null)
  assert.equal(overCap({ ...plain, choices: 3, maxOutputTokens: 301 }, caps)?.param, 'max_tokens')
})

test('a call that names no bound of its own is within every bound on output', () => {
  assert.equal(overCap(plain, { ...none, maxTokens: 1 }), null)
})

test('of several bounds the first one is named', () => {
  const all = { ...plain, messages: 9, choices: 9, ...params({ stops: 9, temperature: 9 }) }
  const caps = { ...none, maxMessages: 1, maxChoices: 1, maxStops: 1, temperature: { min: 0, max: 1 } }
  assert.equal(overCap(all, caps)?.message, 'At most 1 messages are accepted here.')
  assert.equal(overCap({ ...all, messages: 1 }, caps)?.param, 'n')
  assert.equal(overCap({ ...all, messages: 1, choices: 1 }, caps)?.param, 'stop')
})

test('the lowest of several bounds on output tokens holds, and none is no bound', () => {
  assert.equal(lowestMaxTokens([]), null)
  assert.equal(lowestMaxTokens([none, none]), null)
  assert.equal(lowestMaxTokens([none, { ...none, maxTokens: 50 }, { ...none, maxTokens: 20 }, none]), 20)
  assert.equal(
    lowestMaxTokens([
      { ...none, maxTokens: 0 },
      { ...none, maxTokens: 20 },
    ]),
    0,
  )
})
