/** What the data plane's listener is made of: plain HTTP, or HTTPS with certificates that can be swapped. */

import { createHash, X509Certificate } from 'node:crypto'
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions, TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../core/exchange.ts'

/** TLS of the listener; all texts are PEM. */
export interface ListenerTls {
  /** With its chain. */
  readonly cert: string
  readonly key: string
  /** The authorities that sign client certificates; needed where `clientAuth` is not `none`. */
  readonly clientCa: string | null
  /** `request`: a client without a certificate of theirs is served as one without any. `require`: it is not. */
  readonly clientAuth: 'none' | 'request' | 'require'
}

export interface Listener {
  readonly server: Server
  readonly scheme: 'http' | 'https'
  /** null: plain HTTP has none. */
  readonly certificates: ClientCertificates | null
  /** Gives what is wrong with the new certificates, or null when they are in force. */
  setTls(next: ListenerTls | null): string | null
  /** Breaks every connection, also those whose handshake is not done. */
  breakAll(): void
}

/** How long a client may take to agree on keys, as it may for its headers. */
const HANDSHAKE_MS = 15_000

/** Throws on certificates that cannot be used. */
export function createListener(http: ServerOptions, tls: ListenerTls | null, listener: RequestListener): Listener {
  if (tls === null) {
    const server = createServer(http, listener)
    return {
      server,
      scheme: 'http',
      certificates: null,
      setTls: (next) => (next === null ? null : FIXED),
      breakAll: () => server.closeAllConnections(),
    }
  }
  const server = createTlsServer(
    {
      ...http,
      ...contextOf(tls),
      requestCert: tls.clientAuth !== 'none',
      rejectUnauthorized: tls.clientAuth === 'require',
      handshakeTimeout: HANDSHAKE_MS,
    },
    listener,
  )
  const certificates = new ClientCertificates()
  server.on('secureConnection', (socket) => certificates.add(socket))
  // Node would hand these to `clientError`, whose answer no one could read: there are no keys to send it under.
  server.removeAllListeners('tlsClientError')
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    server,
    scheme: 'https',
    certificates,
    setTls(next) {
      if (next === null || next.clientAuth !== tls.clientAuth) return FIXED
      try {
        // It makes new ticket keys too: nobody resumes a session that was verified under the old authorities.
        server.setSecureContext(contextOf(next))
        return null
      } catch (error) {
        return error instanceof Error ? error.message : String(error)
      }
    },
    breakAll: () => sockets.forEach((socket) => socket.destroy()),
  }
}

const FIXED = 'whether the listener speaks TLS, and whether it asks for client certificates, is fixed at its start'

/** Throws on what cannot be used; what node would take as "not given" must not pass for something weaker. */
function contextOf({ cert, key, clientCa, clientAuth }: ListenerTls): SecureContextOptions {
  if (cert === '' || key === '') throw new Error('the certificate or its key is empty')
  const context = { cert, key, minVersion: 'TLSv1.2' } as const
  if (clientAuth === 'none') return context
  // Without authorities of its own, node would trust the certificates of every public one.
  if (clientCa === null || clientCa === '') throw new Error('client certificates need a client CA')
  if (!isCertificate(clientCa)) throw new Error('the client CA holds no certificate')
  return { ...context, ca: clientCa }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

/** A longer one is no name: cut short it could be somebody else's. */
const MAX_SUBJECT_CHARS = 256

/** The verified certificate of each connection, read once when it is made. */
export class ClientCertificates {
  readonly #known = new WeakMap<Duplex, ClientCertificate>()

  /** To be called once the handshake is done. */
  add(socket: TLSSocket): void {
    if (!socket.authorized) return
    const { raw, subject, subjectaltname } = socket.getPeerCertificate()
    const sha256 = createHash('sha256').update(raw).digest('hex')
    const name = firstOf(subject.CN) ?? firstAlternative(subjectaltname ?? '')
    this.#known.set(socket, { sha256, subject: name.length <= MAX_SUBJECT_CHARS ? name : '' })
  }

  of(socket: Duplex): ClientCertificate | null {
    return this.#known.get(socket) ?? null
  }
}

const firstOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : value?.[0]

/** Node writes `DNS:a.example, URI:b`, and a name with a comma or a quote in it as a JSON string. */
export function firstAlternative(names: string): string {
  const value = names.slice(names.indexOf(':') + 1)
  if (!value.startsWith('"')) return value.split(', ', 1)[0]!
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(value)
  return quoted === null ? '' : (JSON.parse(quoted[0]) as string)
}
