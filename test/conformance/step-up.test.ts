import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { meansNames } from '../../src/core/action.ts'
import { memoryRecords, type Records } from '../../src/core/records.ts'
import { sign } from '../../src/identity/signature.ts'
import { findServer } from '../support/needs.ts'
import { SECRET } from '../support/harness.ts'
import { solve, wrongFor } from '../support/solve.ts'
import { withStepUps, type StepUpFront, type StepUpFrontOptions } from '../support/step-up-front.ts'

/** Being asked, and answering, through a socket. */

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly json: Record<string, unknown>
}

async function call(
  { url }: StepUpFront,
  body?: object | string,
  secret: string | null = SECRET,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const answer = await fetch(`${url}/weir/step-up`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(secret === null ? {} : { authorization: `Bearer ${secret}` }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> }
}
const codeOf = ({ json }: Reply): unknown => (json['error'] as { code?: string } | undefined)?.code

interface Proof {
  readonly challenge: string
  readonly bits: number
  readonly expires_in_ms: number
}
async function proofOf(front: StepUpFront, secret = SECRET): Promise<Proof> {
  return (await call(front, undefined, secret)).json['proof_of_work'] as Proof
}
const solved = ({ challenge, bits }: Proof): object => ({
  means: 'proof_of_work',
  challenge,
  solution: solve({ text: challenge, bits }),
})

test('a caller of whom nothing is asked hears so, and nobody else hears anything', async () => {
  await withStepUps({}, async (front) => {
    const { status, json } = await call(front)
    assert.equal(status, 200)
    assert.deepEqual(json, {
      asked: false,
      account: 'acme',
      since: null,
      grace_left: null,
      means: [],
      proof_of_work: null,
      purpose: null,
      grant: null,
      retry_after_ms: 0,
      page: '/weir/step-up/page',
    })
    assert.equal((await call(front, undefined, null)).status, 401)
    assert.equal((await call(front, { means: 'proof_of_work' }, 'wr_wrong_0123456789')).status, 401)
    const proof = solved({ challenge: 'wc1.x', bits: 1, expires_in_ms: 1 })
    assert.equal(codeOf(await call(front, proof)), 'step_up_nothing_asked')
  })
})

test('whoever is asked fetches the challenge, solves it and passes; each call is one event, and no proof counts twice', async () => {
  await withStepUps({}, async (front) => {
    front.asked.set('acme', ['proof_of_work', 'purpose', 'attestation'])
    const { json } = await call(front)
    assert.deepEqual([json['asked'], json['grace_left'], json['means']], [true, 12, ['proof_of_work', 'purpose']])
    const proof = json['proof_of_work'] as Proof
    assert.ok(proof.expires_in_ms > 500_000)
    assert.deepEqual((await proofOf(front)).challenge, proof.challenge, 'the same one again')
    const wrong = { ...solved(proof), solution: wrongFor({ text: proof.challenge, bits: proof.bits }) }
    assert.deepEqual([(await call(front, wrong)).status, front.passes.length], [400, 0])
    const answer = await call(front, solved(proof))
    assert.deepEqual([answer.status, answer.json], [200, { passed: true, means: 'proof_of_work', requests: null }])
    assert.deepEqual(
      front.passes.map(({ account, means, likelihoodRatio }) => [account, means, likelihoodRatio]),
      [['acme', 'proof_of_work', 3]],
    )
    assert.equal((await call(front)).json['asked'], false)
    front.asked.set('acme', ['proof_of_work'])
    const replay = await call(front, solved(proof))
    assert.deepEqual([replay.status, codeOf(replay)], [409, 'step_up_used'])
    assert.equal((await proofOf(front)).bits, proof.bits + 1)
    assert.deepEqual(
      (await front.eventsUntil(7)).map(({ endpoint, status, who }) => [endpoint, status, who?.account]),
      [
        ['weir_step_up', 200, 'acme'],
        ['weir_step_up', 200, 'acme'],
        ['weir_step_up_answer', 400, 'acme'],
        ['weir_step_up_answer', 200, 'acme'],
        ['weir_step_up', 200, 'acme'],
        ['weir_step_up_answer', 409, 'acme'],
        ['weir_step_up', 200, 'acme'],
      ],
    )
  })
})

test('another account’s challenge is none, and too many wrong answers wait', async () => {
  await withStepUps({}, async (front) => {
    front.asked.set('acme', ['proof_of_work']).set('key:k2', ['proof_of_work'])
    const borrowed = solved(await proofOf(front, `${SECRET}2`))
    for (let i = 0; i < 4; i++) assert.equal(codeOf(await call(front, borrowed)), 'step_up_invalid')
    const waits = await call(front, solved(await proofOf(front)))
    assert.deepEqual([waits.status, codeOf(waits)], [429, 'step_up_wait'])
    assert.ok(Number(waits.headers.get('retry-after')) >= 1)
    assert.ok(Number(waits.headers.get('retry-after-ms')) >= 1)
    assert.equal((await call(front, borrowed, `${SECRET}2`)).status, 200, 'its owner can use it')
  })
})

test('a body that is no answer is refused by name, and no failure', async () => {
  await withStepUps({}, async (front) => {
    front.asked.set('acme', meansNames)
    for (const [body, param] of [
      ['{', null],
      ['[]', null],
      [{}, 'means'],
      [{ means: 'bribe' }, 'means'],
      [{ means: 'proof_of_work', challenge: 'x' }, 'solution'],
      [{ means: 'purpose', purpose: 'short', contact: 'me@example.com', requests_per_day: 1 }, 'purpose'],
      ['{"means":"reauthenticate","means":"purpose"}', null],
      ['{"Means":"reauthenticate"}', 'means'],
    ] as const) {
      const answer = await call(front, body)
      assert.equal(answer.status, 400, JSON.stringify(body))
      assert.equal((answer.json['error'] as { param: string | null }).param, param, JSON.stringify(body))
    }
    assert.equal((await call(front)).json['retry_after_ms'], 0)
  })
})

test('a signed request shows the key again; the same one without a signature does not', async () => {
  await withStepUps({}, async (front) => {
    front.asked.set('acme', ['reauthenticate'])
    const body = JSON.stringify({ means: 'reauthenticate' })
    assert.equal(codeOf(await call(front, body)), 'step_up_invalid')
    const signed = (): Record<string, string> => {
      const request = { method: 'POST', target: '/weir/step-up', body: Buffer.from(body) }
      return sign(request, { keyId: 'k1', secret: SECRET }, { nonce: randomUUID(), createdMs: Date.now() })
    }
    const headers = signed()
    const answer = await call(front, body, SECRET, headers)
    assert.deepEqual([answer.status, answer.json['passed']], [200, true])
    assert.deepEqual([front.passes[0]!.means, front.passes[0]!.likelihoodRatio], ['reauthenticate', 2])
    front.asked.set('acme', ['reauthenticate'])
    assert.equal((await call(front, body, SECRET, headers)).status, 401, 'replayed')
    assert.equal((await call(front, body, null, signed())).status, 200, 'the secret itself need not travel')
  })
})

const nowS = (): number => Math.floor(Date.now() / 1000)

/** An issuer, and a front that knows it as `corp`, whose tokens attest. */
async function withIssuer(
  claims: string,
  run: (front: StepUpFront, make: (payload: object) => Promise<string>) => Promise<void>,
  more: StepUpFrontOptions = {},
): Promise<void> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'a', alg: 'ES256' }] }
  const jwt = {
    name: 'corp',
    issuer: 'https://id.example.com',
    audiences: ['weir'],
    algorithms: ['ES256'],
    jwksUrl: 'https://id.example.com/jwks',
    jwks: null,
    jwksFile: null,
    clockSkewMs: 30_000,
    maxAgeMs: null,
    claims: { tenant: claims === '' ? null : claims, user: null, profile: null },
    profile: 'agent',
    trust: null,
  } as const
  const options = { jwt: [jwt], stepUp: { attestationIssuer: 'corp' }, fetchJson: async () => keys, ...more }
  await withStepUps(options, (front) =>
    run(front, (payload) =>
      new SignJWT({ iss: jwt.issuer, exp: nowS() + 600, iat: nowS(), ...payload })
        .setProtectedHeader({ alg: 'ES256', kid: 'a' })
        .sign(privateKey),
    ),
  )
}

