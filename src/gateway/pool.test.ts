import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { afterEach, test } from 'node:test'
import { get, post, recordingSink, sendTo, type Recorded } from '../../test/support/recording-sink.ts'
import type { Upstream } from '../core/upstream.ts'
import { createPoolUpstream } from './pool.ts'

let server: Server | null = null
let upstream: Upstream | null = null

afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  await upstream?.close()
  server = null
  upstream = null
})

const portOf = (listening: Server | TcpServer): number => (listening.address() as AddressInfo).port

async function poolTo(listener: RequestListener, connections = 4): Promise<Upstream> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return poolAt(`http://127.0.0.1:${portOf(server)}/v1`, connections)
}

function poolAt(baseUrl: string, connections = 4): Upstream {
  upstream = createPoolUpstream({ name: 'test', baseUrl, connections, connectTimeoutMs: 2000 })
  return upstream
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; i < 2000 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 2))
  assert.ok(holds(), what)
}

const over = ({ calls }: Recorded): boolean => calls.at(-1) === 'end' || calls.at(-1) === 'fault'
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('head, data and end arrive in order, none before send has returned', async () => {
  const pool = await poolTo((_request, response) => {
    response.writeHead(201, { 'x-a': 'b' })
    response.write('one')
    setTimeout(() => response.end('two'), 20)
  })
  const { sink } = sendTo(pool, get('/models'))
  assert.deepEqual(sink.calls, [])
  await until('the answer ends', () => over(sink))
  assert.deepEqual(sink.calls, ['head', 'data', 'data', 'end'])
  assert.deepEqual([sink.status, sink.headers['x-a'], sink.text], [201, 'b', 'onetwo'])
})

test('path, headers and body reach the upstream exactly as they were given', async () => {
  const seen: { request: IncomingMessage; body: Buffer }[] = []
  const pool = await poolTo((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      seen.push({ request, body: Buffer.concat(parts) })
      response.end()
    })
  })
  const body = Buffer.from([0x7b, 0x22, 0xc3, 0xa4, 0x00, 0xff, 0x7d])
  const headers = { 'content-type': 'application/json', authorization: 'Bearer secret' }
  for (const request of [{ ...post(''), headers, body }, get('/models')]) {
    const { sink } = sendTo(pool, request)
    await until('the answer ends', () => over(sink))
  }
  const [posted, got] = seen
  assert.deepEqual([posted!.request.method, posted!.request.url], ['POST', '/v1/chat/completions'])
  assert.deepEqual(posted!.body, body)
  assert.deepEqual(Object.keys(posted!.request.headers).toSorted(), [
    'authorization',
    'connection',
    'content-length',
    'content-type',
    'host',
  ])
  assert.equal(posted!.request.headers.authorization, 'Bearer secret')
  assert.deepEqual([got!.request.method, got!.request.url, got!.body.length], ['GET', '/v1/models', 0])
})

test('a refused connection is unreachable', async () => {
  const unused = createTcpServer()
  await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve))
  const port = portOf(unused)
  await new Promise((resolve) => unused.close(resolve))
  const { sink } = sendTo(poolAt(`http://127.0.0.1:${port}/v1`), post({}))
  await until('the fault is told', () => over(sink))
  assert.deepEqual([sink.calls, sink.fault?.kind], [['fault'], 'unreachable'])
  assert.match(sink.fault!.detail, /ECONNREFUSED/)
})

test('a server that destroys the socket before or after its head has dropped the answer', async () => {
  const pool = await poolTo((request, response) => {
    if (request.url === '/v1/early') return void request.socket.destroy()
    response.writeHead(200)
    response.write('part')
    setTimeout(() => request.socket.destroy(), 20)
  })
  const early = sendTo(pool, get('/early')).sink
  const late = sendTo(pool, get('/late')).sink
  await until('both faults are told', () => over(early) && over(late))
  assert.deepEqual([early.calls, early.fault?.kind], [['fault'], 'dropped'])
  assert.deepEqual([late.calls, late.fault?.kind], [['head', 'data', 'fault'], 'dropped'])
})

