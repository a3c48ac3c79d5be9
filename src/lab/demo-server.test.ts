import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { chatOf } from '../../test/support/recording-sink.ts'
import { systemClock } from '../core/clock.ts'
import { serveDemoModel, type DemoServer } from './demo-server.ts'

let server: DemoServer

beforeEach(async () => {
  server = await serveDemoModel({ host: '127.0.0.1', port: 0, clock: systemClock, seed: 'seed' })
})
afterEach(() => server.close())

const chat = (body: object, signal?: AbortSignal): Promise<Response> =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.ok(holds(), what)
}

test('it answers under /v1, streamed and not', async () => {
  const whole = (await (await chat(chatOf())).json()) as { choices: { message: { content: string } }[] }
  const stream = await (await chat(chatOf('', { stream: true }))).text()
  const text = [...stream.matchAll(/"content":("(?:[^"\\]|\\.)*")/g)].map(([, quoted]) => JSON.parse(quoted!) as string)
  assert.equal(text.join(''), whole.choices[0]!.message.content)
  assert.equal((await fetch(`${server.url}/v1/models`)).status, 200)
  assert.equal(server.requests, 3)
})

test('hostile input gets an error status and the server stays up', async () => {
  assert.equal((await fetch(`${server.url}/v1/models/%zz`)).status, 404)
  assert.equal((await chat({ model: 'demo-a', messages: [{ role: 'user', content: [null] }] })).status, 400)
  assert.equal((await chat(chatOf('status=9999 tokens=x delay_ms=x'))).status, 200)
  assert.equal((await chat(chatOf('status=503'))).status, 503)
})

test('a caller that leaves stops the answer and is counted', async () => {
  const leaving = new AbortController()
  const response = await chat(chatOf('pace_tps=20 tokens=1000', { stream: true }), leaving.signal)
  await response.body!.getReader().read()
  assert.equal(server.openStreams, 1)
  leaving.abort()
  await until('the stream is closed', () => server.openStreams === 0)
  assert.equal(server.aborted, 1)
})

test('a drop breaks the connection and is not counted as a caller that left', async () => {
  const response = await chat(chatOf('drop_after=3', { stream: true }))
  await assert.rejects(response.text())
  await until('the stream is closed', () => server.openStreams === 0)
  assert.equal(server.aborted, 0)
})

test('an answer larger than what the socket takes arrives whole at a slow reader', async () => {
  const response = await chat(chatOf('tokens=40000', { stream: true }))
  let bytes = 0
  let last = ''
  for await (const part of response.body!) {
    bytes += part.length
    last = Buffer.from(part).toString('utf8')
    if (bytes % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  assert.ok(bytes > 4_000_000, `${bytes} bytes`)
  assert.ok(last.endsWith('data: [DONE]\n\n'))
})
