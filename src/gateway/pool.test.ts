import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { afterEach, test } from 'node:test'
import { get, post, recordingSink, sendTo, type Recorded } from '../../test/support/recording-sink.ts'
import { createServer as createTlsServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { createAuthority, openssl } from '../../test/support/certificates.ts'
import type { Clock } from '../core/clock.ts'
import type { Upstream, UpstreamRequest } from '../core/upstream.ts'
import { createPoolUpstream, type PoolOptions } from './pool.ts'

let server: Server | null = null
const opened = new Set<Upstream>()

afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  server = null
  for (const pool of opened) await closed(pool)
})

async function closed(pool: Upstream): Promise<void> {
  opened.delete(pool)
  await pool.close()
}

const portOf = (listening: Server | TcpServer): number => (listening.address() as AddressInfo).port

/** Starts the test's server; gives its URL. */
async function serverTo(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${portOf(server)}`
}

async function poolTo(listener: RequestListener, connections = 4): Promise<Upstream> {
  return poolAt(`${await serverTo(listener)}/v1`, connections)
}

function poolAt(baseUrl: string, connections = 4): Upstream {
  return poolOf({ baseUrls: [baseUrl], connections })
}

const standing: Clock = { now: () => 0, after: () => () => {} }

function poolOf(over: Partial<PoolOptions> & Pick<PoolOptions, 'baseUrls'>): Upstream {
  const rest = { name: 'test', apiKey: null, tls: null, connections: 4, connectTimeoutMs: 2000, clock: standing }
  const pool = createPoolUpstream({ ...rest, ...over })
  opened.add(pool)
  return pool
}

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const unused = createTcpServer()
  await new Promise<void>((resolve) => unused.listen(0, '127.0.0.1', resolve))
  const port = portOf(unused)
  await new Promise((resolve) => unused.close(resolve))
  return port
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
  const { sink } = sendTo(poolAt(`http://127.0.0.1:${await unusedPort()}/v1`), post({}))
  await until('the fault is told', () => over(sink))
  assert.deepEqual([sink.calls, sink.fault?.kind, sink.fault?.sent], [['fault'], 'unreachable', false])
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
  assert.deepEqual([early.calls, early.fault?.kind, early.fault?.sent], [['fault'], 'dropped', true])
  assert.deepEqual([late.calls, late.fault?.kind, late.fault?.sent], [['head', 'data', 'fault'], 'dropped', true])
})

