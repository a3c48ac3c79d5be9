import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plainNetwork, type Principal } from './core/principal.ts'
import { memoryRecords, type Records } from './core/records.ts'
import type { UpstreamFault, UpstreamRequest, UpstreamSink } from './core/upstream.ts'
import { answerAtDesk, deskEndpoints, isDesk, type Desk, type DeskCaller } from './desk.ts'
import type { Endpoint } from './dialects/dialect.ts'
import { endpoints, findRoute } from './dialects/index.ts'
import { TokenMint } from './identity/token.ts'
import type { QuotaRow } from './quota/listing.ts'
import type { StepUpDesk } from './step-up-desk.ts'
import { stepUpPageAnswer } from './stepup/page.ts'
import { StepUps } from './stepup/step-ups.ts'
import { TermsBook } from './terms.ts'

const NOW = Date.UTC(2026, 0, 5, 12)
const bounds = { maxMessages: 10, maxDepth: 8 }
const target = { id: null, query: new URLSearchParams() }
const mint = new TokenMint(new Uint8Array(32).fill(7), 900_000)
const terms = { version: '2026-11', url: 'https://example.com/terms', onUnaccepted: 'deny' } as const
const who: Principal = {
  keyId: 'k1',
  tenant: 'acme',
  account: 'acme',
  profile: 'app',
  credential: 'key',
  user: null,
  trust: null,
}
const caller: DeskCaller = {
  who,
  network: plainNetwork('192.0.2.1', '192.0.2.0/24'),
  fingerprint: 'fp_1',
  isSigned: false,
  limits: [],
}

const stepUp: StepUpDesk = {
  stepUps: new StepUps({
    secret: new Uint8Array(32).fill(7),
    records: memoryRecords(),
    settings: { proofBits: 8, challengeMs: 600_000, attests: false },
    asked: () => null,
    checkToken: () => Promise.resolve('refused'),
  }),
  page: stepUpPageAnswer(),
  url: null,
}

const deskOf = (over: Partial<Desk> = {}, records: Records = memoryRecords()): Desk => ({
  settled: () => Promise.resolve(),
  mint,
  bind: 'none',
  terms: new TermsBook(terms, records),
  quotas: () => [],
  stampOf: () => 'st',
  stepUp,
  ...over,
})
const endpoint = (name: string): Endpoint => deskEndpoints.find((each) => each.name === name)!
const request: UpstreamRequest = {
  method: 'POST',
  path: '',
  headers: {},
  credential: null,
  keyStyle: 'bearer',
  body: null,
}

function readOf(name: string, body: string) {
  const read = endpoint(name).read(Buffer.from(body), target, bounds)
  assert.ok(read.ok, JSON.stringify(read))
  return read.value
}

const unexpected = (error: unknown): void => assert.fail(String(error))

/** What the desk answers to a call; `abort` before it can. */
async function ask(desk: Desk, name: string, from: DeskCaller = caller, body = '', abort = false) {
  const heard: string[] = []
  let status = 0
  const sink: UpstreamSink = {
    onHead: (given) => {
      status = given
      heard.push('head')
    },
    onData: (bytes) => void heard.push(Buffer.from(bytes).toString('utf8')),
    onEnd: () => void heard.push('end'),
    onFault: (fault: UpstreamFault) => void heard.push(fault.kind),
  }
  const call = answerAtDesk(desk, endpoint(name), readOf(name, body), from, NOW, unexpected).send(request, sink)
  assert.deepEqual(heard, [], 'nothing is said before send has returned')
  if (abort) call.abort()
  await Promise.resolve()
  return { status, heard, body: heard.length === 3 ? (JSON.parse(heard[1]!) as Record<string, unknown>) : null }
}

test('the desk has paths of its own, which no dialect has', () => {
  for (const { method, path, name } of deskEndpoints) {
    assert.equal(findRoute(endpoints, method, path), null)
    assert.ok(path.startsWith('/weir/'))
    assert.ok(!endpoints.some((other) => other.name === name))
  }
  assert.ok(isDesk(deskEndpoints[0]!))
  assert.ok(!isDesk(endpoints[0]!))
})

test('a key is swapped for a token that says what it is bound to and until when', async () => {
  const { status, body } = await ask(deskOf({ bind: 'ip_prefix' }), 'weir_token')
  assert.equal(status, 200)
  assert.deepEqual(
    [body!['token_type'], body!['bound_to'], body!['expires_at']],
    ['Bearer', 'ip_prefix', '2026-01-05T12:15:00.000Z'],
  )
  const claims = mint.check(body!['token'] as string, NOW)
  assert.ok(typeof claims !== 'string')
  assert.equal(claims.keyId, 'k1')
  assert.deepEqual(claims.boundTo, { ipPrefix: '192.0.2.0/24', fingerprint: null })
})

