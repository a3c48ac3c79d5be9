import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionSpec } from '../../src/core/action.ts'
import { anthropicStreams, anthropicWire } from '../../src/dialects/fixtures/anthropic-streams.ts'
import { geminiStreams, geminiWire } from '../../src/dialects/fixtures/gemini-streams.ts'
import { CHAT_DONE, chatStreams, chatWire } from '../../src/dialects/fixtures/openai-chat-streams.ts'
import { responsesStreams, responsesWire } from '../../src/dialects/fixtures/openai-responses-streams.ts'
import {
  chatAnswer,
  completionAnswer,
  embeddingAnswer,
  generateAnswer,
  messageAnswer,
  responseAnswer,
} from '../../src/dialects/fixtures/whole-answers.ts'
import { withTreated, type Treated } from '../support/treated.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { scripts, type Streaming } from './dialect-scripts.ts'
import { nothingSeen, rows } from './matrix-clients.ts'

/** What the vendors' own libraries make of lean answers. */
const restrict: ActionSpec = { action: 'restrict', maxTokens: null, model: null }
const lean = (run: (treated: Treated) => Promise<void>, more = ''): Promise<void> => withTreated([restrict], run, more)

const messages = [{ role: 'user' as const, content: 'What is six times seven?' }]
const reasoned =
  /Let me (?:think|solve)|Six times seven|It thought|Planning|I shall ask|logprob|reasoning_content|fp_4470/

test('every library reads the plain answer of every endpoint, whole and streamed, as it reads a full one', async () => {
  const seen: unknown[][] = []
  for (const specs of [[], [restrict]]) {
    await withTreated(specs, async (treated) => {
      treated.vendor.scenario = plainScenario
      const all = []
      for (const row of rows) {
        const one = nothingSeen()
        const model = row.dialect === 'gemini' ? 'gemini-model' : 'vendor-model'
        await row.call(treated, model, one, new AbortController().signal)
        const { text, stop, usage, pieces, error } = one
        all.push({ endpoint: row.endpoint, text, stop, usage, pieces, error })
      }
      const events = await treated.eventsUntil(rows.length)
      assert.ok(events.every(({ outcome }) => outcome === 'ok'))
      seen.push([all, events.map(({ usage, usageSource, answer }) => [usage, usageSource, answer?.textBytes])])
    })
  }
  assert.deepEqual(seen[1], seen[0])
})

test('openai: a stream with reasoning in every way that servers write it', async () => {
  await lean(async ({ openai, vendor, eventsUntil }) => {
    for (const [name, text] of [
      ['plain', 'Hello wörld!'],
      ['reasoning', 'The answer is 42.'],
      ['inText', 'It is 42, and 1 <'],
    ] as const) {
      vendor.scenario = { ...plainScenario, writes: [...chatStreams[name].map(chatWire), CHAT_DONE] }
      const stream = openai.chat.completions.stream({ model: 'vendor-model', messages, n: name === 'inText' ? 2 : 1 })
      const received: unknown[] = []
      stream.on('chunk', (chunk) => received.push(chunk))
      const { choices } = await stream.finalChatCompletion()
      assert.equal(choices[0]!.message.content, text)
      assert.equal(choices[0]!.finish_reason, 'stop')
      assert.doesNotMatch(JSON.stringify(received), reasoned)
    }
    const [, reasoning] = await eventsUntil(3)
    assert.deepEqual([reasoning!.usage.outputTokens, reasoning!.usage.reasoningTokens], [40, 30], 'counted as ever')
  })
})