test('what is no HTTP is a protocol fault', async () => {
  const tcp = createTcpServer((socket) => socket.on('data', () => socket.write('SSH-2.0-nothing\r\n\r\n')))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { sink } = sendTo(poolAt(`http://127.0.0.1:${portOf(tcp)}`), post({}))
  await until('the fault is told', () => over(sink))
  tcp.close()
  assert.deepEqual([sink.fault?.kind, sink.fault?.sent], ['protocol', true], sink.fault?.detail ?? '')
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
  await closed(pool)
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

test('a redirect to another host is handed back, and no connection is made there', async () => {
  let connections = 0
  const elsewhere = createTcpServer((socket) => {
    connections++
    socket.destroy()
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  const location = `http://127.0.0.1:${portOf(elsewhere)}/metadata`
  const pool = await poolTo((request, response) => {
    response.writeHead(Number(request.url!.slice('/v1/'.length)), { location }).end('moved')
  })
  for (const status of [301, 302, 303, 307, 308]) {
    const { sink } = sendTo(pool, { ...post({ a: 1 }), path: `/${status}` })
    await until('the answer ends', () => over(sink))
    await sleep(20)
    assert.deepEqual([sink.status, sink.headers['location'], sink.text, connections], [status, location, 'moved', 0])
  }
  elsewhere.close()
})

test('what comes before an answer is none, and a redirect is not followed on the same host either', async () => {
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

test('the key goes where the vendor looks for it, and a key of the client is never replaced by ours', async () => {
  const seen: IncomingMessage['headers'][] = []
  const base = await serverTo((request, response) => {
    seen.push(request.headers)
    response.end()
  })
  const pool = poolOf({ baseUrls: [base] })
  const own = poolOf({ baseUrls: [base], apiKey: 'ours' })
  const ask = async (to: Upstream, more: Partial<UpstreamRequest>): Promise<readonly (string | undefined)[]> => {
    const { sink } = sendTo(to, { ...post({}), credential: null, keyStyle: 'bearer', ...more })
    await until('the answer ends', () => over(sink))
    const headers = seen.pop()!
    return ['authorization', 'x-api-key', 'x-goog-api-key'].map((name) => headers[name] as string | undefined)
  }
  assert.deepEqual(await ask(own, {}), ['Bearer ours', undefined, undefined])
  assert.deepEqual(await ask(own, { keyStyle: 'x-api-key' }), [undefined, 'ours', undefined])
  assert.deepEqual(await ask(own, { keyStyle: 'x-goog-api-key' }), [undefined, undefined, 'ours'])
  assert.deepEqual(await ask(own, { credential: 'theirs' }), ['Bearer theirs', undefined, undefined])
  assert.deepEqual(await ask(own, { credential: '' }), ['Bearer', undefined, undefined], 'an empty key is a key')
  assert.deepEqual(await ask(pool, {}), [undefined, undefined, undefined])
  assert.deepEqual(await ask(pool, { credential: 'k', keyStyle: 'x-api-key' }), [undefined, 'k', undefined])
})

test('a key that cannot be in a header reaches nobody, is not repeated, and is nothing against the server', async () => {
  const seen: string[] = []
  const base = await serverTo((request, response) => {
    seen.push(request.url!)
    response.end()
  })
  const pool = poolOf({ baseUrls: [`${base}/one`, `${base}/two`] })
  const { sink } = sendTo(pool, { ...post({}), credential: 'secret\r\nx-evil: 1', keyStyle: 'x-api-key' })
  await until('the fault is told', () => over(sink))
  assert.deepEqual([sink.fault?.kind, sink.fault?.sent, seen], ['protocol', false, []])
  assert.ok(!sink.fault!.detail.includes('secret'))
  for (let i = 0; i < 2; i++) {
    const next = sendTo(pool, get('')).sink
    await until('the next request is answered', () => over(next))
  }
  assert.deepEqual(seen, ['/two', '/one'])
})

test('equal servers share the requests, and each keeps its own path', async () => {
  const seen: string[] = []
  const held: (() => void)[] = []
  const base = await serverTo((request, response) => {
    seen.push(request.url!)
    held.push(() => response.end())
  })
  const equal = poolOf({ baseUrls: [`${base}/one`, `${base}/two`, base] })
  const first = Array.from({ length: 3 }, () => sendTo(equal, get('/models')).sink)
  await until('all are asked', () => held.length === 3)
  assert.deepEqual(seen.toSorted(), ['/models', '/one/models', '/two/models'])
  held[seen.indexOf('/two/models')]!()
  await until('one is answered', () => first.some(over))
  sendTo(equal, get('/again')).call.abort()
  const { sink } = sendTo(equal, get('/last'))
  await until('it is asked', () => seen.includes('/two/last'))
  for (const end of held) end()
  await until('all are answered', () => over(sink) && first.every(over))
})

test('a server that cannot be connected to is left out for a second, and is used again when it is back', async () => {
  const at = { nowMs: 0 }
  const clock: Clock = { now: () => at.nowMs, after: () => () => {} }
  const well = await serverTo((_request, response) => void response.end())
  const deadPort = await unusedPort()
  const baseUrls = [`http://127.0.0.1:${deadPort}`, well]
  const pool = poolOf({ baseUrls, clock })
  const ask = async (): Promise<string> => {
    const { sink } = sendTo(pool, get('/models'))
    await until('it is over', () => over(sink))
    return sink.calls.at(-1)!
  }
  assert.equal(await ask(), 'fault')
  for (let i = 0; i < 4; i++) assert.equal(await ask(), 'end')
  at.nowMs = 1000
  assert.deepEqual([await ask(), await ask()].toSorted(), ['end', 'fault'])
  at.nowMs = 2000
  for (let i = 0; i < 4; i++) assert.equal(await ask(), 'end', 'two seconds the second time')
  let back = 0
  const revived = createServer((_request, response) => void (back++, response.end()))
  await new Promise<void>((resolve) => revived.listen(deadPort, '127.0.0.1', resolve))
  at.nowMs = 3000
  for (let i = 0; i < 4; i++) assert.equal(await ask(), 'end')
  assert.equal(back, 2)
  revived.closeAllConnections()
  revived.close()
})

test('a server is out of reach also if nobody waits for it any more', async () => {
  const well = await serverTo((_request, response) => void response.end())
  const pool = poolOf({ baseUrls: [`http://127.0.0.1:${await unusedPort()}`, well] })
  sendTo(pool, get('/first')).call.abort()
  await sleep(50)
  for (let i = 0; i < 3; i++) {
    const { sink } = sendTo(pool, get('/models'))
    await until('it is over', () => over(sink))
    assert.equal(sink.calls.at(-1), 'end')
  }
})

test(
  'a private authority is trusted where it is given, the client shows its certificate, and HTTP/1.1 is spoken',
  { skip: openssl.skip },
  async () => {
    const ca = createAuthority('upstream CA')
    const own = ca.issue('/CN=model', 'IP:127.0.0.1')
    const client = ca.issue('/CN=gateway')
    const seen: string[] = []
    const secure = createTlsServer(
      { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2', 'http/1.1'] },
      (request, response) => {
        const socket = request.socket as TLSSocket
        seen.push(`${request.httpVersion} ${String(socket.getPeerCertificate().subject.CN)}`)
        response.end()
      },
    )
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    const { port } = secure.address() as AddressInfo
    const ask = async (tls: PoolOptions['tls'], host = '127.0.0.1'): Promise<Recorded> => {
      const pool = poolOf({ baseUrls: [`https://${host}:${port}/v1`], tls })
      const { sink } = sendTo(pool, get('/models'))
      await until('it is over', () => over(sink))
      await closed(pool)
      return sink
    }
    const good = await ask({ ca: ca.cert, ...client })
    assert.deepEqual([good.status, seen], [200, ['1.1 gateway']], good.fault?.detail ?? '')
    for (const [what, tls, host] of [
      ['an authority of which nobody told', null, '127.0.0.1'],
      ['another authority', { ca: createAuthority('another').cert, ...client }, '127.0.0.1'],
      ['a certificate for another name', { ca: ca.cert, ...client }, 'localhost'],
    ] as const) {
      const { fault } = await ask(tls, host)
      assert.deepEqual([fault?.kind, fault?.sent], ['unreachable', false], what)
    }
    const { fault } = await ask({ ca: ca.cert, cert: null, key: null })
    assert.notEqual(fault, null, 'no client certificate')
    assert.equal(seen.length, 1, 'nobody else got an answer')
    secure.closeAllConnections()
    secure.close()
  },
)
