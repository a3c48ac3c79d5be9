import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noParams, type Call } from '../core/call.ts'
import type { UpstreamCall } from '../core/upstream.ts'
import { createVirtualClock } from '../lab/virtual-clock.ts'
import { Pace } from './pace.ts'
import { decoyAnswer } from './refusal.ts'
import { shapes } from './shapes.ts'

const call: Call = {
  model: 'acme-next',
  stream: true,
  promptBytes: 400,
  promptExtraTokens: 4,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: null,
  user: null,
  session: null,
  wantsUsage: false,
  params: noParams,
}

function play(endpoint: string, over: Partial<Call> = {}) {
  const clock = createVirtualClock(0)
  const heard = { at: [] as number[], text: '', ended: false }
  const world = { clock, pace: new Pace(), random: () => 0 }
  const upstream = decoyAnswer({ endpoint, call: { ...call, ...over }, body: {} }, world)!
  const request = { method: 'POST', path: '', headers: {}, credential: null, keyStyle: 'bearer', body: null } as const
  const sent: UpstreamCall = upstream.send(request, {
    onHead: () => void heard.at.push(clock.now()),
    onData(bytes) {
      heard.text += Buffer.from(bytes).toString()
      heard.at.push(clock.now())
    },
    onEnd: () => void (heard.ended = true),
    onFault: () => assert.fail('no fault'),
  })
  return { clock, heard, sent }
}

test('an answer comes in time, ends once, and is the same text in every vendor’s shape', async () => {
  for (const endpoint of shapes.keys()) {
    const { clock, heard } = play(endpoint)
    await clock.run()
    assert.deepEqual([heard.at[0], heard.at[1], heard.at[2], heard.ended], [600, 600, 620, true], endpoint)
    const whole = play(endpoint, { stream: false })
    await whole.clock.run()
    assert.match(whole.heard.text, /I'm sorry, but I can't help with that\./, endpoint)
  }
})

test('a reader that pauses gets nothing until it goes on, and all of it then', async () => {
  const { clock, heard, sent } = play('chat_completions')
  await clock.advance(650)
  sent.pause()
  const before = heard.text.length
  await clock.advance(60_000)
  assert.ok(heard.text.length - before < 300, 'what was under way, and no more')
  assert.equal(heard.ended, false)
  sent.resume()
  await clock.run()
  assert.match(heard.text, /\[DONE\]\n\n$/)
  assert.equal(heard.ended, true)
})

test('after it was broken off nothing comes and no timer is left', async () => {
  for (const atMs of [100, 650]) {
    const { clock, heard, sent } = play('messages')
    await clock.advance(atMs)
    sent.abort()
    const before = heard.text
    await clock.run()
    assert.deepEqual([heard.text, heard.ended], [before, false])
  }
})

test('an answer keeps to the bound that was asked for, and says so', async () => {
  for (const [endpoint, word] of [
    ['chat_completions', '"finish_reason":"length"'],
    ['completions', '"finish_reason":"length"'],
    ['responses', '"reason":"max_output_tokens"'],
    ['messages', '"stop_reason":"max_tokens"'],
    ['generate_content', '"finishReason":"MAX_TOKENS"'],
  ] as const) {
    for (const stream of [false, true]) {
      const { clock, heard } = play(endpoint, { maxOutputTokens: 2, stream })
      await clock.run()
      assert.ok(heard.text.includes(word), `${endpoint}: ${heard.text}`)
      assert.doesNotMatch(heard.text, /can't help/)
    }
  }
})

test('what is no text has no answer', () => {
  const world = { clock: createVirtualClock(0), pace: new Pace(), random: () => 0 }
  for (const endpoint of ['embeddings', 'count_tokens', 'models', 'weir_token']) {
    assert.equal(decoyAnswer({ endpoint, call, body: {} }, world), null)
  }
})
