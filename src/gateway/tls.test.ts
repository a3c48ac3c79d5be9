import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { connect } from 'node:net'
import { afterEach, test } from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { createAuthority, openssl, type Authority, type Pem } from '../../test/support/certificates.ts'
import { systemClock } from '../core/clock.ts'
import type { ClientCertificate } from '../core/exchange.ts'
import { startServer, type RunningServer } from './server.ts'
import { firstAlternative, type ListenerTls } from './tls.ts'

interface Seen {
  readonly clientCertificate: ClientCertificate | null
  readonly headerNames: readonly string[]
}

let running: RunningServer | null = null

afterEach(async () => {
  await running?.close(0)
  running = null
})

/** A server that remembers what it is asked. */
async function serve(tls: ListenerTls | null): Promise<{ server: RunningServer; seen: Seen[]; unparsable: string[] }> {
  const seen: Seen[] = []
  const unparsable: string[] = []
  let id = 0
  running = await startServer({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    nextId: () => String(id++),
    bodyTimeoutMs: 1000,
    tls,
    handle(exchange) {
      const { clientCertificate, headerNames } = exchange
      seen.push({ clientCertificate, headerNames })
      exchange.start(200, { 'content-type': 'text/plain' })
      exchange.end(Buffer.from('hello'))
      return Promise.resolve()
    },
    unparsable(code) {
      unparsable.push(code)
      return { status: 400, headers: {}, body: Buffer.from('no HTTP') }
    },
  })
  return { server: running, seen, unparsable }
}

/** The answer's status, or what kept it from coming. */
function ask(url: string, options: RequestOptions = {}): Promise<number | string> {
  return new Promise((resolve) => {
    const send = url.startsWith('https') ? httpsRequest : httpRequest
    const request = send(url, { agent: false, ...options }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode!))
    })
    request.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
    request.end()
  })
}

/** Certificates cost two processes each: one authority serves all tests. */
let made: { ca: Authority; own: Pem; agent: Pem } | null = null
const certificates = (): NonNullable<typeof made> => {
  if (made !== null) return made
  const ca = createAuthority('Weir test CA')
  made = { ca, own: ca.issue('/CN=weir', 'IP:127.0.0.1'), agent: ca.issue('/O=Acme/CN=agent-7', 'DNS:other.example') }
  return made
}
const sha256 = (pem: string): string => createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
const tlsOf = (over: Partial<ListenerTls> = {}): ListenerTls => ({
  ...certificates().own,
  clientCa: null,
  clientAuth: 'none',
  ...over,
})
const needsOpenssl = { skip: openssl.skip }

test('header names are told in the order in which they were sent, those sent twice twice', async () => {
  const { server, seen } = await serve(null)
  const { port } = new URL(server.url)
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('close', () => resolve(text))
    socket.write('GET / HTTP/1.1\r\nX-B: 1\r\nHost: weir\r\nAccept: a\r\nx-b: 2\r\nConnection: close\r\n\r\n')
  })
  assert.match(answer, /^HTTP\/1.1 200 /)
  assert.deepEqual(seen, [{ clientCertificate: null, headerNames: ['x-b', 'host', 'accept', 'x-b', 'connection'] }])
  assert.match(server.url, /^http:/)
  assert.equal(server.setTls(null), null)
  assert.match(server.setTls({ cert: '', key: '', clientCa: null, clientAuth: 'none' })!, /fixed/)
})

test('with a certificate the listener speaks TLS 1.2 and newer, and its URL says so', needsOpenssl, async () => {
  const { ca } = certificates()
  const { server, seen } = await serve(tlsOf())
  assert.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/)
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    assert.equal(await ask(server.url, { ca: ca.cert, minVersion: version, maxVersion: version }), 200, version)
  }
  const old = { ca: ca.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  assert.notEqual(await ask(server.url, old), 200)
  assert.equal(await ask(server.url), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'the client verifies us')
  assert.equal(seen.length, 2)
})

test('a verified client certificate is told by its hash and its name', needsOpenssl, async () => {
  const { ca, agent } = certificates()
  const { server, seen } = await serve(tlsOf({ clientCa: ca.cert, clientAuth: 'request' }))
  const nameless = ca.issue('/O=Acme', 'URI:spiffe://acme/agent,DNS:agent.example')
  const anonymous = ca.issue('/O=Acme')
  for (const pem of [agent, nameless, anonymous]) assert.equal(await ask(server.url, { ca: ca.cert, ...pem }), 200)
  assert.deepEqual(
    seen.map(({ clientCertificate }) => clientCertificate),
    [
      { sha256: sha256(agent.cert), subject: 'agent-7' },
      { sha256: sha256(nameless.cert), subject: 'spiffe://acme/agent' },
      { sha256: sha256(anonymous.cert), subject: '' },
    ],
  )
})

