import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { ApiError, FinishReason, GoogleGenAI, type GenerateContentResponse } from '@google/genai'
import { noParams, type Call } from '../core/call.ts'
import { tokens } from '../core/usage.ts'
import { geminiOverloaded, geminiStreams, geminiWire } from './fixtures/gemini-streams.ts'
import { geminiStream } from './gemini-generate.ts'
import { generateReader } from './gemini-stream.ts'
import { gemini } from './gemini.ts'

/** What the official library makes of our answers: it is the client that these must not break. */
let answer: { status: number; type: string; body: string } = { status: 200, type: 'text/event-stream', body: '' }
let asked: { url: string; key: string | undefined; body: string }[] = []
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const key = request.headers['x-goog-api-key']?.toString()
    asked.push({ url: request.url ?? '', key, body: Buffer.concat(chunks).toString() })
    response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.body)
  })
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
after(() => server.close().closeAllConnections())
const { port } = server.address() as AddressInfo
const options = { baseUrl: `http://127.0.0.1:${port}` }
const client = new GoogleGenAI({ apiKey: 'k', httpOptions: options })
const params = { model: 'gemini-2.5-flash', contents: 'hi' }

const call: Call = {
  model: 'gemini-2.5-flash',
  stream: true,
  promptBytes: 2,
  promptExtraTokens: 0,
  opaqueParts: 0,
  messages: 1,
  choices: 1,
  maxOutputTokens: null,
  user: null,
  session: null,
  wantsUsage: true,
  params: noParams,
}
const charged = { ...tokens(30, 9), cachedTokens: 12, reasoningTokens: 4 }

function cutAfter(events: readonly Readonly<Record<string, unknown>>[], passed: number, choices: number): string {
  const reader = generateReader({ ...call, choices }, { id: 'req_1', createdS: 1 })
  for (const event of events.slice(0, passed + 1)) reader.read(JSON.stringify(event))
  return events.slice(0, passed).map(geminiWire).join('') + Buffer.from(reader.cut(charged)).toString()
}

async function collect(): Promise<GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = []
  for await (const chunk of await client.models.generateContentStream(params)) chunks.push(chunk)
  return chunks
}

test('the library reads a stream cut before any of its events as one that reached MAX_TOKENS', async () => {
  for (const [name, events] of Object.entries(geminiStreams)) {
    const choices = name === 'two' ? 2 : 1
    for (let passed = 0; passed < events.length; passed++) {
      answer = { status: 200, type: 'text/event-stream', body: cutAfter(events, passed, choices) }
      const chunks = await collect()
      const where = `${name} before event ${passed}`
      const finish = new Map<number, FinishReason | undefined>()
      for (const { candidates } of chunks)
        for (const { index = 0, finishReason } of candidates ?? []) finish.set(index, finishReason ?? finish.get(index))
      assert.equal(finish.size, choices, where)
      for (const [index, reason] of finish) {
        const own = name === 'two' && passed === 2 && index === 0
        assert.equal(reason, own ? FinishReason.STOP : FinishReason.MAX_TOKENS, where)
      }
      const usage = chunks.at(-1)?.usageMetadata
      assert.equal(usage?.promptTokenCount, 30, where)
      assert.equal(usage?.candidatesTokenCount, 5)
      assert.equal(usage?.thoughtsTokenCount, 4)
      assert.equal(usage?.totalTokenCount, 39)
    }
  }
})

test('a chat keeps what a cut answer said', async () => {
  answer = { status: 200, type: 'text/event-stream', body: cutAfter(geminiStreams.plain, 2, 1) }
  const chat = client.chats.create({ model: 'gemini-2.5-flash' })
  let text = ''
  for await (const chunk of await chat.sendMessageStream({ message: 'hi' })) text += chunk.text ?? ''
  assert.equal(text, 'Hello wörld')
  const said = chat.getHistory(true).filter(({ role }) => role === 'model')
  assert.equal(
    said
      .flatMap(({ parts }) => parts ?? [])
      .map((part) => part.text)
      .join(''),
    'Hello wörld',
  )
})

test('an error event throws ApiError with the status, ours and the vendor’s', async () => {
  const start = geminiStreams.plain.slice(0, 1).map(geminiWire).join('')
  const lost = { status: 502, code: 'upstream_lost', message: 'The model server broke off the answer.', param: null }
  for (const [event, status] of [
    [geminiWire(geminiOverloaded), 503],
    [Buffer.from(gemini.errorEvent(lost, 'req_1')).toString(), 502],
  ] as const) {
    asked = []
    answer = { status: 200, type: 'text/event-stream', body: start + event }
    await assert.rejects(collect(), (error) => error instanceof ApiError && error.status === status)
    assert.equal(asked.length, 1, 'and does not ask again')
  }
})

test('an error event without a number for its code, or a bare end, is a silent success: ours has the number', async () => {
  const start = geminiStreams.plain.slice(0, 1).map(geminiWire).join('')
  for (const rest of ['', 'data: {"error":{"message":"lost","status":"UNAVAILABLE"}}\r\n\r\n']) {
    answer = { status: 200, type: 'text/event-stream', body: start + rest }
    await collect()
  }
})

test('a refusal is an ApiError whose message is the body, and is tried again only by clients that set retryOptions', async () => {
  const wire = { status: 429, code: 'rate_limit_exceeded', message: 'Too much.', param: null, retryAfterMs: 12_000 }
  answer = { status: 429, type: 'application/json', body: Buffer.from(gemini.errorBody(wire, 'req_1')).toString() }
  const refused = (error: unknown): boolean => {
    assert.ok(error instanceof ApiError)
    assert.equal(error.status, 429)
    const { error: body } = JSON.parse(error.message) as { error: { status: string; details: object[] } }
    assert.equal(body.status, 'RESOURCE_EXHAUSTED')
    assert.equal(body.details.length, 2)
    return true
  }
  asked = []
  await assert.rejects(client.models.generateContent(params), refused)
  await assert.rejects(collect(), refused)
  assert.equal(asked.length, 2)
  asked = []
  const retryOptions = { attempts: 2, initialDelay: 0.01 }
  const eager = new GoogleGenAI({ apiKey: 'k', httpOptions: { ...options, retryOptions } })
  const startMs = performance.now()
  await assert.rejects(eager.models.generateContent(params), refused)
  assert.equal(asked.length, 2)
  assert.ok(performance.now() - startMs < 5000, 'after its own delay, whatever RetryInfo says')
})

test('what the library sends is what the endpoint reads', async () => {
  asked = []
  answer = { status: 200, type: 'text/event-stream', body: geminiStreams.plain.map(geminiWire).join('') }
  const config = { maxOutputTokens: 40, candidateCount: 2, systemInstruction: 'Be brief.', temperature: 0.5 }
  for await (const _ of await client.models.generateContentStream({ ...params, config }));
  const { url, key, body } = asked[0]!
  assert.equal(url, '/v1/models/gemini-2.5-flash:streamGenerateContent?alt=sse')
  assert.equal(key, 'k')
  const target = { id: 'gemini-2.5-flash', query: new URL(url, 'http://x').searchParams }
  const read = geminiStream.read(Buffer.from(body), target, { maxMessages: 10, maxDepth: 64 })
  assert.ok(read.ok)
  assert.equal(read.value.call.maxOutputTokens, 80)
  assert.equal(read.value.asked, 'hi')
  assert.deepEqual(read.value.texts, ['Be brief.', 'hi'])
})
