import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { Anthropic, APIError, RateLimitError } from '@anthropic-ai/sdk'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import { messagesReader } from './anthropic-stream.ts'
import { anthropic } from './anthropic.ts'
import { anthropicOverloaded, anthropicStreams, anthropicWire } from './fixtures/anthropic-streams.ts'

/** What the official library makes of our answers: it is the client that these must not break. */
let answer: { status: number; type: string; body: string } = { status: 200, type: 'text/event-stream', body: '' }
let asked = 0
const server = createServer((request, response) => {
  asked++
  request.resume()
  response.writeHead(answer.status, { 'content-type': answer.type, 'request-id': 'req_1' }).end(answer.body)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close().closeAllConnections())
const { port } = server.address() as AddressInfo
const client = new Anthropic({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })
const params = { model: 'm', max_tokens: 100, messages: [{ role: 'user' as const, content: 'hi' }] }

const call: Call = {
  model: 'm',
  stream: true,
  promptBytes: 2,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: 100,
  user: null,
  session: null,
  wantsUsage: true,
  params: noParams,
}
const charged = { ...tokens(1030, 7), cachedTokens: 900, cacheWriteTokens: 100 }

/** A stream of which `passed` events went out, and the next one was withheld by a cut. */
function cutAfter(events: readonly Readonly<Record<string, unknown>>[], passed: number): string {
  const reader = messagesReader(call, { id: 'req_1', createdS: 1 })
  for (const event of events.slice(0, passed + 1)) reader.read(JSON.stringify(event))
  return events.slice(0, passed).map(anthropicWire).join('') + Buffer.from(reader.cut(charged)).toString()
}

const stream = (body: string): void => {
  answer = { status: 200, type: 'text/event-stream', body }
}

test('the library reads a stream cut before any of its events as one that reached max_tokens', async () => {
  for (const [name, events] of Object.entries(anthropicStreams)) {
    const end = events.findIndex(({ type }) => type === 'message_delta')
    for (let passed = 0; passed < end; passed++) {
      stream(cutAfter(events, passed))
      const message = await client.messages.stream(params).finalMessage()
      const where = `${name} before event ${passed}`
      assert.equal(message.stop_reason, 'max_tokens', where)
      assert.equal(message.usage.output_tokens, 7, where)
      assert.equal(message.usage.input_tokens, 30, where)
      assert.equal(message.usage.cache_read_input_tokens, 900, where)
      assert.equal(
        message.content.length,
        events.slice(0, passed).filter((e) => e['type'] === 'content_block_start').length,
      )
    }
  }
})

test('the raw iterator sees each block closed once and the stream ended', async () => {
  stream(cutAfter(anthropicStreams.tools, 7))
  const types: string[] = []
  for await (const event of await client.messages.create({ ...params, stream: true })) types.push(event.type)
  assert.deepEqual(types.slice(-3), ['content_block_stop', 'message_delta', 'message_stop'])
  assert.equal(types.filter((type) => type === 'content_block_start').length, 2)
  assert.equal(types.filter((type) => type === 'content_block_stop').length, 2)
})

test('an error event throws with its type, ours and the vendor’s', async () => {
  const start = anthropicStreams.plain.slice(0, 4).map(anthropicWire).join('')
  const lost = { status: 502, code: 'upstream_lost', message: 'The model server broke off the answer.', param: null }
  for (const [event, type] of [
    [anthropicWire(anthropicOverloaded), 'overloaded_error'],
    [Buffer.from(anthropic.errorEvent(lost, 'req_1')).toString(), 'api_error'],
  ] as const) {
    stream(start + event)
    await assert.rejects(client.messages.stream(params).finalMessage(), (error) => {
      assert.ok(error instanceof APIError)
      assert.equal(error.type, type)
      return true
    })
    await assert.rejects(async () => {
      for await (const _ of await client.messages.create({ ...params, stream: true }));
    }, APIError)
  }
})

test('a refusal is the library’s error class with type, code and request id', async () => {
  const wire = { status: 429, code: 'rate_limit_exceeded', message: 'Too much.', param: null, retryAfterMs: 1000 }
  answer = { status: 429, type: 'application/json', body: Buffer.from(anthropic.errorBody(wire, 'req_1')).toString() }
  await assert.rejects(client.messages.create(params), (error) => {
    assert.ok(error instanceof RateLimitError)
    assert.equal(error.type, 'rate_limit_error')
    assert.equal(error.errorCode, 'rate_limit_exceeded')
    assert.equal(error.apiMessage, 'Too much.')
    assert.equal(error.requestID, 'req_1')
    return true
  })
})

test('529 is tried again', async () => {
  const wire = { status: 503, code: 'shutting_down', message: 'Bye.', param: null, retryAfterMs: 1000 }
  const body = Buffer.from(anthropic.errorBody(wire, 'req_1')).toString()
  answer = { status: anthropic.status(wire), type: 'application/json', body }
  asked = 0
  await assert.rejects(client.messages.create(params, { maxRetries: 1 }), (error) => {
    assert.ok(error instanceof APIError)
    return error.status === 529 && error.type === 'overloaded_error'
  })
  assert.equal(asked, 2)
})