test('where one is only asked for, an unverified certificate is as good as none', needsOpenssl, async () => {
  const { ca } = certificates()
  const { server, seen } = await serve(tlsOf({ clientCa: ca.cert, clientAuth: 'request' }))
  const forged = createAuthority('Weir test CA').issue('/CN=agent-7')
  assert.equal(await ask(server.url, { ca: ca.cert, ...forged }), 200)
  assert.equal(await ask(server.url, { ca: ca.cert }), 200)
  assert.deepEqual(
    seen.map(({ clientCertificate }) => clientCertificate),
    [null, null],
  )
})

test(
  'where one is required, nobody gets in without it, and where none is asked for none is told',
  needsOpenssl,
  async () => {
    const { ca, agent } = certificates()
    const { server, seen, unparsable } = await serve(tlsOf({ clientCa: ca.cert, clientAuth: 'require' }))
    const forged = createAuthority('Weir test CA').issue('/CN=agent-7')
    for (const pem of [{}, forged]) assert.notEqual(await ask(server.url, { ca: ca.cert, ...pem }), 200)
    assert.deepEqual([seen, unparsable], [[], []])
    assert.equal(await ask(server.url, { ca: ca.cert, ...agent }), 200)
    assert.equal(seen[0]!.clientCertificate?.subject, 'agent-7')
    await server.close(0)

    const indifferent = await serve(tlsOf({ clientCa: ca.cert }))
    assert.equal(await ask(indifferent.server.url, { ca: ca.cert, ...agent }), 200)
    assert.equal(indifferent.seen[0]!.clientCertificate, null)
  },
)

test(
  'asking for certificates without an authority of one’s own is refused: node would trust all public ones',
  needsOpenssl,
  async () => {
    for (const clientAuth of ['request', 'require'] as const) {
      for (const clientCa of [null, ''])
        await assert.rejects(serve(tlsOf({ clientAuth, clientCa })), /need a client CA/)
    }
  },
)

test('new certificates take over without breaking a connection', needsOpenssl, async () => {
  const { ca, agent } = certificates()
  const { server, seen } = await serve(tlsOf({ clientCa: ca.cert, clientAuth: 'request' }))
  const kept = new Agent({ keepAlive: true, maxSockets: 1 })
  const askKept = (): Promise<number | string> => ask(server.url, { agent: kept, ca: ca.cert, ...agent })
  const idle = async (): Promise<unknown> => {
    await new Promise((resolve) => setImmediate(resolve))
    return Object.values(kept.freeSockets).flat()[0]
  }
  assert.equal(await askKept(), 200)
  const connection = await idle()
  assert.ok(connection)

  const next = createAuthority('next CA')
  const nextAgent = next.issue('/CN=agent-8')
  const swapped = { ...next.issue('/CN=weir', 'IP:127.0.0.1'), clientCa: next.cert, clientAuth: 'request' } as const
  assert.equal(server.setTls(swapped), null)
  assert.equal(await askKept(), 200)
  assert.equal(await idle(), connection, 'the open connection goes on')
  kept.destroy()
  assert.notEqual(await ask(server.url, { ca: ca.cert }), 200, 'the old certificate is gone')
  assert.equal(await ask(server.url, { ca: next.cert, ...agent }), 200)
  assert.equal(await ask(server.url, { ca: next.cert, ...nextAgent }), 200)
  assert.deepEqual(
    seen.map(({ clientCertificate }) => clientCertificate?.subject ?? null),
    ['agent-7', 'agent-7', null, 'agent-8'],
    'who the old authority vouched for is nobody now',
  )
})

test('a session that was verified under an old authority is worth nothing under a new one', needsOpenssl, async () => {
  const { ca, own, agent } = certificates()
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { server, seen } = await serve(tlsOf({ clientCa: ca.cert, clientAuth: 'request' }))
    const { port } = new URL(server.url)
    const over = { ca: ca.cert, ...agent, minVersion: version, maxVersion: version }
    const talk = (session?: Buffer): Promise<{ session: Buffer; reused: boolean }> =>
      new Promise((resolve, reject) => {
        const socket = tlsConnect({ port: Number(port), host: '127.0.0.1', ...over, ...(session && { session }) })
        let ticket = Buffer.alloc(0)
        let reused = false
        socket.on('session', (bytes) => (ticket = bytes))
        socket.on('error', reject)
        socket.on('close', () => resolve({ session: ticket, reused }))
        socket.on('secureConnect', () => {
          reused = socket.isSessionReused()
          socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
        })
        socket.resume()
      })
    const first = await talk()
    const resumed = await talk(first.session)
    assert.equal(resumed.reused, true, version)
    assert.equal(server.setTls({ ...own, clientCa: createAuthority('next CA').cert, clientAuth: 'request' }), null)
    const later = await talk(first.session)
    assert.equal(later.reused, false, version)
    assert.deepEqual(
      seen.map(({ clientCertificate }) => clientCertificate?.subject ?? null),
      ['agent-7', 'agent-7', null],
      version,
    )
    await server.close(0)
    running = null
  }
})

