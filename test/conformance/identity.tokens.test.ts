import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sign } from '../../src/identity/signature.ts'
import { assertRefusal, dialectCalls, send, type DialectCall, type Reply, type Sending } from '../support/callers.ts'
import { withFront, type Front } from '../support/front.ts'
import { keyOf, policyWorld } from '../support/policy-world.ts'
import { SECRET } from '../support/harness.ts'

/** What stands for a key when the key itself stays at home: tokens that end soon, and signatures. */
const [openai, anthropic] = dialectCalls as [DialectCall, DialectCall]
const JSON_OF = new Map(dialectCalls.map((call) => [call, JSON.stringify(call.body)]))

const ask = (front: Front, call: DialectCall, headers: Sending['headers'], path = call.path): Promise<Reply> =>
  send(front.serving.dataUrl, path, { headers: headers!, body: JSON_OF.get(call)! })

const lastEvent = async (front: Front, count: number): Promise<Front['events'][number]> =>
  (await front.eventsUntil(count)).at(-1)!

/** An event is on record a moment after its answer. */
async function eventOf(front: Front, { headers }: Reply): Promise<Front['events'][number]> {
  for (let i = 0; i < 400; i++) {
    const found = front.events.find(({ id }) => id === headers['x-request-id'])
    if (found !== undefined) return found
    await sleep(5)
  }
  throw new Error('no event')
}

const tokenOf = async (front: Front, headers: Record<string, string>): Promise<string> => {
  const reply = await send(front.serving.dataUrl, '/weir/token', { headers, body: '{}' })
  assert.equal(reply.status, 200, reply.text)
  const { token, token_type: type } = JSON.parse(reply.text) as { token: string; token_type: string }
  assert.equal(type, 'Bearer')
  return token
}

const agent = { 'user-agent': 'app/1.0' }

test('a key is swapped for a token that stands for it, and a token gets no other token', async () => {
  const keys = `  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, profile: app }`
  const identity = `${keys}\n  tokens: { ttl: 1m }`
  const quotas = `  - { name: per-key, per: [key], requests: 6, window: 1h, kind: calendar }`
  await withFront({ identity, quotas }, async (front) => {
    const token = await tokenOf(front, openai.keyed(SECRET))
    for (const call of dialectCalls) assert.equal((await ask(front, call, call.keyed(token))).status, 200)
    const event = await lastEvent(front, 4)
    assert.deepEqual([event.who?.keyId, event.who?.account, event.who?.credential], ['k1', 'acme', 'token'])
    const again = await send(front.serving.dataUrl, '/weir/token', { headers: openai.keyed(token), body: '{}' })
    assert.ok(again.status >= 400, `${again.status}`)
    assert.ok(!again.text.includes('"token"'), again.text)
    assert.equal((await ask(front, openai, openai.keyed(SECRET))).status, 200)
    assertRefusal(await ask(front, openai, openai.keyed(token)), 'openai', 429, 'the limits are those of the key')
    const [body, mac] = [token.slice(0, token.lastIndexOf('.')), token.slice(token.lastIndexOf('.') + 1)]
    const flipped = `${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`
    for (const forged of [`${body}.${flipped}`, body, `${body}.`, `${token}=`, token.slice(0, -1), `${body}x.${mac}`]) {
      assertRefusal(await ask(front, openai, openai.keyed(forged)), 'openai', 401, forged)
    }
    const upstream = JSON.stringify(front.vendor.requests)
    assert.ok(!upstream.includes(token) && !JSON.stringify(front.events).includes(mac))
  })
})

test('a token ends with its time and with its key', async () => {
  const h = policyWorld('', {})
  assert.equal((await h.call({ target: '/weir/token', body: '' })).status, 404, 'where tokens are not offered')
  const identity = (ids: readonly string[]): string => `  keys:
${ids.map((id, i) => `    - { id: ${id}, secret: "${SECRET}${i}" }`).join('\n')}
  tokens: {}`
  await withFront({ identity: identity(['k1', 'k2']) }, async (front) => {
    const token = await tokenOf(front, openai.keyed(`${SECRET}0`))
    assert.equal((await ask(front, openai, openai.keyed(token))).status, 200)
    const { config } = front.serving.weir
    const keys = config.identity.keys.filter(({ id }) => id !== 'k1')
    assert.ok(front.serving.weir.reload({ ...config, identity: { ...config.identity, keys } }).ok)
    assertRefusal(await ask(front, anthropic, anthropic.keyed(token)), 'anthropic', 401, 'the key was revoked')
    assert.equal((await ask(front, openai, openai.keyed(await tokenOf(front, openai.keyed(`${SECRET}1`))))).status, 200)
  })
})

test('a token is worth nothing after its expiry, on a clock that is moved', async () => {
  const h = policyWorld('')
  const identity = { ...h.weir.config.identity, tokens: { ttlMs: 60_000, bind: 'none' as const } }
  assert.ok(h.weir.reload({ ...h.weir.config, identity }).ok)
  const { exchange } = await h.call({ target: '/weir/token', body: '', headers: keyOf('b') })
  const { token, expires_at: at } = JSON.parse(exchange.received.toString()) as { token: string; expires_at: string }
  const headers = { authorization: `Bearer ${token}` }
  await h.clock.advance(Date.parse(at) - h.clock.now() - 1000)
  assert.equal((await h.ask({}, { headers })).status, 200)
  await h.clock.advance(1000)
  const late = await h.ask({}, { headers })
  assert.deepEqual([late.status, late.event.refusal], [401, { kind: 'unauthenticated', why: 'expired' }])
})