test('an attestation is a token of the configured issuer, made for this, for this account, just now, once', async () => {
  await withIssuer('org_id', async (front, make) => {
    front.asked.set('acme', ['attestation'])
    const good = { aud: 'weir-step-up', sub: 'u1', org_id: 'acme', jti: 'a-1' }
    const send = async (payload: object): Promise<Reply> =>
      call(front, { means: 'attestation', token: await make(payload) })
    for (const payload of [
      { ...good, aud: 'weir' },
      { ...good, org_id: 'globex' },
      { ...good, org_id: 'ACME' },
    ]) {
      assert.equal(codeOf(await send(payload)), 'step_up_invalid', JSON.stringify(payload))
    }
    front.asked.set('key:k2', ['attestation'])
    const stale = await make({ ...good, org_id: 'key:k2', iat: nowS() - 601 })
    assert.equal(codeOf(await call(front, { means: 'attestation', token: stale }, `${SECRET}2`)), 'step_up_invalid')
    const token = await make(good)
    assert.equal((await call(front, { means: 'attestation', token })).status, 200)
    assert.equal(front.passes[0]!.likelihoodRatio, 1000)
    front.asked.set('acme', ['attestation'])
    assert.equal(codeOf(await call(front, { means: 'attestation', token })), 'step_up_used')
  })
})

