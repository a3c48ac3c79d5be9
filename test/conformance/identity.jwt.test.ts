import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import { fetchJson } from '../../src/gateway/fetch-json.ts'
import type { MemoryExchange } from '../../src/gateway/memory-exchange.ts'
import { assertRefusal, dialectCalls, send, type Reply } from '../support/callers.ts'
import { withFront, type Front } from '../support/front.ts'
import { configOf, harness, SECRET, type Harness } from '../support/harness.ts'
import { createSigner, jwks, startIssuer, type Issuer, type Signer } from '../support/issuer-server.ts'
import { memoryVendor } from '../support/vendor-memory.ts'

/** Callers that an identity provider vouches for, and everybody who would like to be taken for one of them. */
const nowS = (): number => Math.floor(Date.now() / 1000)

/** What a good token says; a test changes one thing of it. */
const claimsOf = (issuer: Issuer): Record<string, unknown> => ({
  iss: issuer.url,
  aud: 'weir',
  sub: 'user-17',
  org_id: 'globex',
  weir_profile: 'agent',
  iat: nowS(),
  exp: nowS() + 600,
})

const signed = (
  claims: Record<string, unknown>,
  { kid, privateKey }: Signer,
  header: Record<string, unknown> = {},
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(privateKey)

const jwtLines = (issuer: Issuer, more = ''): string =>
  `  jwt:
    - { name: corp, issuer: "${issuer.url}", audience: weir, jwks_url: "${issuer.url}/jwks", claims: { tenant: org_id, user: sub, profile: weir_profile }${more} }`

const identityWith = (issuer: Issuer, more = ''): string => `  auth_failures: { per_minute: 100000 }
  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme }
${jwtLines(issuer, more)}`

const ask = (front: Front, token: string, at = 0): Promise<Reply> => {
  const { path, body, keyed } = dialectCalls[at]!
  return send(front.serving.dataUrl, path, { headers: keyed(token), body: JSON.stringify(body) })
}

async function withIssuer(run: (issuer: Issuer, signer: Signer) => Promise<void>): Promise<void> {
  const signer = await createSigner('k-2026')
  const issuer = await startIssuer(signer)
  try {
    await run(issuer, signer)
  } finally {
    await issuer.close()
  }
}

test('B1: a JWT that is forged, stale, or for or from somebody else is refused in the dialect of the caller', async () => {
  await withIssuer(async (issuer, signer) => {
    const good = claimsOf(issuer)
    const stranger = await createSigner(signer.kid)
    const without = (name: string): Record<string, unknown> =>
      Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))
    const right = await signed(good, signer)
    const [head, payload, mac] = right.split('.') as [string, string, string]
    const altered = Buffer.from(JSON.stringify({ ...good, org_id: 'acme' })).toString('base64url')
    const hmac = (key: string): Promise<string> =>
      new SignJWT(good).setProtectedHeader({ alg: 'HS256', kid: signer.kid }).sign(Buffer.from(key))
    const bad: Readonly<Record<string, string>> = {
      'signed by somebody else under the same key id': await signed(good, stranger),
      'signed with a key that it brings along': await signed(good, stranger, { jwk: stranger.jwk }),
      'naming a place for its key': await signed(good, stranger, { jku: `${issuer.url}/mine`, x5u: `${issuer.url}/x` }),
      'another payload under a right signature': `${head}.${altered}.${mac}`,
      'without its signature': `${head}.${payload}.`,
      'alg none': new UnsecuredJWT(good).encode(),
      'alg none, signed': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.${mac}`,
      'HS256 with the public key as PEM': await hmac(await exportSPKI(signer.publicKey)),
      'HS256 with the public key as JWK': await hmac(JSON.stringify(signer.jwk)),
      expired: await signed({ ...good, iat: nowS() - 900, exp: nowS() - 120 }, signer),
      'not valid yet': await signed({ ...good, nbf: nowS() + 600 }, signer),
      'from the future': await signed({ ...good, iat: nowS() + 600, exp: nowS() + 900 }, signer),
      'for another audience': await signed({ ...good, aud: 'another' }, signer),
      'for no audience': await signed(without('aud'), signer),
      'from another issuer': await signed({ ...good, iss: 'https://evil.example' }, signer),
      'from an issuer spelled otherwise': await signed({ ...good, iss: `${issuer.url}/` }, signer),
      'without an end': await signed(without('exp'), signer),
      'without a subject': await signed(without('sub'), signer),
      'without the tenant that is asked for': await signed(without('org_id'), signer),
      'with a tenant that is no text': await signed({ ...good, org_id: ['globex'] }, signer),
      'with a tenant that breaks lines': await signed({ ...good, org_id: 'a\nb' }, signer),
      'a logout token': await signed(good, signer, { typ: 'logout+jwt' }),
      'with a critical extension': await new SignJWT(good)
        .setProtectedHeader({ alg: 'ES256', kid: signer.kid, crit: ['exp'], exp: 1 })
        .sign(signer.privateKey, { crit: { exp: true } }),
      'no JSON in it': 'eyJhbGciOiJFUzI1NiJ9.e30x.AAAA',
    }
    await withFront({ identity: identityWith(issuer) }, async (front) => {
      for (const [what, token] of Object.entries(bad)) {
        for (const [at, { dialect }] of dialectCalls.entries())
          assertRefusal(await ask(front, token, at), dialect, 401, what)
      }
      const count = 3 * Object.keys(bad).length
      const events = await front.eventsUntil(count)
      for (const { refusal, who } of events) assert.deepEqual([refusal?.kind, who], ['unauthenticated', null])
      const whys = new Set(events.map(({ refusal }) => refusal?.kind === 'unauthenticated' && refusal.why))
      assert.deepEqual(whys, new Set(['malformed', 'unknown', 'expired']))
      assert.equal(front.vendor.requests.length, 0)
      // The right one is right all the same.
      for (const at of [0, 1, 2]) assert.equal((await ask(front, right, at)).status, 200)
    })
  })
})

test('a valid JWT is the account that its claims say: tenant, profile, and a user with limits of its own', async () => {
  await withIssuer(async (issuer, signer) => {
    const quotas = `  - { name: per-user, per: [user], requests: 2, window: 1h, kind: calendar, match: { credential: jwt } }
  - { name: per-tenant, per: [tenant], requests: 4, window: 1h, kind: calendar }`
    await withFront({ identity: identityWith(issuer), quotas }, async (front) => {
      const good = claimsOf(issuer)
      const tokenOf = (more: object): Promise<string> => signed({ ...good, ...more }, signer)
      const one = await tokenOf({})
      const again = await tokenOf({ jti: 'another token of the same user' })
      const two = await tokenOf({ sub: 'user-18' })
      assert.equal((await ask(front, one, 0)).status, 200)
      const named = { ...dialectCalls[0]!.body, user: 'somebody-else' }
      const authorization = `Bearer ${again}`
      const second = await send(front.serving.dataUrl, '/v1/chat/completions', {
        headers: { authorization },
        body: JSON.stringify(named),
      })
      assert.equal(second.status, 200)
      assertRefusal(await ask(front, one, 1), 'anthropic', 429, 'the third of one user')
      assert.equal((await ask(front, two, 2)).status, 200, 'another user')
      assert.equal((await ask(front, await tokenOf({ sub: 'user-19' }), 0)).status, 200)
      assertRefusal(await ask(front, await tokenOf({ sub: 'user-20' }), 0), 'openai', 429, 'the fifth of the tenant')
      assert.equal((await ask(front, await tokenOf({ org_id: 'initech' }), 0)).status, 200, 'another tenant')
      const [first, claimed] = await front.eventsUntil(7)
      const { keyId, ...who } = first!.who!
      assert.match(keyId, /^jwt:corp:[0-9a-f]{24}$/)
      assert.deepEqual(who, {
        tenant: 'globex',
        account: 'globex',
        profile: 'agent',
        credential: 'jwt',
        user: 'user-17',
        trust: null,
      })
      assert.equal(claimed!.user, 'user-17', 'what an issuer vouches for goes before what a body says')
    })
  })
})

test('no claim reads like the account of somebody else, and a tenant that both know is one account', async () => {
  await withIssuer(async (issuer, signer) => {
    const quotas = `  - { name: acme, per: [tenant], requests: 2, window: 1h, kind: calendar, match: { tenant: acme } }`
    await withFront({ identity: identityWith(issuer), quotas }, async (front) => {
      const tokenOf = (org_id: string): Promise<string> => signed({ ...claimsOf(issuer), org_id }, signer)
      const claims = ['key:k1', 'jwt:corp:x', 'pt:0', 'key', 'Acme Inc.', 'acme/../x', '*', 'acme"', 'a:b']
      for (const org_id of claims) assert.equal((await ask(front, await tokenOf(org_id))).status, 200, org_id)
      for (const { who } of await front.eventsUntil(claims.length))
        assert.match(who!.account, /^jwt:corp:[0-9a-f]{24}$/)
      assert.equal(new Set(front.events.map(({ who }) => who!.account)).size, claims.length)
      assert.equal((await ask(front, await tokenOf('acme'))).status, 200)
      assert.equal((await ask(front, SECRET)).status, 200)
      assert.equal(
        (await ask(front, await tokenOf('acme'))).status,
        429,
        'a key and a token of one tenant share its limit',
      )
    })
  })
})

test('an issuer that is down is not the fault of the caller: 503 in its dialect, and nothing is counted against it', async () => {
  await withIssuer(async (issuer, signer) => {
    const token = await signed(claimsOf(issuer), signer)
    const answers: readonly Issuer['answer'][] = [
      { status: 500, body: '{}' },
      { status: 200, body: '<html>' },
      { status: 200, body: '{"keys": "none"}' },
      { status: 302, body: '', location: `${issuer.url}/jwks` },
      { status: 200, body: JSON.stringify({ keys: [], padding: 'x'.repeat(1024 * 1024) }) },
    ]
    for (const answer of answers) {
      issuer.answer = answer
      await withFront({ identity: identityWith(issuer) }, async (front) => {
        for (const [at, { dialect }] of dialectCalls.entries()) {
          const reply = await ask(front, token, at)
          assertRefusal(reply, dialect, 503, JSON.stringify(answer).slice(0, 60))
          assert.ok(Number(reply.headers['retry-after']) >= 5)
        }
        const events = await front.eventsUntil(3)
        for (const { refusal } of events) assert.deepEqual(refusal, { kind: 'identity_unavailable' })
        assert.equal((await ask(front, SECRET)).status, 200, 'who needs no issuer is served')
      })
    }
  })
})

interface Played extends Harness {
  answered(token: string): Promise<MemoryExchange>
}

/** A Weir on a virtual clock that asks a real server for its keys. */
function played(issuer: Issuer): Played {
  const config = configOf('')
  const h = harness(
    {
      ...config,
      identity: {
        ...config.identity,
        jwt: [
          {
            name: 'corp',
            issuer: issuer.url,
            audiences: ['weir'],
            algorithms: ['ES256'],
            jwksUrl: `${issuer.url}/jwks`,
            jwks: null,
            jwksFile: null,
            clockSkewMs: 60_000,
            maxAgeMs: null,
            claims: { tenant: null, user: null, profile: null },
            profile: 'unknown',
            trust: null,
          },
        ],
      },
    },
    memoryVendor,
    { fetchJson },
  )
  return {
    ...h,
    async answered(token) {
      const exchange = h.chat({}, { headers: { authorization: `Bearer ${token}` } })
      // The server answers in real time, the upstream in that of the test.
      for (let i = 0; i < 2000 && exchange.ending === 'open'; i++) {
        await sleep(1)
        await h.clock.advance(1)
      }
      assert.equal(exchange.ending, 'end')
      return exchange
    },
  }
}

test('rotated keys are fetched when a token names one, at most twice a minute, and a withdrawn one ends', async () => {
  const [old, next, junk] = await Promise.all([createSigner('old'), createSigner('next'), createSigner('junk')])
  const issuer = await startIssuer(old)
  try {
    const h = played(issuer)
    const tokenOf = (signer: Signer, minutes: number): Promise<string> => {
      const nowMs = h.clock.now() + minutes * 60_000
      return signed({ ...claimsOf(issuer), iat: nowMs / 1000, exp: nowMs / 1000 + 3600 }, signer)
    }
    assert.equal((await h.answered(await tokenOf(old, 0))).status, 200)
    assert.equal(issuer.asked, 1)
    issuer.answer = jwks(next)
    await h.clock.advance(31_000)
    assert.equal((await h.answered(await tokenOf(next, 0))).status, 200, 'a key id that is new')
    assert.equal(issuer.asked, 2)
    for (let i = 0; i < 20; i++)
      assert.equal((await h.answered(await tokenOf({ ...junk, kid: `junk-${i}` }, 0))).status, 401)
    assert.equal(issuer.asked, 2, 'made-up key ids do not make it a flood')
    assert.equal((await h.answered(await tokenOf(old, 0))).status, 401, 'the old key is withdrawn')
    // The issuer goes down: what is known of it counts for a day.
    issuer.answer = { status: 500, body: '' }
    await h.clock.advance(3_600_000)
    assert.equal((await h.answered(await tokenOf(next, 0))).status, 200)
    await h.clock.advance(24 * 3_600_000)
    assert.equal((await h.answered(await tokenOf(next, 0))).status, 503)
    issuer.answer = jwks(next)
    await h.clock.advance(60_000)
    assert.equal((await h.answered(await tokenOf(next, 0))).status, 200, 'and is back at once')
  } finally {
    await issuer.close()
  }
})

test('an issuer that says nothing keeps nobody waiting for longer than five seconds', async () => {
  const signer = await createSigner('k')
  const issuer = await startIssuer(signer)
  issuer.answer = 'silence'
  try {
    const h = played(issuer)
    const token = await signed(
      { ...claimsOf(issuer), iat: h.clock.now() / 1000, exp: h.clock.now() / 1000 + 3600 },
      signer,
    )
    const waiting = Array.from({ length: 5 }, () => h.chat({}, { headers: { authorization: `Bearer ${token}` } }))
    for (let i = 0; i < 2000 && issuer.asked === 0; i++) await sleep(1)
    await h.clock.advance(4900)
    assert.deepEqual(
      waiting.map(({ status }) => status),
      [0, 0, 0, 0, 0],
    )
    await h.clock.advance(200)
    assert.deepEqual(
      waiting.map(({ status }) => status),
      [503, 503, 503, 503, 503],
    )
    assert.equal(issuer.asked, 1, 'one question for all of them')
    assert.equal(h.events.length, 5)
  } finally {
    await issuer.close()
  }
})
