import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withFront } from '../support/front.ts'
import { plainScenario, type Scenario } from '../support/vendor-server.ts'
import { vendorEndpoints, word } from '../support/vendor-shapes.ts'
import { ask, dialectOf, modelOf, rowsOf, send, streamRequests } from './dialect-calls.ts'
import { scripts, scriptUsage, type Streaming } from './dialect-scripts.ts'
import { nothingSeen, type Row } from './matrix-clients.ts'
import { until } from './matrix-cell.ts'
import { textOf } from './matrix-cells.ts'
import { toldBy } from './matrix-told.ts'

/** E3, E4, E5, C9: what happens to streams on their way, in every format, for the official clients and to the byte. */
const streamings = Object.keys(scripts) as Streaming[]
const rowOf = (streaming: Streaming): Row => rowsOf(streaming).find(({ streamed }) => streamed)!

const paths: Readonly<Record<Streaming, string>> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
  streamGenerateContent: '/v1beta/models/gemini-model:streamGenerateContent',
}

/** The events of a plain answer of so many words. */
const plainEvents = (streaming: Streaming, words: number): readonly string[] =>
  vendorEndpoints.find(({ path }) => path === paths[streaming])!.stream!(words, 20, true)

const writing = (writes: readonly (string | Uint8Array)[]): Scenario => ({ ...plainScenario, writes })

/** Pieces that end in the middle of lines, and one of them at least inside a character. */
function piecesOf(text: string): readonly Uint8Array[] {
  const bytes = Buffer.from(text)
  for (let size = 101; size < 200; size++) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    if (pieces.some((piece) => (piece[0]! & 0xc0) === 0x80)) return pieces
  }
  assert.fail('no character is split')
}

const inWords = (text: string): string => text.replaceAll(/tok(?=\d)/g, 'wörd🌊')