test('a bound token works from its network, or its program, and from no other', async () => {
  const identity = (bind: string): string => `  trusted_proxies: [127.0.0.1/32]
  keys:
    - { id: k1, secret: "${SECRET}" }
  tokens: { bind: ${bind} }`
  const from = (ip: string): Record<string, string> => ({ 'x-forwarded-for': ip })
  await withFront({ identity: identity('ip_prefix') }, async (front) => {
    const token = await tokenOf(front, { ...openai.keyed(SECRET), ...from('198.51.100.7') })
    for (const call of dialectCalls) {
      const headers = call.keyed(token)
      assert.equal((await ask(front, call, { ...headers, ...from('198.51.100.200') })).status, 200, call.dialect)
      assertRefusal(await ask(front, call, { ...headers, ...from('203.0.113.7') }), call.dialect, 401)
      assertRefusal(await ask(front, call, headers), call.dialect, 401, 'from the proxy itself')
    }
    const { refusal } = await lastEvent(front, 10)
    assert.deepEqual(refusal, { kind: 'unauthenticated', why: 'wrong_binding' })
    assert.equal(front.vendor.requests.length, 3)
  })
  await withFront({ identity: identity('fingerprint') }, async (front) => {
    const token = await tokenOf(front, { ...agent, ...openai.keyed(SECRET) })
    for (const call of dialectCalls) {
      const headers = call.keyed(token)
      assert.equal((await ask(front, call, { ...agent, ...headers })).status, 200, call.dialect)
      assertRefusal(await ask(front, call, { 'user-agent': 'curl/8.5.0', ...headers }), call.dialect, 401)
      assertRefusal(await ask(front, call, headers), call.dialect, 401, 'a program that says nothing of itself')
    }
  })
})

const signedAs = (
  call: DialectCall,
  { keyId = 'k1', secret = SECRET, nonce = randomBytes(16).toString('hex'), createdMs = Date.now(), path = call.path },
): Record<string, string> => {
  const body = Buffer.from(JSON_OF.get(call)!)
  return { ...sign({ method: 'POST', target: path, body }, { keyId, secret }, { nonce, createdMs }) }
}

test('a signed request is taken once, now, as it was signed, and for the key that signed it', async () => {
  const identity = `  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, signed: required }
    - { id: k2, secret: "${SECRET}2" }
  auth_failures: { per_minute: 100000 }`
  await withFront({ identity }, async (front) => {
    for (const call of dialectCalls) {
      const keyed = call.keyed(SECRET)
      const headers = signedAs(call, {})
      assert.equal((await ask(front, call, { ...keyed, ...headers })).status, 200, call.dialect)
      const refuse = async (what: string, why: string, more: Sending['headers'], path = call.path): Promise<void> => {
        const reply = await ask(front, call, more, path)
        assertRefusal(reply, call.dialect, 401, what)
        const { refusal, who } = await eventOf(front, reply)
        assert.deepEqual(refusal, { kind: 'unauthenticated', why }, what)
        // Before its signature is found right, a request that names a key is not that key's.
        if (!Object.keys(more!).includes(call.keyHeader)) assert.equal(who, null, what)
      }
      await refuse('replayed', 'replayed', { ...keyed, ...headers })
      await refuse('unsigned', 'unsigned', keyed)
      await refuse('stale', 'stale', { ...keyed, ...signedAs(call, { createdMs: Date.now() - 600_000 }) })
      await refuse('of tomorrow', 'stale', { ...keyed, ...signedAs(call, { createdMs: Date.now() + 600_000 }) })
      const otherKey = signedAs(call, { keyId: 'k2', secret: `${SECRET}2` })
      await refuse('signed by another key', 'bad_signature', { ...keyed, ...otherKey })
      const wrongSecret = signedAs(call, { secret: `${SECRET}2` })
      await refuse('signed with another secret', 'bad_signature', { ...keyed, ...wrongSecret })
      await refuse('without a key, with a wrong secret', 'bad_signature', wrongSecret)
      await refuse('of a key that nobody knows', 'unknown', signedAs(call, { keyId: 'k9' }))
      await refuse('for another path', 'bad_signature', { ...keyed, ...signedAs(call, { path: '/v1/other' }) })
      const { signature: _, ...half } = signedAs(call, {})
      await refuse('without its signature', 'malformed', { ...keyed, ...half })
      const body = JSON.stringify({ ...call.body, temperature: 1 })
      const changed = { ...keyed, ...signedAs(call, {}) }
      assertRefusal(await send(front.serving.dataUrl, call.path, { headers: changed, body }), call.dialect, 401)
      assert.equal((await ask(front, call, changed)).status, 200, 'the one that was signed may still come')
      const alone = await ask(front, call, signedAs(call, {}))
      assert.equal(alone.status, 200, 'the secret itself need not travel')
      const { who } = await eventOf(front, alone)
      assert.deepEqual([who?.keyId, who?.account], ['k1', 'acme'])
    }
    const k2 = openai.keyed(`${SECRET}2`)
    assert.equal((await ask(front, openai, k2)).status, 200, 'a key that need not sign')
    const wrong = { ...k2, ...signedAs(openai, { keyId: 'k2', secret: SECRET }) }
    assertRefusal(await ask(front, openai, wrong), 'openai', 401, 'but if it does, it must be right')
    assert.equal(front.vendor.requests.length, 10)
    for (const { headers } of front.vendor.requests) assert.equal(headers['signature'], undefined)
  })
})
