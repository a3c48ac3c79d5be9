import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Principal } from '../core/principal.ts'
import { AMBIGUOUS } from './credentials.ts'
import { Identifier, type Identification, type Identified, type IdentifierOptions } from './identify.ts'
import type { JwtIdentity } from './jwt-claims.ts'
import type { JwtCheck, JwtChecker } from './jwt.ts'
import { Keyring, type KnownKey } from './keys.ts'
import { TokenMint } from './token.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const SECRET = 'wr_acme_0123456789abcdef0123456789abcdef'
const OTHER = 'wr_solo_0123456789abcdef0123456789abcdef'
const SIGNED = 'wr_sign_0123456789abcdef0123456789abcdef'
const ENDED = 'wr_past_0123456789abcdef0123456789abcdef'
const hex = (text: string): string => createHash('sha256').update(text).digest('hex')

const key = (id: string, secret: string, over: Partial<KnownKey> = {}): KnownKey => ({
  id,
  secretSha256: hex(secret),
  tenant: null,
  profile: 'app',
  trust: null,
  expiresAtMs: null,
  signed: 'no',
  ...over,
})
const keys = [
  key('acme-1', SECRET, { tenant: 'acme', trust: 'verified' }),
  key('solo', OTHER),
  key('signs', SIGNED, { signed: 'required' }),
  key('past', ENDED, { expiresAtMs: NOW }),
]
const mint = new TokenMint(new Uint8Array(32).fill(7), 900_000)
const stamp = (id: string): string => new Keyring(keys).byId(id)!.stamp
const unbound = { ipPrefix: null, fingerprint: null }

function identifier(over: Partial<IdentifierOptions> = {}): Identifier {
  const none = { jwt: null, issuers: new Map(), certificates: [], passThrough: null }
  return new Identifier({ keyring: new Keyring(keys), mint, ...none, ...over })
}

/** A checker that has verified whatever stands behind `eyJ.`. */
function jwtOf(check: (token: string) => JwtCheck | Promise<JwtCheck>): JwtChecker {
  return { looksLikeJwt: (text: string) => text.startsWith('eyJ'), check } as unknown as JwtChecker
}
const vouched = (over: Partial<JwtIdentity> = {}): JwtIdentity => {
  const plain = { ok: true, issuer: 'corp', subject: 'alice', tenant: null, user: null, profile: null } as const
  return { ...plain, expiresAtMs: NOW + 60_000, ...over }
}

const now = (found: Identification | Promise<Identification>): Identification => {
  assert.ok(!(found instanceof Promise), 'nothing waits')
  return found
}
const accepted = (found: Identification | Promise<Identification>): Identified => {
  const known = now(found)
  assert.ok(known.ok, known.ok ? '' : known.why)
  return known
}
const why = (found: Identification | Promise<Identification>): string => {
  const known = now(found)
  return known.ok ? `taken for ${known.principal.keyId}` : known.why
}
const bySecret = (secret: string | undefined | typeof AMBIGUOUS, who = identifier(), signer: string | null = null) =>
  who.identify(secret, null, signer, NOW)

test('a key is its principal, with its tenant as the account or with an account of its own', () => {
  const acme = accepted(bySecret(SECRET))
  assert.deepEqual(acme.principal, {
    keyId: 'acme-1',
    tenant: 'acme',
    account: 'acme',
    profile: 'app',
    credential: 'key',
    user: null,
    trust: 'verified',
  })
  assert.deepEqual([acme.proven, acme.passThrough, acme.token, acme.signedBy], [true, null, null, null])
  assert.equal(accepted(bySecret(OTHER)).principal.account, 'key:solo')
})

