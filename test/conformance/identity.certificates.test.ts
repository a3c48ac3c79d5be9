import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertRefusal, dialectCalls, send, type DialectCall, type Reply } from '../support/callers.ts'
import { createAuthority, openssl, type Pem } from '../support/certificates.ts'
import { withFront, type Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'

/** Programs that show a certificate instead of a key, over a listener with TLS. */
const [openai] = dialectCalls as [DialectCall]

const fingerprintOf = ({ cert }: Pem): string => new X509Certificate(cert).fingerprint256

test(
  'a client certificate is an identity: by its hash, or by its subject, and only from our authority',
  { skip: openssl.skip },
  async () => {
    const ours = createAuthority('ours')
    const theirs = createAuthority('theirs')
    const server = ours.issue('/CN=localhost', 'DNS:localhost,IP:127.0.0.1')
    const edge = ours.issue('/CN=edge-1')
    const [east, west] = [ours.issue('/CN=east.acme.example'), ours.issue('/CN=west.acme.example')]
    const other = ours.issue('/CN=east.acme.example.evil.example')
    const nameless = ours.issue('/O=nobody')
    const forged = theirs.issue('/CN=east.acme.example')
    const folder = mkdtempSync(join(tmpdir(), 'weir-tls-'))
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const tls = `cert: ${file('cert.pem', server.cert)}, key: ${file('key.pem', server.key)}, client_ca: ${file('ca.pem', ours.cert)}`
    const identity = `  auth_failures: { per_minute: 1000 }
  keys:
    - { id: k1, secret: "${SECRET}" }
  certificates:
    - { id: edge-1, sha256: "${fingerprintOf(edge)}", profile: batch }
    - { id: fleet, subject: "*.acme.example", tenant: acme, profile: app }`
    const quotas = `  - { name: per-key, per: [key], requests: 4, window: 1h, kind: calendar }
  - { name: certified, per: [credential], requests: 100, window: 1h, kind: calendar, match: { credential: certificate } }`
    const ask = (
      front: Front,
      pem: Pem | null,
      call: DialectCall,
      headers: Record<string, string> = {},
    ): Promise<Reply> =>
      send(front.serving.dataUrl, call.path, {
        headers,
        body: JSON.stringify(call.body),
        tls: { ca: ours.cert, ...(pem !== null && { cert: pem.cert, key: pem.key }) },
      })
    try {
      await withFront({ identity, quotas, more: `tls: { ${tls}, client_auth: request }` }, async (front) => {
        assert.match(front.serving.dataUrl, /^https:/)
        for (const call of dialectCalls) {
          assert.equal((await ask(front, edge, call)).status, 200, call.dialect)
          assert.equal((await ask(front, east, call)).status, 200, call.dialect)
        }
        assert.equal((await ask(front, east, openai)).status, 200)
        assertRefusal(await ask(front, east, openai), 'openai', 429, 'the fifth of one subject')
        assert.equal((await ask(front, west, openai)).status, 200, 'another subject is another caller')
        const events = await front.eventsUntil(9)
        const who = {
          tenant: null,
          account: 'key:cert:edge-1',
          profile: 'batch',
          credential: 'certificate',
          user: null,
          trust: null,
        }
        assert.deepEqual(events[0]!.who, { keyId: 'cert:edge-1', ...who })
        assert.deepEqual(
          [events[1]!.who?.keyId, events[1]!.who?.account, events[8]!.who?.keyId, events[8]!.who?.account],
          ['cert:fleet:east.acme.example', 'acme', 'cert:fleet:west.acme.example', 'acme'],
        )
        const refused: readonly (readonly [string, Pem | null, Record<string, string>])[] = [
          ['no certificate', null, {}],
          ["another authority's", forged, {}],
          ['a name that only begins like one of ours', other, {}],
          ['no name', nameless, {}],
          [
            'a certificate in a header',
            null,
            { 'x-client-cert': encodeURIComponent(edge.cert), 'x-ssl-client-s-dn': 'CN=edge-1' },
          ],
          [
            'a forwarded certificate',
            null,
            { 'x-forwarded-client-cert': `Hash=${fingerprintOf(edge)};Subject="CN=edge-1"` },
          ],
          ['a wrong key beside a right certificate', edge, openai.keyed('wr_wrong_0123456789abcdef01234567')],
          ['an empty key beside a right certificate', edge, openai.keyed('')],
        ]
        for (const [what, pem, headers] of refused)
          assertRefusal(await ask(front, pem, openai, headers), 'openai', 401, what)
        for (const event of (await front.eventsUntil(9 + refused.length)).slice(9)) assert.equal(event.who, null)
        const both = await ask(front, edge, openai, openai.keyed(SECRET))
        assert.equal(both.status, 200, 'a key that is sent is the one that counts')
        const last = (await front.eventsUntil(10 + refused.length)).at(-1)!
        assert.equal(last.who?.keyId, 'k1')
        assert.equal((await ask(front, null, openai, openai.keyed(SECRET))).status, 200, 'and needs no certificate')
        const said = JSON.stringify([front.events, front.said, front.vendor.requests])
        for (const pem of [edge, server]) assert.ok(!said.includes(pem.key.split('\n')[1]!))
      })
      await withFront({ identity, more: `tls: { ${tls}, client_auth: require }` }, async (front) => {
        await assert.rejects(ask(front, null, openai, openai.keyed(SECRET)))
        await assert.rejects(ask(front, forged, openai, openai.keyed(SECRET)))
        assert.equal((await ask(front, edge, openai)).status, 200)
        await front.eventsUntil(1)
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
