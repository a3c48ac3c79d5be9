import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SECRET } from '../test/support/harness.ts'
import { bearer, chat, LIMITED, SIGNS, slow, start, whyOf } from '../test/support/reception.ts'

const TERMS = 'terms: { version: "2026-11", url: https://example.com/terms, on_unaccepted: deny }'

test('an exemption holds from what it names, for whom it names, and until it ends', async () => {
  const more = `
exemptions:
  - { reason: pilot, expires: 2026-01-06, match: { tenant: acme, model: "small*" }, from: [rpm, terms, reputation] }
network: { reputation: [ { cidr: 192.0.2.0/24, score: 5, reason: abuse } ] }
quotas: [{ name: rpm, per: [key], requests: 1, window: 1h }]
${TERMS}`
  const { call, clock } = start(more)
  for (let i = 0; i < 3; i++) {
    const { exchange, event } = await call({ ...bearer(SECRET), peerAddress: '192.0.2.1' })
    assert.deepEqual([exchange.status, event.reputation, event.exemptions], [200, 50, ['pilot']])
  }
  const other = await call({ ...bearer(SECRET), body: chat({ model: 'large' }), peerAddress: '192.0.2.1' })
  assert.deepEqual([whyOf(other.event), other.event.reputation], ['terms_unaccepted', 5])
  assert.equal(whyOf((await call(bearer(SIGNS))).event), 'unsigned')
  await clock.advance(86_400_000)
  const late = await call({ ...bearer(SECRET), peerAddress: '192.0.2.1' })
  assert.deepEqual([whyOf(late.event), late.event.reputation, late.event.exemptions], ['terms_unaccepted', 5, []])
})

test('under overload a bad name counts before the body is read, unless an exemption says otherwise', async () => {
  const more = (from: string) => `
overload: { max_in_flight: 10 }
network: { reputation: [ { cidr: 192.0.2.0/24, score: 5, reason: abuse } ] }
exemptions: [ { reason: pilot, expires: 2027-01-01, match: { ip: 192.0.2.7 }, from: [${from}] } ]`
  for (const from of ['overload', 'reputation']) {
    const { call, clock, weir } = start(more(from))
    for (let i = 0; i < 7; i++) void weir.handle(slow(weir.nextId(), clock.now()))
    await clock.advance(10)
    assert.equal(whyOf((await call({ peerAddress: '192.0.2.1' })).event), 'overloaded')
    assert.equal((await call({ peerAddress: '192.0.2.7' })).exchange.status, 200, from)
    assert.equal((await call({ peerAddress: '198.51.100.1' })).exchange.status, 200)
  }
})

test('what stands in a path for a name makes no counters of its own', async () => {
  const { call, weir } = start('quotas: [{ name: by-route, per: [key, route], requests: 100, window: 1h }]')
  for (let i = 0; i < 5; i++) {
    const { exchange } = await call({ method: 'GET', target: `/v1/models/m-${i}` })
    assert.equal(exchange.status, 200)
  }
  assert.equal(weir.stats.counters, 1)
})

test('a user and a session belong to the account that names them', async () => {
  const quotas = 'quotas: [{ name: by-user, per: [user], requests: 1, window: 1h }]'
  const { call } = start(quotas, '  user_header: x-user-id')
  const as = (secret: string, user: string) =>
    call({ headers: { authorization: `Bearer ${secret}`, 'x-user-id': user } })
  assert.equal((await as(SECRET, 'alice')).exchange.status, 200)
  assert.equal((await as(SECRET, 'alice')).exchange.status, 429)
  assert.equal((await as(SECRET, 'bob')).exchange.status, 200)
  assert.equal((await as(LIMITED, 'alice')).exchange.status, 200, 'another alice')
})