test('what is no credential, or two, is refused, and so is a key whose time is over to the millisecond', () => {
  assert.equal(why(bySecret(undefined)), 'missing')
  assert.equal(why(bySecret('')), 'missing')
  assert.equal(why(bySecret(AMBIGUOUS)), 'malformed')
  assert.equal(why(bySecret('x'.repeat(513))), 'malformed')
  assert.equal(why(bySecret(`${SECRET}x`)), 'unknown')
  assert.equal(why(bySecret(ENDED)), 'expired')
  assert.equal(accepted(identifier().identify(ENDED, null, null, NOW - 1)).principal.keyId, 'past')
})

test('a key that has to sign is not let in by its secret alone, and one that need not is checked where it signs', () => {
  assert.equal(accepted(bySecret(SIGNED)).signedBy?.id, 'signs')
  assert.equal(accepted(bySecret(SECRET)).signedBy, null)
  assert.equal(accepted(bySecret(SECRET, identifier(), 'acme-1')).signedBy?.id, 'acme-1')
  // The check is made with the key of the secret, so that a signature of another key cannot fit.
  assert.equal(accepted(bySecret(SECRET, identifier(), 'solo')).signedBy?.id, 'acme-1')
})

test('a signature names its key, which stays a claim until it is checked', () => {
  const found = accepted(identifier().identify(undefined, null, 'acme-1', NOW))
  assert.deepEqual([found.principal.keyId, found.proven, found.signedBy?.id], ['acme-1', false, 'acme-1'])
  assert.equal(why(identifier().identify(undefined, null, 'nobody', NOW)), 'unknown')
  assert.equal(why(identifier().identify(undefined, null, 'past', NOW)), 'expired')
  assert.equal(why(identifier().identify('', null, 'acme-1', NOW)), 'missing', 'an empty credential is none')
})

test('a token stands for its key as long as the key does, and takes the place of a signature', () => {
  const found = accepted(bySecret(mint.mint('signs', stamp('signs'), unbound, NOW)))
  assert.deepEqual([found.principal.keyId, found.principal.credential, found.signedBy], ['signs', 'token', null])
  assert.equal(found.token?.keyId, 'signs')
  assert.equal(
    accepted(bySecret(mint.mint('signs', stamp('signs'), unbound, NOW), identifier(), 'solo')).signedBy?.id,
    'signs',
  )
  const token = mint.mint('past', stamp('past'), unbound, NOW - 1)
  assert.equal(why(bySecret(token)), 'expired', 'the key has ended, the token has not')
  const revoked = identifier({ keyring: new Keyring(keys.filter(({ id }) => id !== 'solo')) })
  assert.equal(why(bySecret(mint.mint('solo', stamp('solo'), unbound, NOW), revoked)), 'unknown')
  assert.equal(
    why(identifier().identify(mint.mint('solo', stamp('solo'), unbound, NOW), null, null, NOW + 900_000)),
    'expired',
  )
  const forged = new TokenMint(new Uint8Array(32).fill(8)).mint('acme-1', stamp('acme-1'), unbound, NOW)
  assert.equal(why(bySecret(forged)), 'unknown')
})

test('the principals of a key are the same object each time, whatever came between', () => {
  const who = identifier()
  assert.equal(accepted(bySecret(SECRET, who)).principal, accepted(bySecret(SECRET, who)).principal)
  bySecret(mint.mint('acme-1', stamp('acme-1'), unbound, NOW), who)
  assert.equal(accepted(bySecret(SECRET, who)).principal.credential, 'key')
})

test('a caller of an issuer is named by a hash, with what the issuer is configured to give', () => {
  const issuers = new Map([['corp', { profile: 'human_seat', trust: 'staff' } as const]])
  const claims = vouched({ tenant: 'acme', user: 'alice@acme.example' })
  const who = identifier({ issuers, jwt: jwtOf(() => claims) })
  const { principal, proven } = accepted(bySecret('eyJ.', who))
  assert.match(principal.keyId, /^jwt:corp:[0-9a-f]{24}$/)
  assert.equal(proven, true)
  const { tenant, account, profile, credential, user, trust } = principal
  assert.deepEqual([tenant, account, profile, credential], ['acme', 'acme', 'human_seat', 'jwt'])
  assert.deepEqual([user, trust], ['alice@acme.example', 'staff'])
  assert.equal(accepted(bySecret('eyJ.', who)).principal, principal, 'worked out once')
  const alone = accepted(bySecret('eyJ.', identifier({ jwt: jwtOf(() => vouched({ profile: 'batch' })) }))).principal
  assert.deepEqual([alone.tenant, alone.account, alone.profile], [null, `key:${alone.keyId}`, 'batch'])
})

