import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, harness, type Harness } from '../../test/support/harness.ts'
import { scriptedUpstream, wholeSteps } from '../../test/support/scripted-upstream.ts'
import { controlApp } from './app.ts'
import { createMetrics } from './metrics.ts'

const TOKEN = 'control-token'
const PATH = '/api/v1/detection'

interface Set extends Harness {
  request(path: string): Promise<Response>
  metrics(): Promise<string>
}

function start(): Set {
  const metrics = createMetrics()
  // Everybody is watched from the first request on.
  const config = configOf('', 'detection: { mode: enforce, ladder: { watch: 1 } }')
  const made = harness(config, (clock) => scriptedUpstream(clock, () => wholeSteps(5, 3, 10)), {
    sinks: [metrics.sink],
  })
  metrics.watch(made.weir)
  const app = controlApp({ weir: made.weir, metrics, token: TOKEN, reload: () => null, configProblem: null, log: null })
  const headers = { authorization: `Bearer ${TOKEN}` }
  return { ...made, request: async (path) => app.request(path, { headers }), metrics: () => metrics.render() }
}

test('before anything was judged everything is empty, and says how it runs', async () => {
  const { request, metrics } = start()
  const status = (await (await request(PATH)).json()) as Record<string, unknown>
  const { calibration, ...rest } = status
  assert.deepEqual(rest, {
    mode: 'enforce',
    learning: false,
    accounts: 0,
    levels: { normal: 0, watch: 0, notice: 0, step_up: 0, tarpit: 0, squeeze: 0, block: 0 },
    campaigns: 0,
    judged: 0,
    saved: null,
  })
  assert.equal((calibration as { own: boolean }).own, false)
  for (const path of ['accounts', 'campaigns']) {
    assert.deepEqual(await (await request(`${PATH}/${path}`)).json(), [])
  }
  assert.match(await metrics(), /^weir_detection_accounts\{level="block"\} 0$/m)
})

test('accounts and decisions are told, bounded, and by names of fixed lists', async () => {
  const { request, metrics, chat, clock } = start()
  for (let i = 0; i < 3; i++) {
    const text = `madeup${i} asks about the other thing that nobody has ever heard of before`
    chat({ messages: [{ role: 'user', content: text }], model: `madeup${i}` })
    await clock.run()
  }
  const status = (await (await request(PATH)).json()) as { accounts: number; judged: number }
  assert.deepEqual([status.accounts, status.judged], [1, 3])
  for (const limit of ['0', '-1', '1001', 'x', '1e3', '']) {
    const answer = await request(`${PATH}/accounts?limit=${limit}`)
    assert.equal(answer.status, 400, limit)
    assert.equal((await request(`${PATH}/campaigns?limit=${limit}`)).status, 400, limit)
  }
  assert.equal((await request(`${PATH}/accounts?limit=1000`)).status, 200)
  const text = await metrics()
  assert.match(text, /^weir_decisions_total\{action="allow",mode="enforce"\} 3$/m)
  assert.doesNotMatch(text, /madeup/)
})
