import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import assert from 'node:assert/strict'
import type { DialectName } from '../../src/dialects/dialect.ts'

/** A client that sends exactly what a test says, headers in their order, and shows all of the answer. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Sending {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders | readonly string[]
  readonly body?: string | Buffer
  /** For TLS. */
  readonly tls?: { readonly ca: string; readonly cert?: string; readonly key?: string }
}

export function send(
  url: string,
  path: string,
  { method = 'POST', headers = {}, body = '', tls }: Sending,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const open = url.startsWith('https:') ? httpsRequest : httpRequest
    // A list is sent as it is, so that a header can stand in it twice.
    const given = headers as OutgoingHttpHeaders
    const listed: readonly string[] | OutgoingHttpHeaders = Array.isArray(headers)
      ? [
          ...(headers as readonly string[]),
          'host',
          new URL(url).host,
          'content-length',
          String(Buffer.byteLength(body)),
        ]
      : {
          'content-type': 'application/json',
          ...(method === 'POST' && { 'content-length': Buffer.byteLength(body) }),
          ...given,
        }
    const outgoing = open(
      new URL(url),
      { method, path, headers: listed, agent: false, setHost: !Array.isArray(headers), ...tls },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(parts).toString() })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** One call in each dialect, and where its library puts the key. */
export interface DialectCall {
  readonly dialect: DialectName
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  readonly keyHeader: string
  keyed(secret: string): Record<string, string>
}

const messages = [{ role: 'user', content: 'hello' }]

const plainly =
  (header: string) =>
  (secret: string): Record<string, string> => ({ [header]: secret })

export const dialectCalls: readonly DialectCall[] = [
  {
    dialect: 'openai',
    path: '/v1/chat/completions',
    body: { model: 'vendor-model', messages },
    keyHeader: 'authorization',
    keyed: (secret) => ({ authorization: `Bearer ${secret}` }),
  },
  {
    dialect: 'anthropic',
    path: '/v1/messages',
    body: { model: 'vendor-model', max_tokens: 50, messages },
    keyHeader: 'x-api-key',
    keyed: plainly('x-api-key'),
  },
  {
    dialect: 'gemini',
    path: '/v1beta/models/gemini-model:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] },
    keyHeader: 'x-goog-api-key',
    keyed: plainly('x-goog-api-key'),
  },
]

/** Asserts that a refusal is in the words of the dialect, with its type of error, and holds nothing but JSON. */
export function assertRefusal(
  { status, headers, text }: Reply,
  dialect: DialectName,
  expected: number,
  what = '',
): void {
  const said = `${dialect} ${what}: ${status} ${text}`
  assert.equal(status, expected, said)
  assert.equal(headers['content-type'], 'application/json', said)
  assert.ok(headers['x-request-id'], said)
  const value = JSON.parse(text) as { type?: string; request_id?: string; error: Record<string, unknown> }
  assert.equal(typeof value.error['message'], 'string', said)
  if (dialect === 'openai') {
    assert.equal(typeof value.error['code'], 'string', said)
    assert.equal(typeof value.error['type'], 'string', said)
  } else if (dialect === 'anthropic') {
    assert.equal(value.type, 'error', said)
    assert.match(String(value.error['type']), /_error$|^request_too_large$/, said)
    assert.equal(value.request_id, headers['request-id'], said)
  } else {
    assert.equal(value.error['code'], status, said)
    assert.match(String(value.error['status']), /^[A-Z_]+$/, said)
  }
}