test('no claim of an issuer and no name in a certificate can read like an account of the configuration', () => {
  const label = fc.stringMatching(/^[A-Za-z0-9._-]{1,12}$/)
  const text = fc.oneof(
    fc.string({ maxLength: 80, unit: 'grapheme' }),
    label.map((id) => `key:${id}`),
    label.map((id) => `key:jwt:${id}`),
    fc.constantFrom('key', 'jwt', '-', '..', '+', 'key:solo', 'acme:alice', 'jwt:corp:00', 'a\nb', 'ａｃｍｅ'),
  )
  const plain = /^(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{1,64}$/
  fc.assert(
    fc.property(text, (claim) => {
      const jwt = jwtOf(() => vouched({ tenant: claim }))
      const { account } = accepted(bySecret('eyJ.', identifier({ jwt }))).principal
      if (plain.test(claim) && claim !== 'key' && claim !== 'jwt') assert.equal(account, claim)
      else assert.match(account, /^jwt:corp:[0-9a-f]{24}$/)
    }),
  )
  fc.assert(
    fc.property(text, (subject) => {
      fc.pre(subject !== '')
      const { account } = certified({ sha256: hex('x'), subject })
      assert.match(account, /^key:cert:any:[A-Za-z0-9._-]{1,64}$/)
    }),
  )
})

const any = { id: 'any', sha256: null, subject: '*', tenant: null, profile: 'app', trust: null } as const
const certified = (
  certificate: { sha256: string; subject: string },
  certificates: IdentifierOptions['certificates'] = [any],
): Principal => accepted(identifier({ certificates }).identify(undefined, certificate, null, NOW)).principal

test('two subjects of one glob are two callers, however long and however much alike', () => {
  const path = `spiffe://cluster.example/ns/${'n'.repeat(60)}/sa/`
  const one = certified({ sha256: hex('1'), subject: `${path}one` })
  const two = certified({ sha256: hex('2'), subject: `${path}two` })
  assert.notEqual(one.keyId, two.keyId)
  assert.equal(certified({ sha256: hex('3'), subject: 'web.acme.example' }).keyId, 'cert:any:web.acme.example')
})

test('a certificate is known by its hash before any name, and without a name by its hash only', () => {
  const pinned = { ...any, id: 'edge', sha256: hex('edge'), subject: null, tenant: 'acme', trust: 'verified' }
  const found = certified({ sha256: hex('edge'), subject: 'web.acme.example' }, [any, pinned])
  const { keyId, account, credential, trust } = found
  assert.deepEqual([keyId, account, credential, trust], ['cert:edge', 'acme', 'certificate', 'verified'])
  assert.equal(certified({ sha256: hex('edge'), subject: '' }, [any, pinned]).keyId, 'cert:edge')
  const who = identifier({ certificates: [any, pinned] })
  assert.equal(why(who.identify(undefined, { sha256: hex('x'), subject: '' }, null, NOW)), 'unknown')
  const acme = identifier({ certificates: [{ ...any, subject: '*.acme.example' }] })
  assert.equal(why(acme.identify(undefined, { sha256: hex('x'), subject: 'acme.example.evil' }, null, NOW)), 'unknown')
})

test('a credential that fails is not made good by a certificate or a signature beside it', () => {
  const who = identifier({ certificates: [any], jwt: jwtOf(() => ({ ok: false, why: 'expired' })) })
  const certificate = { sha256: hex('x'), subject: 'web' }
  assert.equal(why(who.identify('wrong', certificate, null, NOW)), 'unknown')
  assert.equal(why(who.identify('', certificate, null, NOW)), 'missing')
  assert.equal(why(who.identify(AMBIGUOUS, certificate, 'solo', NOW)), 'malformed')
  assert.equal(why(who.identify('eyJ.', certificate, null, NOW)), 'expired')
  assert.equal(why(who.identify('wrong', certificate, 'solo', NOW)), 'unknown')
  assert.equal(accepted(who.identify(undefined, certificate, 'solo', NOW)).principal.keyId, 'solo')
})

test('a JWT signed for by a key is two callers in one request', () => {
  assert.equal(why(bySecret('eyJ.', identifier({ jwt: jwtOf(() => vouched()) }), 'solo')), 'malformed')
})

test('a token whose keys must be fetched is waited for, and an issuer that does not answer is no wrong token', async () => {
  const waiting = bySecret('eyJ.', identifier({ jwt: jwtOf(() => Promise.resolve(vouched())) }))
  assert.ok(waiting instanceof Promise)
  const found = await waiting
  assert.ok(found.ok && found.principal.credential === 'jwt')
  assert.equal(
    why(bySecret('eyJ.', identifier({ jwt: jwtOf(() => ({ ok: false, why: 'unavailable' })) }))),
    'unavailable',
  )
})

test('a key of the upstream is passed through where it fits, and its name does not give it away', () => {
  const passThrough = { match: ['sk-*'], profile: 'unknown', trust: 'new' } as const
  const who = identifier({ passThrough })
  const secret = 'sk-0123456789abcdef'
  const found = accepted(bySecret(secret, who))
  assert.equal(found.passThrough, secret)
  assert.match(found.principal.keyId, /^pt:[0-9a-f]{24}$/)
  assert.equal(found.principal.account, `key:${found.principal.keyId}`)
  assert.ok(!JSON.stringify(found.principal).includes(secret))
  assert.notEqual(accepted(bySecret(`${secret}0`, who)).principal.keyId, found.principal.keyId)
  for (const wrong of ['pk-0123', 'sk-a b', 'sk-a\r\nx-evil: 1', 'sk-ä', `sk-${'x'.repeat(510)}`]) {
    assert.match(why(bySecret(wrong, who)), /^(unknown|malformed)$/, wrong)
  }
  assert.equal(why(bySecret(secret, who, 'solo')), 'unknown', 'two credentials')
  assert.equal(why(bySecret(secret)), 'unknown', 'not offered')
})

test("neither a configured key nor one of Weir's own tokens is ever passed through", () => {
  const passThrough = { match: ['*'], profile: 'unknown', trust: null } as const
  assert.equal(accepted(bySecret(SECRET, identifier({ passThrough }))).passThrough, null)
  assert.equal(why(bySecret(ENDED, identifier({ passThrough }))), 'expired')
  const token = mint.mint('solo', stamp('solo'), unbound, NOW)
  assert.equal(why(bySecret(token, identifier({ passThrough, mint: null }))), 'unknown')
  assert.equal(why(bySecret(`${token}x`, identifier({ passThrough }))), 'malformed')
})

test('an operator finds a key by its id and nobody else', () => {
  assert.equal(identifier().byKeyId('solo')?.account, 'key:solo')
  assert.equal(identifier().byKeyId('cert:any'), null)
})

test('a token ends when the secret of its key is changed', () => {
  const token = mint.mint('solo', stamp('solo'), unbound, NOW)
  const rotated = identifier({ keyring: new Keyring([key('solo', SIGNED)]) })
  assert.equal(why(rotated.identify(token, null, null, NOW)), 'unknown')
  assert.ok(now(identifier().identify(token, null, null, NOW)).ok)
})