test('what is no HTTP is a protocol fault', async () => {
  const tcp = createTcpServer((socket) => socket.on('data', () => socket.write('SSH-2.0-nothing\r\n\r\n')))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { sink } = sendTo(poolAt(`http://127.0.0.1:${portOf(tcp)}`), post({}))
  await until('the fault is told', () => over(sink))
  tcp.close()
  assert.equal(sink.fault?.kind, 'protocol', sink.fault?.detail ?? '')
})

test("abort closes the server's side within 50 ms and nothing is called any more", async () => {
  let closedAtMs = 0
  const pool = await poolTo((_request, response) => {
    response.writeHead(200)
    const writing = setInterval(() => response.write('x'), 5)
    response.on('close', () => {
      closedAtMs = performance.now()
      clearInterval(writing)
    })
  })
  const { sink, call } = sendTo(pool, post({}))
  await until('data flows', () => sink.calls.includes('data'))
  const abortedAtMs = performance.now()
  call.abort()
  call.abort()
  const before = sink.calls.length
  await until('the server sees it', () => closedAtMs > 0)
  assert.ok(closedAtMs - abortedAtMs < 50, `${closedAtMs - abortedAtMs} ms`)
  await sleep(30)
  assert.equal(sink.calls.length, before)
})

test('a request that is aborted before it was started never reaches the upstream', async () => {
  const seen: string[] = []
  const pool = await poolTo((request, response) => {
    seen.push(request.url!)
    setTimeout(() => response.end(), request.url === '/v1/first' ? 50 : 0)
  }, 1)
  const first = sendTo(pool, get('/first')).sink
  const second = sendTo(pool, get('/second'))
  second.call.abort()
  const third = sendTo(pool, get('/third')).sink
  await until('the others are answered', () => over(first) && over(third))
  assert.deepEqual([seen, second.sink.calls], [['/v1/first', '/v1/third'], []])
})

test('after abort not even a fault is told that was on its way', async () => {
  const pool = poolAt('http://127.0.0.1:9/v1')
  await pool.close()
  upstream = null
  const told = sendTo(pool, post({})).sink
  const aborted = sendTo(pool, post({}))
  aborted.call.abort()
  await until('the fault of the other is told', () => over(told))
  await sleep(5)
  assert.deepEqual(aborted.sink.calls, [])
})

test('a paused answer stops coming, also where it was paused before it began', async () => {
  const total = 8 * 1024 * 1024
  const pool = await poolTo((_request, response) => void response.end(Buffer.alloc(total, 'x')))
  for (const early of [true, false]) {
    let bytes = 0
    const sink = recordingSink(() => {
      if (bytes++ === 0 && !early) call.pause()
    })
    const call = pool.send(get('/large'), sink)
    if (early) call.pause()
    else await until('the first data', () => sink.calls.includes('data'))
    await sleep(100)
    assert.ok(sink.text.length < total / 2, `${sink.text.length} bytes came in spite of the pause`)
    assert.equal(over(sink), false)
    call.resume()
    await until('the rest arrives', () => over(sink))
    assert.equal(sink.text.length, total)
  }
})

test('a header that is sent twice has its first value', async () => {
  const pool = await poolTo((_request, response) => {
    response.writeHead(200, [
      ['x-twice', 'one'],
      ['x-twice', 'two'],
    ] as never)
    response.end()
  })
  const { sink } = sendTo(pool, get('/models'))
  await until('the answer ends', () => over(sink))
  assert.equal(sink.headers['x-twice'], 'one')
})

test('redirects are answers and are not followed, and what comes before an answer is none', async () => {
  let requests = 0
  const pool = await poolTo((request, response) => {
    requests++
    response.writeProcessing()
    response.writeHead(307, { location: `http://${request.headers.host}/elsewhere` }).end('moved')
  })
  const { sink } = sendTo(pool, post({ a: 1 }))
  await until('the answer ends', () => over(sink))
  assert.deepEqual([sink.status, sink.text, requests], [307, 'moved', 1])
  assert.deepEqual(sink.calls, ['head', 'data', 'end'])
})
