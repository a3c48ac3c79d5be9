import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoints, findRoute } from './index.ts'

const CHAT = '/v1/chat/completions'
const query = new URLSearchParams()

const nameOf = (method: string, target: string): string | null => {
  const found = findRoute(endpoints, method, target)
  if (found === null) return null
  return 'allow' in found ? `allow ${found.allow}` : found.endpoint.name
}

const idOf = (target: string): string | null => {
  const found = findRoute(endpoints, 'GET', target)
  return found !== null && 'target' in found ? found.target.id : null
}

test('each endpoint is found by its path and method', () => {
  assert.equal(nameOf('POST', CHAT), 'chat_completions')
  assert.equal(nameOf('GET', '/v1/models'), 'models')
  assert.equal(nameOf('GET', '/v1/models/gpt-4.1'), 'model')
})

test('a query never changes the endpoint', () => {
  for (const query of ['?', '?a=b', '?/v1/models', '?x=/../..', '??', '?%00']) {
    assert.equal(nameOf('POST', `${CHAT}${query}`), 'chat_completions', query)
    assert.equal(nameOf('GET', `/v1/models/m${query}`), 'model', query)
  }
})

test('the query is there to be read', () => {
  const queryOf = (target: string): Record<string, string> => {
    const found = findRoute(endpoints, 'POST', target)
    assert.ok(found !== null && 'target' in found)
    return Object.fromEntries(found.target.query)
  }
  assert.deepEqual(queryOf(CHAT), {})
  assert.deepEqual(queryOf(`${CHAT}?`), {})
  assert.deepEqual(queryOf(`${CHAT}?key=a%2Bb&alt=sse`), { key: 'a+b', alt: 'sse' })
})

test('only the endpoints that are offered are found', () => {
  assert.equal(findRoute([], 'POST', CHAT), null)
  assert.equal(findRoute(endpoints.slice(0, 1), 'GET', '/v1/models'), null)
})

test('any other spelling of a path is another path, and unknown', () => {
  for (const target of [
    '',
    '/',
    '*',
    `${CHAT}/`,
    `${CHAT}//`,
    `/${CHAT}`,
    '/v1//chat/completions',
    '/V1/chat/completions',
    '/v1/Chat/Completions',
    '/v1/chat%2Fcompletions',
    '/v1/chat/completion%73',
    '/v1/%63hat/completions',
    '/v1/./chat/completions',
    '/v1/x/../chat/completions',
    '/v1/chat/completions/..',
    '/v1\\chat\\completions',
    `${CHAT};a=b`,
    `${CHAT}#x`,
    `${CHAT}%3F`,
    `${CHAT}%00`,
    ` ${CHAT}`,
    'chat/completions',
    `http://evil.test${CHAT}`,
    `//evil.test${CHAT}`,
    '/v1/completions/',
    '/v1/embedding',
    '/v1/responses/resp_1',
    '/v1/responses/resp_1/cancel',
    '/v1/conversations',
    '/v1/batches',
    '/v1/models/',
    '/v1/models/a/b',
    '/v1/models/.',
    '/v1/models/..',
    '/v1/models/%2e%2e',
    '/v1/models/%2E',
    '/v1/models/%',
    '/v1/models/%ff',
    `/v1/models/${'x'.repeat(257)}`,
  ]) {
    assert.equal(nameOf('POST', target), null, target)
    assert.equal(nameOf('GET', target), null, target)
  }
})

test('a known path with another method says which one it takes', () => {
  for (const method of ['GET', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'post', '']) {
    assert.equal(nameOf(method, CHAT), 'allow POST', method)
  }
  assert.equal(nameOf('POST', '/v1/models'), 'allow GET')
  assert.equal(nameOf('DELETE', '/v1/models/ft:gpt:acme'), 'allow GET')
})

test('the id of a model is decoded once', () => {
  assert.equal(idOf('/v1/models/gpt-4.1'), 'gpt-4.1')
  assert.equal(idOf('/v1/models/meta%2Fllama-3'), 'meta/llama-3')
  assert.equal(idOf('/v1/models/a%252Fb'), 'a%2Fb')
  assert.equal(idOf('/v1/models/caf%C3%A9'), 'café')
  assert.equal(idOf('/v1/models'), null)
})

test('an id reaches the upstream as one segment of its path, whatever it holds', () => {
  const model = endpoints.find(({ name }) => name === 'model')!
  for (const id of ['a/b', '../chat/completions', 'a?b=c', 'a#b', 'a b', 'a\r\nb: c', 'ü', '\0']) {
    const result = model.read(new Uint8Array(), { id, query }, { maxMessages: 1, maxDepth: 1 })
    assert.ok(result.ok)
    const { upstreamPath, call } = result.value
    assert.match(upstreamPath, /^\/models\/[\w.!~*'()%-]+$/)
    assert.equal(decodeURIComponent(upstreamPath.slice(8)), id)
    assert.equal(call.model, id)
    assert.equal(model.encode(result.value, { askUsage: true, maxOutputTokens: 1 }), null)
  }
})

test('an endpoint without a body holds no tokens', () => {
  for (const endpoint of endpoints.filter(({ method }) => method === 'GET')) {
    assert.equal(endpoint.generates, false)
    const result = endpoint.read(new Uint8Array(), { id: 'm', query }, { maxMessages: 1, maxDepth: 1 })
    assert.ok(result.ok, endpoint.name)
    const { promptBytes, promptExtraTokens, maxOutputTokens, stream } = result.value.call
    assert.deepEqual(
      { promptBytes, promptExtraTokens, maxOutputTokens, stream },
      {
        promptBytes: 0,
        promptExtraTokens: 0,
        maxOutputTokens: 0,
        stream: false,
      },
    )
  }
})