test('what cannot be put in force leaves the old certificates in force', needsOpenssl, async () => {
  const { ca, own, agent } = certificates()
  const { server } = await serve(tlsOf({ clientCa: ca.cert, clientAuth: 'request' }))
  const good = tlsOf({ clientCa: ca.cert, clientAuth: 'request' })
  for (const [bad, why] of [
    [{ ...good, cert: 'no certificate' }, /PEM|no start line/i],
    [{ ...good, key: agent.key }, /mismatch/],
    [{ ...good, cert: '', key: '' }, /is empty/],
    [{ ...good, clientCa: null }, /need a client CA/],
    [{ ...good, clientCa: '' }, /need a client CA/],
    [{ ...good, clientCa: 'no certificate' }, /holds no certificate/],
    [{ ...good, clientAuth: 'none' }, /fixed/],
    [null, /fixed/],
  ] as const) {
    const problem = server.setTls(bad)
    assert.match(problem!, why)
    assert.ok(!problem!.includes(own.key.split('\n')[1]!))
    assert.equal(await ask(server.url, { ca: ca.cert }), 200)
  }
})

test('a broken handshake costs a socket and nothing else', needsOpenssl, async () => {
  const { ca } = certificates()
  const { server, seen, unparsable } = await serve(tlsOf())
  const { port } = new URL(server.url)
  const inHello = Buffer.from('160301020001', 'hex')
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n'), Buffer.alloc(2000, 0xff), inHello]) {
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(bytes)
        if (bytes === inHello) setTimeout(() => socket.resetAndDestroy(), 20)
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve())
      socket.resume()
    })
  }
  assert.equal(await ask(server.url, { ca: ca.cert }), 200)
  assert.deepEqual([seen.length, unparsable], [1, []])
})

test('bytes that break a connection after its handshake break no more than that', needsOpenssl, async () => {
  const { ca } = certificates()
  const { server } = await serve(tlsOf())
  const { port } = new URL(server.url)
  await new Promise<void>((resolve) => {
    const raw = connect(Number(port), '127.0.0.1')
    raw.on('error', () => {})
    raw.on('close', () => resolve())
    const socket = tlsConnect({ socket: raw, ca: ca.cert, servername: '' }, () => {
      socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf')
      setTimeout(() => raw.write(Buffer.alloc(500, 0xff)), 20)
    })
    socket.on('error', () => {})
    socket.resume()
  })
  assert.equal(await ask(server.url, { ca: ca.cert }), 200)
})

test('what is no HTTP within TLS is still answered', needsOpenssl, async () => {
  const { ca } = certificates()
  const { server, unparsable } = await serve(tlsOf())
  const { port } = new URL(server.url)
  const answer = await new Promise<string>((resolve) => {
    const socket = tlsConnect({ port: Number(port), host: '127.0.0.1', ca: ca.cert }, () => socket.write('BAD\r\n\r\n'))
    let text = ''
    socket.on('data', (data) => (text += data.toString()))
    socket.on('close', () => resolve(text))
  })
  assert.match(answer, /^HTTP\/1.1 400 /)
  assert.equal(unparsable.length, 1)
})

test('a client that never finishes its handshake does not hold up the end', needsOpenssl, async () => {
  const { server } = await serve(tlsOf())
  const { port } = new URL(server.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  await new Promise((resolve) => setTimeout(resolve, 50))
  const startMs = performance.now()
  await server.close(100)
  running = null
  assert.ok(performance.now() - startMs < 2000)
  socket.destroy()
})

test('the first alternative name is read as node writes it', () => {
  const cases = [
    ['', ''],
    ['DNS:a.example', 'a.example'],
    ['DNS:a.example, DNS:b.example', 'a.example'],
    ['URI:spiffe://acme/x, DNS:b', 'spiffe://acme/x'],
    ['DNS:"a, DNS:admin", DNS:b', 'a, DNS:admin'],
    ['DNS:"a\\"b\\u0000", DNS:b', 'a"b\0'],
    ['DNS:"never closed', ''],
  ] as const
  for (const [names, first] of cases) assert.equal(firstAlternative(names), first, names)
})