test('a token is bound as the configuration says, and not given out where that cannot be', async () => {
  for (const [bind, boundTo] of [
    ['none', { ipPrefix: null, fingerprint: null }],
    ['fingerprint', { ipPrefix: null, fingerprint: 'fp_1' }],
  ] as const) {
    const { body } = await ask(deskOf({ bind }), 'weir_token')
    const claims = mint.check(body!['token'] as string, NOW)
    assert.ok(typeof claims !== 'string')
    assert.deepEqual(claims.boundTo, boundTo)
  }
  const unseen = await ask(deskOf({ bind: 'fingerprint' }), 'weir_token', { ...caller, fingerprint: null })
  assert.equal(unseen.status, 400)
  assert.equal((await ask(deskOf({ mint: null }), 'weir_token')).status, 404)
})

test('only a key is swapped: no token begets another, and nobody else gets one', async () => {
  for (const credential of ['token', 'jwt', 'certificate', 'pass_through'] as const) {
    const answer = await ask(deskOf(), 'weir_token', { ...caller, who: { ...who, credential } })
    assert.equal(answer.status, 400, credential)
    assert.doesNotMatch(JSON.stringify(answer.body), /wt_/)
  }
})

test('a caller sees the limits that are its own, and none in shadow', async () => {
  const row = (over: Partial<QuotaRow>): QuotaRow => ({
    name: 'rpm',
    resource: 'requests',
    mode: 'enforce',
    limit: 10,
    used: 1,
    held: 0,
    debt: 0,
    remaining: 9,
    resets_at: '2026-01-05T12:01:00.000Z',
    ...over,
  })
  const rows = [row({}), row({ name: 'hidden', mode: 'shadow' })]
  const { status, body } = await ask(deskOf({ quotas: (of) => (of.account === 'acme' ? rows : []) }), 'weir_quotas')
  assert.deepEqual([status, body], [200, { limits: [row({})] }])
})

test('terms are read and accepted in the name of the account', async () => {
  const desk = deskOf()
  assert.equal((await ask(desk, 'weir_terms')).body!['accepted'], false)
  const wrong = await ask(desk, 'weir_accept', caller, '{"version":"2026-10"}')
  assert.equal(wrong.status, 409)
  assert.match(JSON.stringify(wrong.body), /2026-11/)
  assert.equal((await ask(desk, 'weir_accept')).status, 409, 'no version is none')
  assert.equal((await ask(desk, 'weir_accept', caller, '{"version":"2026-11"}')).status, 200)
  assert.equal((await ask(desk, 'weir_terms')).body!['accepted'], true)
})

test('nothing is made or recorded for a call that is not admitted after all', () => {
  const desk = deskOf()
  answerAtDesk(desk, endpoint('weir_accept'), readOf('weir_accept', '{"version":"2026-11"}'), caller, NOW, unexpected)
  assert.equal(desk.terms.accepted('acme'), false)
})

test('an answer that nobody waits for any more is not given', async () => {
  assert.deepEqual((await ask(deskOf(), 'weir_terms', caller, '', true)).heard, [])
})

test('a disk that fails is a fault of ours where the request can be told, and never later', async () => {
  const records: Records = {
    ...memoryRecords(),
    put: () => {
      throw new Error('disk full')
    },
  }
  await assert.rejects(ask(deskOf({}, records), 'weir_accept', caller, '{"version":"2026-11"}'), /disk full/)
})

test('a body at the desk is JSON with a version at most, and without a body there is none', () => {
  const read = (name: string, body: string) => endpoint(name).read(Buffer.from(body), target, bounds)
  for (const body of [
    '[]',
    'null',
    '{',
    '{"version":1}',
    `{"version":"${'x'.repeat(65)}"}`,
    '{"version":"a","version":"b"}',
    '{"Version":"2026-11"}',
    '{"a":'.repeat(9) + '1' + '}'.repeat(9),
  ]) {
    assert.ok(!read('weir_accept', body).ok, body)
  }
  assert.ok(read('weir_accept', '').ok)
  assert.ok(read('weir_terms', 'ignored').ok)
  const { call } = readOf('weir_accept', '{"version":"2026-11"}')
  assert.deepEqual([call.model, call.maxOutputTokens, call.promptBytes], ['', 0, 0])
})

test('what the desk answers is counted as a call and as nothing else', () => {
  for (const { generates, encode, readAnswer } of deskEndpoints) {
    assert.equal(generates, false)
    assert.equal(encode(readOf('weir_terms', ''), { askUsage: true, maxOutputTokens: 5 }), null)
    assert.equal(readAnswer(Buffer.from('{}'), readOf('weir_terms', '').call)?.usage, null)
  }
})
