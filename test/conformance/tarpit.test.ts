import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionSpec } from '../../src/core/action.ts'
import { CHAT_DONE, chatStreams, chatWire } from '../../src/dialects/fixtures/openai-chat-streams.ts'
import { withTreated } from '../support/treated.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { until } from '../support/waiting.ts'

/** The tarpit on real sockets, with the vendors' own libraries. */
const messages = [{ role: 'user' as const, content: 'What is six times seven?' }]
const tarpit = (firstByteMs: number, perChunkMs: number): ActionSpec => ({
  action: 'tarpit',
  firstByteMs: [firstByteMs, firstByteMs],
  perChunkMs: [perChunkMs, perChunkMs],
})

test('a library gets its answer whole, late and slowly, whole or streamed, in every dialect', async () => {
  await withTreated([tarpit(150, 20)], async ({ openai, anthropic, google, vendor, eventsUntil }) => {
    vendor.scenario = { ...plainScenario, words: 10 }
    const startMs = performance.now()
    const whole = await openai.chat.completions.create({ model: 'vendor-model', messages })
    assert.match(whole.choices[0]!.message.content!, /^tok0 tok1 .*tok9 $/)
    const wholeMs = performance.now() - startMs
    assert.ok(wholeMs >= 150 && wholeMs < 2000, `${wholeMs} ms`)
    const atMs: number[] = []
    let text = ''
    for await (const { choices } of await openai.chat.completions.create({
      model: 'vendor-model',
      messages,
      stream: true,
    })) {
      atMs.push(performance.now())
      text += choices[0]?.delta.content ?? ''
    }
    assert.match(text, /^tok0 .*tok9 $/)
    assert.ok(atMs.at(-1)! - atMs[0]! >= 10 * 20 * 0.8, 'it dripped')
    const message = await anthropic.messages.stream({ model: 'vendor-model', max_tokens: 50, messages }).finalMessage()
    assert.equal(message.stop_reason, 'end_turn')
    let chunks = 0
    for await (const _ of await google.models.generateContentStream({ model: 'gemini-model', contents: 'hi' })) chunks++
    assert.ok(chunks > 5)
    assert.ok((await eventsUntil(4)).every(({ outcome, usage }) => outcome === 'ok' && usage.outputTokens === 10))
  })
})

test('a client that hangs up while it waits is noticed at once, and its vendor was never asked', async () => {
  await withTreated([tarpit(60_000, 0)], async ({ openai, vendor, weir, eventsUntil }) => {
    const controller = new AbortController()
    const asked = openai.chat.completions.create({ model: 'vendor-model', messages }, { signal: controller.signal })
    await until(() => weir.stats.tarpit.held === 1, 'the client to be held')
    controller.abort()
    await assert.rejects(asked)
    const [event] = await eventsUntil(1)
    assert.deepEqual([event!.outcome, event!.charges, vendor.requests.length], ['client_left', [], 0])
    assert.ok(event!.endMs - event!.atMs < 5000)
    assert.deepEqual([weir.stats.tarpit.held, weir.quotasOf('k1')![0]!.held], [0, 0])
  })
})

test('a client that hangs up in mid-drip is noticed at once, long after its vendor is done', async () => {
  await withTreated([tarpit(0, 5000)], async ({ openai, vendor, weir, eventsUntil }) => {
    vendor.scenario = { ...plainScenario, writes: [...chatStreams.plain.map(chatWire), CHAT_DONE] }
    const stream = await openai.chat.completions.create({ model: 'vendor-model', messages, stream: true })
    for await (const _ of stream) {
      await until(() => vendor.requests[0]!.state === 'done', 'the vendor to be done')
      break
    }
    const [event] = await eventsUntil(1)
    assert.deepEqual([event!.outcome, event!.usage.outputTokens], ['client_left', 5])
    assert.deepEqual([weir.stats.tarpit.held, weir.stats.tarpit.heldBytes], [0, 0])
  })
})

test('an answer that is both slow and lean is read like any other', async () => {
  const restrict: ActionSpec = { action: 'restrict', maxTokens: null, model: null }
  await withTreated([tarpit(20, 5), restrict], async ({ openai, vendor }) => {
    vendor.scenario = { ...plainScenario, writes: [...chatStreams.reasoning.map(chatWire), CHAT_DONE] }
    const { choices } = await openai.chat.completions.stream({ model: 'vendor-model', messages }).finalChatCompletion()
    assert.equal(choices[0]!.message.content, 'The answer is 42.')
  })
})
