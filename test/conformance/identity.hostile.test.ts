import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { sign } from '../../src/identity/signature.ts'
import { assertRefusal, dialectCalls, send, type DialectCall, type Reply, type Sending } from '../support/callers.ts'
import { withFront, type Front } from '../support/front.ts'
import { CONTROL_TOKEN } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'
import { plainScenario } from '../support/vendor-server.ts'

/** What an attacker sends instead of a request, where secrets could leak, and certificates as callers. */
const [openai, anthropic, gemini] = dialectCalls as [DialectCall, DialectCall, DialectCall]

const control = async (front: Front, path: string): Promise<string> => {
  const headers = { authorization: `Bearer ${CONTROL_TOKEN}` }
  return (await send(front.serving.controlUrl, path, { method: 'GET', headers })).text
}

/** The sum of a metric over its labels. */
const sumOf = (metrics: string, name: string): number =>
  metrics
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)

/** A body of unknown length. */
function chunked(front: Front, call: DialectCall, body: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = { ...call.keyed(SECRET), 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const outgoing = request(
      new URL(front.serving.dataUrl + call.path),
      { method: 'POST', headers, agent: false },
      (got) => {
        const parts: Buffer[] = []
        got.on('data', (part: Buffer) => parts.push(part))
        got.on('end', () => {
          resolve({ status: got.statusCode!, headers: got.headers, text: Buffer.concat(parts).toString() })
        })
      },
    )
    outgoing.on('error', reject)
    for (let at = 0; at < body.length; at += 8192) outgoing.write(body.slice(at, at + 8192))
    outgoing.end()
  })
}

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

/** Bodies that are too much in one way each, by the names of each vendor. */
function tooMuch({ dialect, body }: DialectCall): Readonly<Record<string, object>> {
  const many = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value)
  const message = { role: 'user', content: 'hi' }
  const declared = (i: number): object => ({ name: `f${i}`, description: 'd' })
  if (dialect === 'gemini') {
    const contents = (text: string, count: number): object => ({
      contents: many({ role: 'user', parts: [{ text }] }, count),
    })
    const config = (generationConfig: object): object => ({ ...body, generationConfig })
    return {
      messages: contents('hi', 9),
      prompt: contents('x'.repeat(17_000), 1),
      'stop strings': config({ stopSequences: many('a', 3) }),
      'a long stop string': config({ stopSequences: ['123456789'] }),
      tools: { ...body, tools: [{ functionDeclarations: [0, 1, 2, 3, 4].map(declared) }] },
      'output tokens': config({ maxOutputTokens: 1001 }),
      answers: config({ candidateCount: 3 }),
      nesting: { ...body, labels: nested(20) },
    }
  }
  const claude = dialect === 'anthropic'
  const stop = claude ? 'stop_sequences' : 'stop'
  const tool = (i: number): object =>
    claude
      ? { ...declared(i), input_schema: { type: 'object' } }
      : { type: 'function', function: { ...declared(i), parameters: {} } }
  return {
    messages: { ...body, messages: many(message, 9) },
    prompt: { ...body, messages: [{ ...message, content: 'x'.repeat(17_000) }] },
    'stop strings': { ...body, [stop]: many('a', 3) },
    'a long stop string': { ...body, [stop]: ['123456789'] },
    tools: { ...body, tools: [0, 1, 2, 3, 4].map(tool) },
    'output tokens': { ...body, max_tokens: 1001 },
    ...(claude ? {} : { answers: { ...body, n: 3 } }),
    nesting: { ...body, metadata: { a: nested(20) } },
    'a model name': { ...body, model: `vendor-${'x'.repeat(300)}` },
    'a user name': { ...body, ...(claude ? { metadata: { user_id: 'x'.repeat(600) } } : { user: 'x'.repeat(600) }) },
  }
}