test('an issuer that names no tenants attests its subjects: by the account’s own name', async () => {
  await withIssuer('', async (front, make) => {
    front.asked.set('key:k2', ['attestation'])
    const send = async (payload: object): Promise<Reply> =>
      call(front, { means: 'attestation', token: await make({ aud: 'weir-step-up', ...payload }) }, `${SECRET}2`)
    assert.equal(codeOf(await send({ sub: 'key:k1', jti: 'b-0' })), 'step_up_invalid')
    assert.equal(codeOf(await send({ sub: 'key:k2' })), 'step_up_invalid', 'without a jti')
    assert.equal(codeOf(await send({ sub: 'key:k2', jti: 'b-1', iat: nowS() - 601 })), 'step_up_expired')
    assert.equal((await send({ sub: 'key:k2', jti: 'b-2' })).status, 200)
  })
})

test('a caller with a token passes by a login of the last minutes, and by no older one', async () => {
  await withIssuer('org_id', async (front, make) => {
    const claims = { aud: 'weir', sub: 'u1', org_id: 'globex' }
    const caller = await make(claims)
    front.asked.set('globex', ['reauthenticate'])
    const show = async (payload: object): Promise<Reply> =>
      call(front, { means: 'reauthenticate', token: await make({ ...claims, ...payload }) }, caller)
    assert.equal(codeOf(await show({})), 'step_up_invalid', 'no auth_time')
    assert.equal(codeOf(await show({ auth_time: nowS() - 301 })), 'step_up_expired')
    assert.equal(codeOf(await show({ auth_time: nowS() - 5, org_id: 'other' })), 'step_up_invalid')
    const fresh = nowS() - 5
    assert.equal((await show({ auth_time: fresh })).status, 200)
    assert.equal(front.passes[0]!.likelihoodRatio, 10)
    front.asked.set('globex', ['reauthenticate'])
    assert.equal(codeOf(await show({ auth_time: fresh, jti: 'another' })), 'step_up_used')
  })
})

test('what the disk does not take is a fault of ours that the operator hears of, and no pass', async () => {
  const records: Records = {
    ...memoryRecords(),
    put: () => {
      throw new Error('disk full')
    },
  }
  const disk: StepUpFrontOptions = { records }
  await withIssuer(
    'org_id',
    async (front, make) => {
      front.asked.set('acme', ['attestation', 'proof_of_work'])
      const token = await make({ aud: 'weir-step-up', sub: 'u1', org_id: 'acme', jti: 'c-1' })
      assert.equal((await call(front, { means: 'attestation', token })).status, 502)
      assert.equal((await call(front, solved(await proofOf(front)))).status, 500)
      assert.deepEqual([front.passes, front.said], [[], ['request_failed', 'request_failed']])
    },
    disk,
  )
})

test('the page is there for everybody, is one event of nobody, and only where it is', async () => {
  await withStepUps({}, async (front) => {
    const answer = await fetch(`${front.url}/weir/step-up/page?utm=x`)
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.match(answer.headers.get('content-security-policy')!, /default-src 'none'/)
    assert.ok(answer.headers.get('x-request-id'))
    assert.match(await answer.text(), /^<!doctype html>/)
    const [event, ...more] = await front.eventsUntil(1)
    assert.deepEqual(
      [event!.endpoint, event!.outcome, event!.status, event!.who, more.length],
      ['weir_step_up_page', 'ok', 200, null, 0],
    )
    assert.equal((await fetch(`${front.url}/weir/step-up/page`, { method: 'POST' })).status, 405)
    assert.equal((await fetch(`${front.url}/weir/step-up/page/`)).status, 404)
    front.weir.drain()
    assert.equal((await fetch(`${front.url}/weir/step-up/page`)).status, 503)
  })
})

const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'step-up.md'), 'utf8')
const example = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(docs)![1]!
const run = promisify(execFile)

test('the example for Node in docs/step-up.md passes, as it stands there', async () => {
  await withStepUps({ stepUp: { proofBits: 12 } }, async (front) => {
    front.asked.set('acme', ['proof_of_work'])
    const env = { ...process.env, WEIR_URL: front.url, WEIR_KEY: SECRET }
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', example('js')], { env })
    assert.match(stdout, /passed: true/)
    assert.equal(front.passes.length, 1)
    const again = await run(process.execPath, ['--input-type=module', '--eval', example('js')], { env })
    assert.match(again.stdout, /nothing is asked/)
  })
})

const python = findServer('python3')

test('the example for Python in docs/step-up.md passes, as it stands there', { skip: python.skip }, async () => {
  await withStepUps({ stepUp: { proofBits: 12 } }, async (front) => {
    front.asked.set('acme', ['proof_of_work'])
    const env = { ...process.env, WEIR_URL: front.url, WEIR_KEY: SECRET }
    const { stdout } = await run(python.path!, ['-c', example('python')], { env })
    assert.match(stdout, /'passed': True/)
    assert.equal(front.passes.length, 1)
  })
})