test('openai: calls of tools, streamed and whole', async () => {
  await lean(async ({ openai, vendor }) => {
    vendor.scenario = { ...plainScenario, writes: [...chatStreams.tools.map(chatWire), CHAT_DONE] }
    const { choices } = await openai.chat.completions.stream({ model: 'vendor-model', messages }).finalChatCompletion()
    const calls = choices[0]!.message.tool_calls!.map((call) =>
      call.type === 'function' ? call.function.arguments : '',
    )
    assert.deepEqual(calls, ['{"city":"<think>Basel"}', '{}'])
    vendor.scenario = { ...plainScenario, whole: chatAnswer }
    const whole = await openai.chat.completions.create({ model: 'vendor-model', messages })
    assert.equal(whole.choices[0]!.message.content, 'The answer is 42.')
    assert.equal(whole.choices[0]!.message.tool_calls!.length, 1)
    assert.equal(whole.usage!.total_tokens, 60)
    assert.doesNotMatch(JSON.stringify(whole), reasoned)
    vendor.scenario = { ...plainScenario, whole: completionAnswer }
    const completion = await openai.completions.create({ model: 'vendor-model', prompt: 'Once' })
    assert.equal(completion.choices[0]!.text, 'Once upon a time')
    vendor.scenario = { ...plainScenario, whole: embeddingAnswer }
    const vector = await openai.embeddings.create({ model: 'vendor-model', input: 'x', encoding_format: 'float' })
    assert.deepEqual(vector.data[0]!.embedding, [0.25, -0.5])
  })
})

test('openai: responses with reasoning and tools, streamed and whole', async () => {
  await lean(async ({ openai, vendor }) => {
    for (const [name, events] of Object.entries(responsesStreams)) {
      vendor.scenario = { ...plainScenario, writes: events.map(responsesWire) }
      const stream = openai.responses.stream({ model: 'vendor-model', input: 'hi' })
      const received: unknown[] = []
      stream.on('event', (event) => received.push(event))
      const response = await stream.finalResponse()
      const full = events.at(-1)!['response'] as { output: { id: string; type: string }[] }
      assert.deepEqual(
        response.output.map(({ id, type }) => [id, type]),
        full.output.map(({ id, type }) => [id, type]),
        name,
      )
      assert.equal(response.usage?.output_tokens, 25)
      assert.doesNotMatch(JSON.stringify(received), reasoned, name)
    }
    vendor.scenario = { ...plainScenario, whole: responseAnswer }
    const whole = await openai.responses.create({ model: 'vendor-model', input: 'hi' })
    assert.equal(whole.output_text, 'Done thinking.Seen.')
    assert.doesNotMatch(JSON.stringify(whole), reasoned)
  })
})

