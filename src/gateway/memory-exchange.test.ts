import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryExchange } from './memory-exchange.ts'

const exchangeOf = (over: object = {}): ReturnType<typeof memoryExchange> =>
  memoryExchange({ id: 'x', receivedAtMs: 1, ...over })

test('headers are found in lower case and named as they were sent', () => {
  const exchange = exchangeOf({ headers: { 'X-Api-Key': 'k' } })
  assert.equal(exchange.header('x-api-key'), 'k')
  assert.equal(exchange.header('other'), undefined)
})

test('header names stand in the order in which they were given, and a certificate is as good as it was given', () => {
  assert.deepEqual(exchangeOf({ headers: { 'X-B': '1', accept: '2' } }).headerNames, ['x-b', 'accept'])
  assert.equal(exchangeOf().clientCertificate, null)
  const clientCertificate = { sha256: 'ab', subject: 'agent' }
  assert.equal(exchangeOf({ clientCertificate }).clientCertificate, clientCertificate)
})

test('a body is read up to the bound and not beyond', async () => {
  const exchange = exchangeOf({ body: 'äbc' })
  assert.deepEqual(await exchange.readBody(3, 0), { ok: false, error: 'too_large' })
  const read = await exchange.readBody(4, 0)
  assert.equal(read.ok && Buffer.from(read.value).toString(), 'äbc')
})

test('an answer is kept as it was sent', () => {
  const exchange = exchangeOf()
  assert.deepEqual([exchange.started, exchange.ending], [false, 'open'])
  exchange.start(200, { a: 'b' })
  assert.equal(exchange.write(Buffer.from('one')), true)
  exchange.end(Buffer.from('two'))
  assert.deepEqual([exchange.started, exchange.status, exchange.headers], [true, 200, { a: 'b' }])
  assert.deepEqual([exchange.received.toString(), exchange.ending], ['onetwo', 'end'])
})

test('a client leaves once, is told of once, and gets nothing more', () => {
  const exchange = exchangeOf()
  let told = 0
  exchange.onGone(() => told++)
  exchange.write(Buffer.from('one'))
  exchange.leave()
  exchange.leave()
  exchange.write(Buffer.from('two'))
  exchange.end(Buffer.from('three'))
  assert.deepEqual([told, exchange.gone, exchange.received.toString(), exchange.ending], [1, true, 'one', 'open'])
})

test('a client cannot leave an answer that is complete', () => {
  const exchange = exchangeOf()
  let told = 0
  exchange.onGone(() => told++)
  exchange.end()
  exchange.leave()
  assert.deepEqual([told, exchange.gone], [0, false])
})