const variants: Readonly<Record<string, (text: string) => string>> = {
  'LF ends its lines': (text) => text.replaceAll('\r\n', '\n'),
  'CRLF ends its lines': (text) => text.replaceAll('\r\n', '\n').replaceAll('\n', '\r\n'),
  'CR ends its lines': (text) => text.replaceAll('\r\n', '\n').replaceAll('\n', '\r'),
  'comments stand between its events': (text) =>
    text.replaceAll(/(?<=\n\n|\r\n\r\n)(?=event|data)/g, ': keep-alive\n\n'),
  'its data stands on several lines': (text) => text.replaceAll(/^(data: \{"[a-z_]+":)/gim, '$1\ndata: '),
}

for (const streaming of streamings) {
  for (const [variant, rewrite] of Object.entries(variants)) {
    test(`E5: ${streaming} passes to the byte where ${variant}, split inside characters and line ends`, async () => {
      await withFront({}, async (front) => {
        const sent = rewrite(scripts[streaming].events.join(''))
        front.vendor.scenario = writing(piecesOf(sent))
        const response = await send(front, dialectOf[streaming], streamRequests[streaming])
        assert.equal(await response.text(), sent)
        const [event] = await front.eventsUntil(1)
        assert.deepEqual([event!.outcome, event!.usageSource], ['ok', 'provider'])
        assert.deepEqual([event!.usage.inputTokens, event!.usage.outputTokens], [20, scriptUsage[streaming]])
        assert.equal(event!.answer!.bytes, Buffer.byteLength(sent))
      })
    })
  }

  test(`E5: ${streaming}: the official client reads the same text from CRLF and from pieces`, async () => {
    await withFront({}, async (front) => {
      for (const rewrite of [variants['LF ends its lines']!, variants['CRLF ends its lines']!]) {
        const sent = rewrite(inWords(plainEvents(streaming, 12).join('')))
        const seen = await ask(front, rowOf(streaming), writing(piecesOf(sent)))
        assert.equal(seen.error, null)
        assert.equal(seen.text, inWords(textOf(12)))
        assert.deepEqual(seen.usage, { input: 20, output: 12 })
      }
    })
  })

  test(`E3: ${streaming}: a client that breaks out of its loop stops the vendor and pays for what it got`, async () => {
    const quotas = `  - { name: all, per: [key], tokens: 1000000, window: 1h, kind: sliding }`
    await withFront({ quotas }, async (front) => {
      front.vendor.scenario = { ...plainScenario, words: 400, paceMs: 2 }
      const row = rowOf(streaming)
      const seen = nothingSeen()
      // An exception inside the loop ends the iteration, as `break` does.
      const enough = new Error('enough')
      seen.onText = () => {
        if (seen.pieces === 7) throw enough
      }
      const controller = new AbortController()
      await assert.rejects(row.call(front, modelOf(row), seen, controller.signal), enough)
      // Google's library stops reading then, and does not hang up: that is what its signal is for.
      if (streaming === 'streamGenerateContent') controller.abort()
      await until(() => front.vendor.requests[0]?.state === 'left', 'the vendor to be stopped')
      const [event] = await front.eventsUntil(1)
      const { inputTokens, outputTokens } = event!.usage
      assert.equal(event!.outcome, 'client_left')
      assert.ok(inputTokens >= 20 && outputTokens >= 7 && outputTokens < 400, `${inputTokens} + ${outputTokens} tokens`)
      assert.equal(event!.charges[0]!.units, inputTokens + outputTokens)
      assert.equal(front.serving.weir.quotasOf('k1')![0]!.held, 0)
    })
  })

  test(`E4: ${streaming}: an upstream that ends without its last word is an error, wherever it ends`, async () => {
    await withFront({ upstream: ', breaker: { failures: 1000 }' }, async (front) => {
      const events = plainEvents(streaming, 5)
      // What says how the answer ended is in the last events, one or more; after the first of them nothing is lost.
      const closing = events.findIndex((text) =>
        /"finish_?[rR]eason":"|"type":"(message_delta|response\.completed)"/.test(text),
      )
      assert.ok(closing > 0)
      let count = 0
      for (let sent = 0; sent <= closing; sent++) {
        const seen = await ask(front, rowOf(streaming), writing(events.slice(0, sent)))
        const told = toldBy(seen.error)
        assert.equal(told.code, 'upstream_lost', `${sent} events`)
        assert.equal(seen.stop, null)
        const event = (await front.eventsUntil(++count)).at(-1)!
        assert.deepEqual([event.outcome, event.fault], ['upstream_lost', 'dropped'])
        // Anthropic begins with a count of one.
        const begun = streaming === 'messages' && sent > 0 ? 1 : 0
        assert.equal(event.usage.outputTokens, Math.max(begun, seen.pieces), 'what was delivered is counted')
      }
    })
  })
}

const vendorErrors: Readonly<Record<Streaming, readonly [event: string, type: string]>> = {
  chat: [
    'data: {"error":{"message":"The server is on fire, and says so at length.","type":"server_error","code":"fire"}}\n\n',
    'server_error',
  ],
  completions: [
    'data: {"error":{"message":"The server is on fire, and says so at length.","type":"server_error","code":"fire"}}\n\n',
    'server_error',
  ],
  responses: [
    'event: error\ndata: {"type":"error","sequence_number":9,"code":"fire","message":"On fire, at length.","param":null}\n\n',
    'error',
  ],
  messages: [
    'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded, and says so at length."}}\n\n',
    'overloaded_error',
  ],
  streamGenerateContent: [
    'data: {"error":{"code":503,"message":"Overloaded, and says so at length.","status":"UNAVAILABLE"}}\r\n\r\n',
    'UNAVAILABLE',
  ],
}

for (const streaming of streamings) {
  test(`C9: ${streaming}: the vendor's error in mid-stream reaches the client, and its text is no output`, async () => {
    await withFront({}, async (front) => {
      const row = rowOf(streaming)
      const [error, type] = vendorErrors[streaming]
      const events = plainEvents(streaming, 12).slice(0, row.lead + 5)
      const seen = await ask(front, row, writing([...events, error]))
      const told = toldBy(seen.error)
      assert.deepEqual([told.library, told.type], [row.dialect, type])
      assert.equal(seen.text, Array.from({ length: 5 }, (_, i) => word(i)).join(''))
      const [event] = await front.eventsUntil(1)
      assert.deepEqual([event!.outcome, event!.status], ['upstream_error', 200])
      assert.equal(event!.usage.outputTokens, 5)
      assert.equal(event!.answer!.chunks, 5)
    })
  })
}

test('a Gemini stream with fewer candidates than were asked for is whole when all that came are finished', async () => {
  await withFront({}, async (front) => {
    const stream = await front.google.models.generateContentStream({
      model: 'gemini-model',
      contents: 'hello',
      config: { candidateCount: 2 },
    })
    let text = ''
    for await (const chunk of stream) text += chunk.text ?? ''
    assert.match(text, /^tok0 tok1 /)
    const [event] = await front.eventsUntil(1)
    assert.deepEqual([event!.outcome, event!.usageSource, event!.usage.outputTokens], ['ok', 'provider', 12])
  })
})