test('anthropic: every stream comes to the same message, but for its thinking, whose signature stays', async () => {
  await lean(async ({ anthropic, vendor }) => {
    const params = { model: 'vendor-model', max_tokens: 500, messages }
    const texts: Record<string, string> = {}
    for (const [name, events] of Object.entries(anthropicStreams)) {
      vendor.scenario = { ...plainScenario, writes: events.map(anthropicWire) }
      const message = await anthropic.messages.stream(params).finalMessage()
      texts[name] = message.content.map((block) => (block.type === 'text' ? block.text : block.type)).join('|')
      assert.doesNotMatch(JSON.stringify(message), reasoned)
      if (name !== 'thinking') continue
      const [thinking, redacted] = message.content
      assert.deepEqual(thinking, { type: 'thinking', thinking: '', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h' })
      assert.deepEqual(redacted, { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' })
      assert.deepEqual([message.usage.input_tokens, message.usage.output_tokens], [1025, 120])
    }
    assert.deepEqual(texts, {
      plain: 'Hello wörld!',
      thinking: 'thinking|redacted_thinking|27 * 453 = 12,231',
      tools: "I'll look at both.|tool_use|tool_use",
      search: 'server_tool_use|web_search_tool_result|It is raining.',
      refusal: 'I can',
    })
    vendor.scenario = { ...plainScenario, whole: messageAnswer }
    const whole = await anthropic.messages.create(params)
    assert.deepEqual(
      whole.content.map(({ type }) => type),
      ['thinking', 'redacted_thinking', 'text', 'tool_use'],
    )
    assert.doesNotMatch(JSON.stringify(whole), reasoned)
  })
})

test('gemini: streams, chats and whole answers', async () => {
  await lean(async ({ google, vendor }) => {
    for (const [name, text] of [
      ['plain', 'Hello wörld!'],
      ['thinking', 'The answer is 7.'],
    ] as const) {
      vendor.scenario = { ...plainScenario, writes: geminiStreams[name].map(geminiWire) }
      const chat = google.chats.create({ model: 'gemini-model' })
      let said = ''
      for await (const chunk of await chat.sendMessageStream({ message: 'hi' })) {
        said += chunk.text ?? ''
        assert.doesNotMatch(JSON.stringify(chunk.candidates), reasoned)
      }
      assert.equal(said, text)
      assert.equal(chat.getHistory(true).length, chat.getHistory(false).length, 'the answer counts as one')
    }
    vendor.scenario = { ...plainScenario, whole: generateAnswer }
    const whole = await google.models.generateContent({ model: 'gemini-model', contents: 'hi' })
    assert.equal(whole.text, 'The answer is 7.')
    assert.equal(whole.functionCalls![0]!.name, 'f')
    assert.equal(whole.candidates![0]!.content!.parts![1]!.thoughtSignature, 'CiIBVKhc7oR')
    assert.doesNotMatch(JSON.stringify(whole), reasoned)
  })
})

test('the demo model answers a restricted caller with the same words, without probabilities', async () => {
  const answers: string[][] = []
  for (const specs of [[], [restrict]]) {
    await withTreated(specs, async ({ openai, eventsUntil }) => {
      const params = { model: 'demo-model', messages, logprobs: true, max_tokens: 60 }
      const whole = await openai.chat.completions.create(params)
      let text = ''
      for await (const { choices } of await openai.chat.completions.create({ ...params, stream: true })) {
        text += choices[0]?.delta.content ?? ''
        if (specs.length > 0) assert.ok(!('logprobs' in (choices[0] ?? {})))
      }
      const usage = (await eventsUntil(2)).map((event) => [event.usage.outputTokens, event.answer!.textBytes])
      answers.push([whole.choices[0]!.message.content!, text, JSON.stringify(usage)])
    })
  }
  assert.ok(answers[0]![0]!.length > 20)
  assert.deepEqual(answers[1], answers[0])
})

test('a stream that a limit cuts is whole for the libraries, and its closing events repeat no reasoning', async () => {
  const cut = (tokens: number): string =>
    `  - { name: hour, per: [key], output_tokens: ${tokens}, window: 1h, kind: sliding }`
  await lean(async ({ openai, vendor, eventsUntil }) => {
    const thought = 'Let me think of it at great length. '.repeat(40)
    const reasoning = responsesStreams['reasoning']!.flatMap((event) =>
      event.type === 'response.reasoning_text.delta' ? [{ ...event, delta: thought }] : [event],
    )
    vendor.scenario = { ...plainScenario, writes: reasoning.map(responsesWire) }
    const stream = openai.responses.stream({ model: 'vendor-model', input: 'hi' })
    const received: unknown[] = []
    stream.on('event', (event) => received.push(event))
    const response = await stream.finalResponse()
    assert.equal(response.status, 'incomplete')
    assert.doesNotMatch(JSON.stringify(received), reasoned)
    assert.equal((await eventsUntil(1))[0]!.outcome, 'cut')
  }, cut(400))
})

test('an upstream that answers something else is no way around: nothing of it leaves', async () => {
  await lean(async ({ openai, vendor, eventsUntil }) => {
    vendor.scenario = { ...plainScenario, whole: { oracle: 'S3CRET' } }
    await assert.rejects(openai.chat.completions.create({ model: 'vendor-model', messages }), /cannot be read/)
    vendor.scenario = { ...plainScenario, ends: 400 }
    await assert.rejects(openai.chat.completions.create({ model: 'vendor-model', messages }), /the vendor says 400/)
    await eventsUntil(2)
  }, 'on_error: { meter: allow }')
})

test('scripts of every dialect leave the same text and the same accounts as without', async () => {
  const seen: unknown[] = []
  for (const specs of [[], [restrict]]) {
    await withTreated(specs, async (treated) => {
      const all = []
      for (const [streaming, script] of Object.entries(scripts)) {
        treated.vendor.scenario = { ...plainScenario, writes: script.events }
        const row = rows.find(({ endpoint, streamed }) => endpoint === (streaming as Streaming) && streamed)!
        const one = nothingSeen()
        const model = row.dialect === 'gemini' ? 'gemini-model' : 'vendor-model'
        await row.call(treated, model, one, new AbortController().signal)
        all.push([streaming, one.text, one.stop, one.usage])
      }
      const events = await treated.eventsUntil(all.length)
      seen.push([all, events.map(({ usage, answer, charges }) => [usage, answer!.textBytes, answer!.chunks, charges])])
    })
  }
  assert.deepEqual(seen[1], seen[0])
})
