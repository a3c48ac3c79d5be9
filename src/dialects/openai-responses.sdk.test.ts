import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { APIError, OpenAI } from 'openai'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import {
  responseFailed,
  responsesStreams,
  responsesWire,
  type ResponseEvent,
} from './fixtures/openai-responses-streams.ts'
import { responsesReader } from './openai-responses-stream.ts'
import { openai } from './openai.ts'

/** What the official library makes of streams that were cut: it is the client that these must not break. */
let body = ''
const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close().closeAllConnections())
const { port } = server.address() as AddressInfo
const client = new OpenAI({ apiKey: 'k', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 })
const params = { model: 'm', input: 'hi' }

const call: Call = {
  model: 'm',
  stream: true,
  promptBytes: 2,
  promptExtraTokens: 4,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: null,
  user: null,
  session: null,
  wantsUsage: true,
  params: noParams,
}

/** A stream of which `passed` events went out, and the next one was withheld by a cut. */
function cutAfter(events: readonly ResponseEvent[], passed: number): string {
  const reader = responsesReader(call, { id: 'req_1', createdS: 1 })
  for (const event of events.slice(0, passed + 1)) reader.read(JSON.stringify(event))
  const closing = Buffer.from(reader.cut({ ...tokens(30, 7), cachedTokens: 9, reasoningTokens: 2 })).toString()
  return events.slice(0, passed).map(responsesWire).join('') + closing
}

/** The text that reached the client before the cut. */
const sentText = (events: readonly ResponseEvent[]): string =>
  events.map((event) => (event.type === 'response.output_text.delta' ? String(event['delta']) : '')).join('')

test('the library reads a stream cut before any of its events as one that reached its bound', async () => {
  for (const [name, events] of Object.entries(responsesStreams)) {
    for (let passed = 0; passed < events.length; passed++) {
      body = cutAfter(events, passed)
      const where = `${name} before event ${passed}, ${events[passed]!.type}`
      const response = await client.responses.stream(params).finalResponse()
      const sent = events.slice(0, passed)
      assert.equal(response.status, 'incomplete', where)
      assert.equal(response.incomplete_details?.reason, 'max_output_tokens', where)
      assert.equal(response.output_text, sentText(sent), where)
      assert.equal(response.usage?.output_tokens, 7, where)
      assert.equal(response.usage?.input_tokens_details.cached_tokens, 9, where)
      assert.equal(response.output.length, sent.filter((e) => e.type === 'response.output_item.added').length, where)
      assert.equal(response.model, passed > 0 ? 'gpt-up-2026' : 'm', where)
      assert.equal(response.id, passed > 0 ? 'resp_1' : 'resp_req_1', where)
    }
  }
})

test('the raw iterator sees numbers that go on, every item closed once, and the end last', async () => {
  for (const [name, events] of Object.entries(responsesStreams)) {
    for (let passed = 0; passed < events.length; passed++) {
      body = cutAfter(events, passed)
      const where = `${name} before event ${passed}`
      const seen: ResponseEvent[] = []
      for await (const event of await client.responses.create({ ...params, stream: true })) {
        seen.push(event as unknown as ResponseEvent)
      }
      assert.deepEqual(
        seen.map((event) => event['sequence_number']),
        [...seen.keys()],
        where,
      )
      const of = (type: string): unknown[] => seen.filter((event) => event.type === type)
      for (const kind of ['response.output_item', 'response.content_part', 'response.reasoning_summary_part']) {
        assert.equal(of(`${kind}.added`).length, of(`${kind}.done`).length, `${where}: ${kind}`)
      }
      assert.equal(of('response.created').length, 1, where)
      assert.equal(seen.at(-1)!.type, 'response.incomplete', where)
    }
  }
})

test('whole streams, failures and our error event are read as they are meant', async () => {
  body = responsesStreams['plain']!.map(responsesWire).join('')
  const whole = await client.responses.stream(params).finalResponse()
  assert.deepEqual([whole.status, whole.output_text], ['completed', 'Rivers run to the séa.'])
  const lost = { status: 502, code: 'upstream_lost', message: 'The model server broke off the answer.', param: null }
  body =
    responsesStreams['plain']!.slice(0, 6).map(responsesWire).join('') +
    Buffer.from(openai.errorEvent(lost, 'req_1')).toString()
  const isOurs = (error: unknown): boolean => {
    assert.ok(error instanceof APIError)
    assert.equal(error.code, 'upstream_lost')
    return true
  }
  await assert.rejects(client.responses.stream(params).finalResponse(), isOurs)
  await assert.rejects(async () => {
    for await (const _ of await client.responses.create({ ...params, stream: true }));
  }, isOurs)
  body = responseFailed.map(responsesWire).join('')
  assert.equal((await client.responses.stream(params).finalResponse()).status, 'failed')
})