test('whatever is too large or too much is refused in the dialect of the caller, as one event, and counted', async () => {
  const identity = `  auth_failures: { per_minute: 100000 }
  keys:
    - { id: k1, secret: "${SECRET}" }
  jwt: [{ name: corp, issuer: "http://127.0.0.1:9", audience: weir }]
  tokens: {}
  pass_through: { match: ["sk-*"] }`
  const more = `request: { max_body: 64KiB, max_depth: 16, max_messages: 8, max_tools: 4, max_stops: 2, max_stop_chars: 8, max_prompt: 16KiB, max_tokens: 1000, max_choices: 2 }`
  await withFront({ identity, more }, async (front) => {
    const url = front.serving.dataUrl
    let count = 0
    const refused = async (
      call: DialectCall,
      what: string,
      status: number,
      sending: Sending,
      path = call.path,
    ): Promise<void> => {
      const reply = await send(url, path, sending)
      // What is no request yet is answered before anybody knows which dialect it would have been in.
      assertRefusal(reply, status === 431 ? 'openai' : call.dialect, status, what)
      assert.ok(reply.text.length < 1000, `${what}: nothing large comes back`)
      count++
    }
    for (const call of dialectCalls) {
      const keyed = call.keyed(SECRET)
      const body = JSON.stringify(call.body)
      for (const [what, large] of Object.entries(tooMuch(call))) {
        await refused(call, what, 400, { headers: keyed, body: JSON.stringify(large) })
      }
      const padded = JSON.stringify({ ...call.body, padding: 'x'.repeat(70_000) })
      await refused(call, 'a body', 413, { headers: keyed, body: padded })
      assertRefusal(await chunked(front, call, padded), call.dialect, 413, 'a body of unknown length')
      count++
      await refused(call, 'headers', 431, { headers: { ...keyed, 'x-padding': 'x'.repeat(20_000) }, body })
      await refused(call, 'a target', 431, { headers: keyed, body }, `${call.path}?a=${'x'.repeat(20_000)}`)
      for (const key of ['x'.repeat(600), 'x'.repeat(12_000), `sk-${'x'.repeat(600)}`, `wt_${'x'.repeat(5000)}`]) {
        await refused(call, `a key of ${key.length}`, 401, { headers: call.keyed(key), body })
      }
      const head = Buffer.from('{"alg":"RS256"}').toString('base64url')
      const jwt = `${head}.${Buffer.from(JSON.stringify({ iss: 'http://127.0.0.1:9', pad: 'x'.repeat(6000) })).toString('base64url')}.AAAA`
      await refused(call, 'a JWT', 401, { headers: call.keyed(jwt), body })
      const twice = `${body.slice(0, -1)},"a":1,"a":2}`
      await refused(call, 'one key twice', 400, { headers: keyed, body: twice })
      await refused(call, 'no JSON', 400, { headers: keyed, body: body.slice(1) })
      await refused(call, 'no UTF-8', 400, {
        headers: keyed,
        body: Buffer.from(`${body.slice(0, -1)},"a":"\xff"}`, 'latin1'),
      })
      await refused(call, 'compressed', 415, { headers: { ...keyed, 'content-encoding': 'gzip' }, body })
    }
    const long = 'x'.repeat(8000)
    await refused(openai, 'a path', 404, { headers: openai.keyed(SECRET) }, `/v1/${long}`)
    await refused(anthropic, 'a path', 404, { headers: anthropic.keyed(SECRET) }, `/v1/messages/${long}`)
    await refused(gemini, 'a model', 404, { headers: gemini.keyed(SECRET) }, `/v1beta/models/${long}:generateContent`)

    const events = await front.eventsUntil(count)
    assert.equal(new Set(events.map(({ id }) => id)).size, count)
    for (const { outcome, refusal, usage, charges } of events) {
      assert.equal(outcome, 'refused')
      assert.ok(refusal !== null)
      assert.deepEqual([usage.inputTokens, usage.outputTokens, charges], [0, 0, []])
    }
    assert.ok(JSON.stringify(events).length / count < 2500, 'no event grows with what was sent')
    assert.equal(sumOf(await control(front, '/metrics'), 'weir_refusals_total'), count)
    assert.equal(front.vendor.requests.length, 0)
    // A body with very many fields is large and nothing else.
    const fields = Object.fromEntries(Array.from({ length: 4000 }, (_, i) => [`f${i}`, 1]))
    const wide = await send(url, openai.path, {
      headers: openai.keyed(SECRET),
      body: JSON.stringify({ ...openai.body, ...fields }),
    })
    assert.equal(wide.status, 200)
  })
})

