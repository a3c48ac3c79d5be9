import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { Fingerprinter, type ClientFingerprint } from './fingerprint.ts'

/** What the installed SDKs really send, so that a new release of one that says something else is noticed here. */
const fingerprinter = new Fingerprinter(new Uint8Array(32).fill(1))
let seen: ClientFingerprint[] = []
let baseURL = ''

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    body += chunk
  })
  request.on('end', () => {
    seen.push(fingerprintOf(request, body))
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
})

function fingerprintOf(request: IncomingMessage, body: string): ClientFingerprint {
  return fingerprinter.of({
    headerNames: request.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()),
    header: (name) => request.headers[name]?.toString(),
    fields: Object.keys(JSON.parse(body) as object),
    endpoint: request.url!,
    ja3: null,
    ja4: null,
  })
}

before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  seen = []
})
after(() => {
  server.close()
  server.closeAllConnections()
})

const messages = [{ role: 'user' as const, content: 'hello' }]

async function openai(apiKey = 'k', temperature = 0): Promise<void> {
  const client = new OpenAI({ apiKey, baseURL: `${baseURL}/v1`, maxRetries: 0 })
  await client.chat.completions.create({ model: 'm', messages, temperature })
}

async function anthropic(apiKey = 'k', temperature = 0): Promise<void> {
  const client = new Anthropic({ apiKey, baseURL, maxRetries: 0 })
  await client.messages.create({ model: 'm', max_tokens: 1 + temperature, messages })
}

async function google(apiKey = 'k', temperature = 0): Promise<void> {
  const client = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: baseURL } })
  await client.models.generateContent({ model: 'm', contents: 'hello', config: { temperature } })
}

for (const [name, call, sdk] of [
  ['openai', openai, /^openai-node\/7\.\d+$/],
  ['@anthropic-ai/sdk', anthropic, /^anthropic-node\/1\.\d+$/],
  ['@google/genai', google, /^google-genai-node\/3\.\d+$/],
] as const) {
  test(`${name} is known, agrees with itself, and has one id for calls with different keys and values`, async () => {
    await call('one', 0)
    await call('two', 1)
    const [first, second] = seen
    assert.deepEqual(first!.inconsistencies, [])
    assert.match(first!.sdk!, sdk)
    assert.deepEqual(second, first)
  })
}

test('a stream has the id of an answer in one piece', async () => {
  await openai()
  const client = new OpenAI({ apiKey: 'k', baseURL: `${baseURL}/v1`, maxRetries: 0, timeout: 5000 })
  const stream = await client.chat.completions.create({ model: 'm', messages, temperature: 1, stream: true })
  stream.controller.abort()
  assert.equal(seen.length, 2)
  assert.deepEqual(seen[1], seen[0])
})

test('different SDKs, and a program that speaks HTTP itself, have different ids', async () => {
  await openai()
  await anthropic()
  await google()
  await fetch(`${baseURL}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages, temperature: 0 }),
  })
  assert.equal(new Set(seen.map(({ id }) => id)).size, 4)
  assert.equal(seen[3]!.sdk, 'node-fetch')
  assert.deepEqual(seen[3]!.inconsistencies, [])
})

test('a program that only borrows the User-Agent of an SDK is seen', async () => {
  await openai()
  await fetch(`${baseURL}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'user-agent': 'OpenAI/JS 7.55.0', 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ model: 'm', messages, temperature: 0 }),
  })
  assert.deepEqual(seen[1]!.inconsistencies, ['stainless_headers_missing'])
  assert.equal(seen[1]!.sdk, seen[0]!.sdk)
  assert.notEqual(seen[1]!.id, seen[0]!.id)
})
