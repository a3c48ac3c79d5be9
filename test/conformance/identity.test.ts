import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertRefusal, dialectCalls, send, type DialectCall, type Reply, type Sending } from '../support/callers.ts'
import { withFront, type Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'

/** Who is calling, through real sockets: keys and where they may stand, the caller's network, failed attempts. */
const [openai, anthropic, gemini] = dialectCalls as [DialectCall, DialectCall, DialectCall]
const JSON_OF = new Map(dialectCalls.map((call) => [call, JSON.stringify(call.body)]))

const ask = (front: Front, call: DialectCall, headers: Sending['headers'], path = call.path): Promise<Reply> =>
  send(front.serving.dataUrl, path, { headers: headers!, body: JSON_OF.get(call)! })

const lastEvent = async (front: Front, count: number): Promise<Front['events'][number]> =>
  (await front.eventsUntil(count)).at(-1)!

test("a key counts where its vendor's library puts it, and nowhere else", async () => {
  await withFront({}, async (front) => {
    const bearer = { authorization: `Bearer ${SECRET}` }
    const query = `${gemini.path}?key=${SECRET}`
    const taken: readonly (readonly [DialectCall, Record<string, string>, string?])[] = [
      [openai, bearer],
      [openai, { authorization: `bearer   ${SECRET}` }],
      [openai, { 'api-key': SECRET }],
      [anthropic, { 'x-api-key': SECRET }],
      [anthropic, bearer],
      [gemini, { 'x-goog-api-key': SECRET }],
      [gemini, {}, query],
      [gemini, bearer],
    ]
    for (const [call, headers, path] of taken) {
      assert.equal((await ask(front, call, headers, path)).status, 200, `${call.dialect} ${Object.keys(headers)[0]}`)
    }
    await front.openai.chat.completions.create({
      model: 'vendor-model',
      messages: [{ role: 'user', content: 'hello' }],
    })
    await front.anthropic.messages.create({
      model: 'vendor-model',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'hello' }],
    })
    await front.google.models.generateContent({ model: 'gemini-model', contents: 'hello' })
    const served = taken.length + 3
    for (const { who } of await front.eventsUntil(served)) assert.equal(who?.keyId, 'k1')
    const elsewhere: readonly (readonly [DialectCall, Record<string, string>, string?])[] = [
      [openai, {}],
      [openai, { authorization: SECRET }],
      [openai, { authorization: `Basic ${Buffer.from(`k1:${SECRET}`).toString('base64')}` }],
      [openai, { authorization: `Token ${SECRET}` }],
      [openai, { 'x-api-key': SECRET }],
      [openai, { 'x-goog-api-key': SECRET }],
      [openai, { 'proxy-authorization': `Bearer ${SECRET}` }],
      [openai, { cookie: `key=${SECRET}; authorization=${SECRET}` }],
      [openai, {}, `${openai.path}?key=${SECRET}`],
      [openai, {}, `${openai.path}?api_key=${SECRET}&access_token=${SECRET}`],
      [anthropic, { 'api-key': SECRET }],
      [anthropic, { 'x-goog-api-key': SECRET }],
      [anthropic, {}, `${anthropic.path}?key=${SECRET}`],
      [gemini, { 'x-api-key': SECRET }],
      [gemini, { 'api-key': SECRET }],
      [gemini, {}, `${gemini.path}?Key=${SECRET}`],
    ]
    for (const [call, headers, path] of elsewhere) {
      const what = `${JSON.stringify(headers)} ${path ?? ''}`
      assertRefusal(await ask(front, call, headers, path), call.dialect, 401, what)
    }
    for (const { who, refusal } of (await front.eventsUntil(served + elsewhere.length)).slice(served)) {
      assert.deepEqual([who, refusal], [null, { kind: 'unauthenticated', why: 'missing' }])
    }
    assert.equal(front.vendor.requests.length, served)
    for (const { headers, url } of front.vendor.requests) {
      assert.ok(!JSON.stringify([headers, url]).includes(SECRET), "the client's key stays here")
      const { authorization = '', 'x-api-key': claude, 'x-goog-api-key': google } = headers
      assert.ok([authorization.replace('Bearer ', ''), claude, google].includes('vendor-secret-key'))
    }
  })
})