test('B7: no event, log line, metric, answer or control page holds a secret or what was said, whatever happened', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const folder = mkdtempSync(join(tmpdir(), 'weir-b7-'))
  const jwksFile = join(folder, 'jwks.json')
  writeFileSync(jwksFile, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'k' }] }))
  const second = `${SECRET}-signed`
  const identity = `  auth_failures: { per_minute: 30 }
  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme }
    - { id: k2, secret: "${second}", signed: required }
    - { id: k3, secret: "${SECRET}-expired", expires: 2020-01-01 }
  jwt: [{ name: corp, issuer: https://login.example, audience: weir, jwks_file: ${jwksFile} }]
  tokens: {}
  pass_through: { match: ["sk-*"] }`
  const quotas = `  - { name: rpm, per: [key], requests: 12, window: 1h, kind: calendar }
  - { name: shy, per: [ip], tokens: 100, window: 1h, mode: shadow }`
  try {
    await withFront(
      {
        identity,
        quotas,
        upstream: ', idle_timeout: 200ms, first_byte_timeout: 200ms',
        more: 'screening: { flood: refuse }',
      },
      async (front) => {
        const replies: Reply[] = []
        const prompt = 'the launch code is 0451-tango'
        const jwt = await new SignJWT({ iss: 'https://login.example', aud: 'weir', sub: 'anna' })
          .setProtectedHeader({ alg: 'ES256', kid: 'k' })
          .setIssuedAt()
          .setExpirationTime('10m')
          .sign(privateKey)
        const minted = await send(front.serving.dataUrl, '/weir/token', { headers: openai.keyed(SECRET), body: '{}' })
        const { token } = JSON.parse(minted.text) as { token: string }
        const passed = 'sk-client-0123456789abcdef'
        const wrong = 'wr_wrong_0123456789abcdef0123456789'
        const presented = [
          SECRET,
          second,
          `${SECRET}-expired`,
          jwt,
          `${jwt.slice(0, -9)}AAAAAAAAA`,
          token,
          `${token}x`,
          passed,
          wrong,
          CONTROL_TOKEN,
        ]
        const bodies = (call: DialectCall): string[] => {
          const said = JSON.stringify(call.body).replace('hello', prompt)
          return [
            said,
            said.replace('{', '{"stream":true,'),
            said.slice(1),
            said.replace('vendor-model', 'none-of-ours'),
            `{"${prompt}":1}`,
          ]
        }
        const asked = async (
          call: DialectCall,
          body: string,
          headers: Record<string, string>,
          path = call.path,
        ): Promise<void> => {
          // An answer that breaks off is an answer as well.
          const reply = await send(front.serving.dataUrl, path, { headers, body }).catch(() => null)
          if (reply !== null) replies.push(reply)
        }
        for (const call of dialectCalls) {
          for (const body of bodies(call)) {
            for (const secret of presented) await asked(call, body, call.keyed(secret))
          }
          const [body] = bodies(call) as [string]
          await asked(call, body, {}, `${call.path}?key=${SECRET}&api_key=${wrong}`)
          const signature = sign(
            { method: 'POST', target: call.path, body: Buffer.from(body) },
            { keyId: 'k2', secret: second },
            { nonce: randomBytes(16).toString('hex'), createdMs: Date.now() },
          )
          for (let i = 0; i < 2; i++) await asked(call, body, { ...signature })
          for (const ends of ['drop', 'stall', 401, 403, 500] as const) {
            front.vendor.scenario = { ...plainScenario, ends }
            await asked(call, body, call.keyed(passed))
            await asked(call, body.replace('{', '{"stream":true,'), call.keyed(jwt))
          }
          front.vendor.scenario = plainScenario
        }
        assert.notEqual(
          front.reload(`quotas: [{ secret: "${wrong}" }]`),
          null,
          'a configuration that is refused is said',
        )
        const pages = [
          '/metrics',
          '/api/v1/quotas?key=k1',
          '/api/v1/status',
          '/readyz',
          '/api/v1/reputation',
          `/api/v1/quotas?key=x`,
        ]
        const shown = await Promise.all(pages.map((page) => control(front, page)))
        for (let i = 0; i < 400 && front.serving.weir.stats.inFlight > 0; i++)
          await new Promise((done) => setTimeout(done, 5))
        // One each, and one for the token.
        await front.eventsUntil(replies.length + 1)
        const everything = JSON.stringify([front.events, front.said, replies, shown])
        const macs = [jwt, token].map((text) => text.slice(text.lastIndexOf('.') + 1))
        const secrets = [...presented, ...macs, 'vendor-secret-key', prompt, prompt.slice(4, 24)]
        const outcomes = new Set(front.events.map(({ outcome }) => outcome))
        for (const outcome of ['ok', 'refused', 'upstream_error', 'upstream_lost'] as const)
          assert.ok(outcomes.has(outcome), outcome)
        for (const secret of secrets) {
          assert.ok(
            !everything.includes(secret),
            `${secret} at ${everything.slice(everything.indexOf(secret) - 300, everything.indexOf(secret))}`,
          )
          const hash = createHash('sha256').update(secret).digest('hex')
          assert.ok(!everything.includes(hash), `the hash of ${secret}`)
        }
        // Of a model that a client makes up, the event may tell; a metric may not.
        assert.ok(!shown.join('').includes('none-'))
      },
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
