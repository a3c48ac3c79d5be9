import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UpstreamFault } from '../core/upstream.ts'
import { openai } from '../dialects/openai.ts'
import { faultWire, passedHeaders, upstreamError } from './upstream-answer.ts'

type Headers = Record<string, string | undefined>

const json = { 'content-type': 'application/json' }
const SECRET = 'sk-operator-secret'
const errorBody = JSON.stringify({ error: { message: `Incorrect API key: ${SECRET}`, code: 'x' } })

function answerTo(
  status: number,
  body: string,
  headers: Headers = json,
): { status: number; headers: Headers; text: string } {
  const answer = upstreamError(status, headers, Buffer.from(body), openai, 'req_1')
  assert.equal(answer.headers['content-length'], String(answer.body.length))
  assert.equal(answer.headers['x-request-id'], 'req_1')
  return { status: answer.status, headers: answer.headers, text: Buffer.from(answer.body).toString() }
}

const codeOf = (text: string): string => (JSON.parse(text) as { error: { code: string } }).error.code

test("an error about the client's request passes as the upstream wrote it", () => {
  for (const status of [400, 404, 409, 413, 422, 429, 500, 503, 529]) {
    for (const body of ['{"error":{"message":"no"}}', '{"detail":"no"}', '{"message":"no","x":[ 1 ]}']) {
      const answer = answerTo(status, body)
      assert.equal(answer.status, status)
      assert.equal(answer.text, body)
      assert.equal(answer.headers['content-type'], 'application/json')
    }
  }
})

test("what is about the operator's key, bill or proxy is hidden, and never looks like the client's fault", () => {
  for (const status of [401, 402, 403, 407]) {
    const {
      status: sent,
      text,
      headers,
    } = answerTo(status, errorBody, { ...json, 'www-authenticate': 'Basic', 'retry-after': '7' })
    assert.equal(sent, 502, `${status}`)
    assert.equal(codeOf(text), 'upstream_error')
    assert.ok(!text.includes(SECRET))
    assert.deepEqual(Object.keys(headers), ['content-type', 'content-length', 'x-request-id'])
  }
})

test('a redirect is never followed by anybody', () => {
  for (const status of [300, 301, 302, 303, 307, 308]) {
    const { status: sent, headers, text } = answerTo(status, errorBody, { ...json, location: 'http://evil.test/' })
    assert.equal(sent, 502)
    assert.equal(headers['location'], undefined)
    assert.ok(!text.includes('evil'))
  }
})

test('what is no JSON error is replaced by one, with the status kept', () => {
  for (const [body, headers] of [
    ['<html>nginx</html>', { 'content-type': 'text/html' }],
    ['<html>nginx</html>', json],
    ['{"error":{}}', {}],
    ['{"error":{}}', { 'content-type': 'text/html' }],
    ['{"error":', json],
    ['', json],
    ['null', json],
    ['[]', json],
    ['"error"', json],
    ['{"stack":"at secret.js:1"}', json],
    ['\u001f\u008b gzip', { ...json, 'content-encoding': 'gzip' }],
  ] as const) {
    const answer = answerTo(503, body, headers)
    assert.equal(answer.status, 503)
    assert.equal(codeOf(answer.text), 'upstream_error')
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(answer.headers['content-encoding'], undefined)
  }
})

test("only headers that tell nothing about the operator's account reach a client", () => {
  const all = {
    ...json,
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
    'openai-organization': 'org-operator',
    'openai-project': 'proj-operator',
    'x-ratelimit-remaining-tokens': '5',
    'x-request-id': 'theirs',
    'set-cookie': 'a=b',
    server: 'nginx',
    via: '1.1 internal-proxy',
    location: 'http://internal/',
    'access-control-allow-origin': '*',
    'transfer-encoding': 'chunked',
    connection: 'keep-alive',
    'content-length': '999',
    'openai-model': undefined,
  }
  assert.deepEqual(passedHeaders(all, openai), {
    ...json,
    'openai-processing-ms': '12',
    'openai-version': '2020-10-01',
  })
  const { headers } = answerTo(400, '{"error":{}}', all)
  assert.deepEqual(Object.keys(headers).toSorted(), [
    'content-length',
    'content-type',
    'openai-processing-ms',
    'openai-version',
    'x-request-id',
  ])
})

test('retry hints of an overloaded upstream pass, with its body or without', () => {
  for (const body of ['{"error":{}}', '<html>']) {
    const hints = { 'retry-after': '20', 'retry-after-ms': '20000', 'x-should-retry': 'true' }
    const { headers } = answerTo(429, body, { ...json, ...hints })
    assert.deepEqual({ ...headers, ...hints }, headers)
  }
})

test('an upstream that asks for more than a minute is not hammered: the client is told not to retry', () => {
  for (const [hints, verdict] of [
    [{ 'retry-after': '61' }, 'false'],
    [{ 'retry-after': '3600' }, 'false'],
    [{ 'retry-after-ms': '60001' }, 'false'],
    [{ 'retry-after': '60' }, undefined],
    [{ 'retry-after-ms': '60000', 'retry-after': '3600' }, undefined],
    [{ 'retry-after': '3600', 'x-should-retry': 'true' }, 'true'],
    [{ 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }, undefined],
    [{}, undefined],
  ] as const) {
    assert.equal(
      answerTo(429, '{"error":{}}', { ...json, ...hints }).headers['x-should-retry'],
      verdict,
      JSON.stringify(hints),
    )
  }
})

test('a fault of the upstream is a gateway error whose detail stays with the operator', () => {
  const detail = 'ECONNREFUSED: connect 10.1.2.3:8000'
  for (const [kind, status] of [
    ['timeout', 504],
    ['unreachable', 502],
    ['dropped', 502],
    ['protocol', 502],
  ] as const) {
    const wire = faultWire({ kind, detail, sent: true } satisfies UpstreamFault)
    assert.equal(wire.status, status)
    assert.ok(wire.code.startsWith('upstream_'))
    assert.ok(!JSON.stringify(wire).includes('10.1.2.3'))
  }
})