test('two credentials in one request that differ are refused, whichever of them would be right', async () => {
  await withFront({}, async (front) => {
    const [one, two, wrong] = [SECRET, `${SECRET}2`, 'wr_wrong_0123456789abcdef01234567']
    const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` })
    const list = (...secrets: string[]): string[] => secrets.flatMap((secret) => ['authorization', `Bearer ${secret}`])
    const refused: readonly (readonly [DialectCall, Sending['headers'], string?])[] = [
      [openai, { ...bearer(one), 'api-key': two }],
      [openai, { ...bearer(one), 'api-key': wrong }],
      [openai, { ...bearer(wrong), 'api-key': one }],
      [openai, list(one, two)],
      [openai, list(one, wrong)],
      [openai, list(one, one)],
      [anthropic, { ...bearer(two), 'x-api-key': one }],
      [anthropic, ['x-api-key', one, 'x-api-key', two]],
      [gemini, { 'x-goog-api-key': one }, `${gemini.path}?key=${two}`],
      [gemini, { ...bearer(one), 'x-goog-api-key': two }],
      [gemini, {}, `${gemini.path}?key=${one}&key=${two}`],
    ]
    for (const [call, headers, path] of refused) {
      assertRefusal(await ask(front, call, headers, path), call.dialect, 401, JSON.stringify(headers))
    }
    for (const { refusal, who } of await front.eventsUntil(refused.length)) {
      assert.equal(refusal?.kind, 'unauthenticated')
      assert.equal(who, null)
    }
    assert.equal((await ask(front, anthropic, { ...bearer(one), 'x-api-key': one })).status, 200, 'the same one twice')
    assert.equal(
      (await ask(front, openai, { ...bearer(one), 'x-api-key': two })).status,
      200,
      'no place of this vendor',
    )
  })
})

test('a key that is passed through reaches its vendor instead of ours, and is an account by itself', async () => {
  const identity = `  keys:
    - { id: k1, secret: "${SECRET}" }
  pass_through: { match: ["sk-*", "wt_*"], profile: unknown, trust: new }`
  const quotas = `  - { name: per-key, per: [key], requests: 3, window: 1h, kind: calendar }`
  await withFront({ identity, quotas, more: 'trust_profiles: { new: {} }' }, async (front) => {
    const [mine, yours] = ['sk-client-one-0123456789', 'sk-client-two-0123456789']
    for (const call of dialectCalls) assert.equal((await ask(front, call, call.keyed(mine))).status, 200)
    const places = front.vendor.requests.map(({ headers }) => [
      headers['authorization'],
      headers['x-api-key'],
      headers['x-goog-api-key'],
    ])
    assert.deepEqual(places, [
      [`Bearer ${mine}`, undefined, undefined],
      [undefined, mine, undefined],
      [undefined, undefined, mine],
    ])
    assert.equal((await ask(front, openai, openai.keyed(mine))).status, 429)
    assert.equal((await ask(front, openai, openai.keyed(yours))).status, 200, 'another key has limits of its own')
    assert.equal((await ask(front, openai, openai.keyed(SECRET))).status, 200)
    assert.equal(front.vendor.requests.at(-1)!.headers['authorization'], 'Bearer vendor-secret-key')
    for (const other of ['ak-client-three-0123456789', 'SK-client-one-0123456789', 'wt_sk-0123456789']) {
      assertRefusal(await ask(front, openai, openai.keyed(other)), 'openai', 401, other)
    }
    const events = await front.eventsUntil(9)
    const [a, b] = [events[0]!.who!, events[4]!.who!]
    assert.match(a.keyId, /^pt:[0-9a-f]{24}$/)
    assert.deepEqual([a.credential, a.tenant, a.account, a.trust], ['pass_through', null, `key:${a.keyId}`, 'new'])
    assert.notEqual(a.account, b.account)
    const said = JSON.stringify([events, front.said])
    for (const secret of [mine, yours, SECRET, 'vendor-secret-key']) assert.ok(!said.includes(secret), secret)
  })
})

test('B4: keys cannot be guessed through us where only the vendor can tell whether one is right', async () => {
  const identity = `  keys:
    - { id: k1, secret: "${SECRET}" }
  pass_through: { match: ["sk-*"] }
  auth_failures: { per_minute: 3 }`
  await withFront({ identity }, async (front) => {
    front.vendor.scenario = { ...front.vendor.scenario, ends: 401 }
    for (let i = 0; i < 3; i++) {
      const refused = await ask(front, openai, openai.keyed(`sk-guess-${i}-0123456789`))
      assert.equal(refused.status, 401, "the vendor's own word, since the key is the client's")
      assert.match(refused.text, /vendor_401/)
    }
    assert.equal((await ask(front, openai, openai.keyed('sk-guess-4-0123456789'))).status, 429)
    assert.equal(front.vendor.requests.length, 3, 'nothing more reaches the vendor')
    front.vendor.scenario = { ...front.vendor.scenario, ends: 'ok' }
    assert.equal((await ask(front, openai, openai.keyed(SECRET))).status, 200, 'a key of ours goes on')
  })
})

test('B2: what a stranger writes of its network is not looked at, and what a trusted proxy writes counts', async () => {
  const identity = (proxies: string): string => `  trusted_proxies: [${proxies}]
  keys:
    - { id: k1, secret: "${SECRET}" }`
  const more = `network:
  headers: { asn: x-asn, country: x-country, ja3: x-ja3, ja4: x-ja4 }
  hosting_asns: [64510]`
  const quotas = `  - { name: no-hosting, per: [global], requests: 1, window: 1h, kind: calendar, match: { network: hosting } }
  - { name: per-ip, per: [ip], requests: 2, window: 1h, kind: calendar, match: { country: FR } }`
  const told = {
    'x-forwarded-for': '6.6.6.6, 198.51.100.7',
    'x-asn': '64510',
    'x-country': 'de',
    'x-ja3': 'd41d8cd98f00b204e9800998ecf8427e',
    'x-ja4': 't13d1516h2_8daaf6152771_02713d6af862',
  }
  const lies = {
    'x-real-ip': '7.7.7.7',
    'x-client-ip': '7.7.7.7',
    'true-client-ip': '7.7.7.7',
    'cf-connecting-ip': '7.7.7.7',
    'cf-ipcountry': 'KP',
    forwarded: 'for=7.7.7.7',
    'x-tor': '1',
    'x-tenant': 'acme',
    'x-weir-key': 'k2',
  }
  await withFront({ identity: identity('10.0.0.0/8'), more, quotas }, async (front) => {
    for (const call of dialectCalls) {
      assert.equal((await ask(front, call, { ...call.keyed(SECRET), ...told, ...lies })).status, 200)
    }
    for (const { network, who } of await front.eventsUntil(3)) {
      const here = { ip: '127.0.0.1', ipPrefix: '127.0.0.0/24', asn: null, country: null, type: 'none' }
      assert.deepEqual(network, { ...here, ja3: null, ja4: null })
      assert.equal(who!.tenant, null)
    }
  })
  await withFront({ identity: identity('127.0.0.1/32'), more, quotas }, async (front) => {
    const headers = { ...openai.keyed(SECRET), ...told, ...lies }
    assert.equal((await ask(front, openai, headers)).status, 200)
    const { network } = await lastEvent(front, 1)
    assert.deepEqual(network, {
      ip: '198.51.100.7',
      ipPrefix: '198.51.100.0/24',
      asn: 64510,
      country: 'DE',
      type: 'hosting',
      ja3: told['x-ja3'],
      ja4: told['x-ja4'],
    })
    assert.equal((await ask(front, openai, headers)).status, 429, 'limits go by it')
    const french = (ip: string): Record<string, string> => ({
      ...openai.keyed(SECRET),
      'x-country': 'FR',
      'x-forwarded-for': ip,
    })
    const statuses = []
    for (const ip of ['198.51.100.1', '198.51.100.1', '198.51.100.1', '9.9.9.9, 198.51.100.1', '198.51.100.2'])
      statuses.push((await ask(front, openai, french(ip))).status)
    assert.deepEqual(statuses, [200, 200, 429, 429, 200])
    const odd = {
      ...openai.keyed(SECRET),
      'x-asn': '-1',
      'x-country': 'Germany',
      'x-ja4': '<script>',
      'x-forwarded-for': 'x',
    }
    assert.equal((await ask(front, openai, odd)).status, 200)
    const last = await lastEvent(front, 8)
    assert.deepEqual([last.network.asn, last.network.country, last.network.ja4], [null, null, null])
  })
})

test('B4: failed attempts of every kind are limited by network, and a right key from there goes on', async () => {
  const identity = `  trusted_proxies: [127.0.0.1/32]
  keys:
    - { id: k1, secret: "${SECRET}" }
    - { id: k2, secret: "${SECRET}2", signed: required }
  tokens: {}
  auth_failures: { per_minute: 12 }`
  await withFront({ identity }, async (front) => {
    const from = (ip: string): Record<string, string> => ({ 'x-forwarded-for': ip })
    const guesses = dialectCalls.flatMap((call, i): [DialectCall, Record<string, string>][] => [
      [call, {}],
      [call, call.keyed(`wr_guess_${i}_0123456789abcdef0123456789`)],
      [call, call.keyed('wt_e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA')],
      [call, call.keyed(`${SECRET}2`)],
    ])
    for (const [i, [call, headers]] of guesses.entries()) {
      assertRefusal(await ask(front, call, { ...headers, ...from(`203.0.113.${i}`) }), call.dialect, 401)
    }
    for (const [call, headers] of guesses) {
      const reply = await ask(front, call, { ...headers, ...from('203.0.113.99') })
      assertRefusal(reply, call.dialect, 429)
      assert.ok(Number(reply.headers['retry-after']) > 0)
    }
    for (const call of dialectCalls) {
      assert.equal((await ask(front, call, { ...call.keyed(SECRET), ...from('203.0.113.99') })).status, 200)
      const elsewhere = await ask(front, call, { ...call.keyed('wr_wrong'), ...from('198.51.100.1') })
      assertRefusal(elsewhere, call.dialect, 401, 'another network')
    }
    const kinds = (await front.eventsUntil(30)).map(({ refusal }) => refusal?.kind)
    assert.equal(kinds.filter((kind) => kind === 'too_many_failures').length, 12)
  })
})
