import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, type Harness } from '../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../test/support/scripted-upstream.ts'
import { sha256 } from './config/identity.ts'

const HONEY = 'wr_leak_0123456789abcdef0123456789abcdef'

interface Told {
  readonly headline: string
  readonly [name: string]: unknown
}

function setup(more: string): Harness & { readonly told: Told[] } {
  const told: Told[] = []
  const config = configOf('', more)
  const made = harness(config, (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), {
    post: (_url, _type, body) => {
      told.push(JSON.parse(Buffer.from(body).toString()) as Told)
      return Promise.resolve({ status: 200 })
    },
  })
  return { ...made, told }
}

const stuck = {
  messages: [
    { role: 'user', content: 'please look into the file and tell me what is wrong with it' },
    { role: 'assistant', content: 'I will read it.' },
    { role: 'user', content: 'the tool has answered: no such file or directory, try another path please' },
  ],
}

test('an agent that is stuck in a loop is slowed and told why, and goes on when the loop is over', async () => {
  const { chat, clock, weir } = setup(
    'detection: { mode: enforce }\nloops: { repeats: 5, requests_per_minute: 1, lasts: 2m }',
  )
  const statuses: number[] = []
  let said = ''
  for (let i = 0; i < 8; i++) {
    const exchange = chat(stuck)
    await clock.advance(1000)
    statuses.push(exchange.status)
    if (exchange.status === 429) said = exchange.received.toString()
  }
  assert.deepEqual(statuses.slice(0, 5), [200, 200, 200, 200, 200])
  assert.ok(statuses.slice(5).includes(429), statuses.join(' '))
  assert.match(said, /The same request was sent 5 times in a row/)
  await clock.advance(180_000)
  assert.deepEqual(weir.actions.list(), [])
  const later = chat({ messages: [{ role: 'user', content: 'something else altogether, thank you' }] })
  await clock.advance(1000)
  assert.equal(later.status, 200)
})

test('nobody is slowed for repeating itself where the configuration says nothing of loops', async () => {
  const { chat, clock } = setup('detection: { mode: enforce }')
  for (let i = 0; i < 40; i++) {
    const exchange = chat(stuck)
    await clock.advance(1000)
    assert.equal(exchange.status, 200)
  }
})

test('a honey key asks its program within its network, tells operators once, and touches nobody elsewhere', async () => {
  const { chat, clock, weir, send, told } = setup(`
detection: { mode: enforce }
alerts: [{ name: ops, kind: webhook, url: "https://alerts.example/hook", secret: "whsec_0123456789abcdef0123" }]
decoys: { keys: [{ id: leaked, secret_sha256: "${sha256(HONEY)}", memo: repository }] }`)
  for (let i = 0; i < 3; i++) {
    const thief = send({
      method: 'POST',
      target: '/v1/chat/completions',
      headers: { authorization: `Bearer ${HONEY}` },
    })
    await clock.advance(1000)
    assert.equal(thief.status, 401)
  }
  const [action, ...others] = weir.actions.list()
  assert.deepEqual(others, [])
  assert.deepEqual([action!.spec.action, action!.by.kind, action!.by.name], ['step_up', 'decoy', 'leaked'])
  assert.notEqual(action!.subject.kind, 'account')
  assert.deepEqual(
    told.map(({ headline }) => headline),
    [`Weir: the honey key leaked was used from ${weir.actions.list()[0]!.scope[0]?.globs[0] ?? action!.subject.value}`],
  )
  const elsewhere = chat({ messages: [{ role: 'user', content: 'hello' }] })
  await clock.advance(1000)
  assert.equal(elsewhere.status, 200, 'another program in the same network goes on')
})
