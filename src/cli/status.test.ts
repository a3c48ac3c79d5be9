import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask, CONTROL_TOKEN, inFolder, withGateway } from '../../test/support/gateway.ts'
import type { CommandInput } from './command.ts'
import type { Status } from './status-screen.ts'
import { run } from './status.ts'

async function called(options: CommandInput['options']): Promise<{ code: number; out: string; errors: string }> {
  const out: string[] = []
  const errors: string[] = []
  const code = await run({
    args: [],
    options,
    print: (line) => void out.push(line),
    complain: (line) => void errors.push(line),
  })
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}

const quotas = '  - { name: one-a-minute, per: [key], requests: 1, window: 1m }'

test('one screen: traffic, limits, detection and health of a running Weir', async () => {
  await withGateway({ quotas }, async ({ client, serving, eventsUntil }) => {
    const send = (): Promise<unknown> =>
      client.chat.completions.create({ model: 'weir-demo-small', messages: ask('tokens=5') })
    await send()
    await assert.rejects(send())
    await eventsUntil(2)
    const options = { url: `${serving.controlUrl}/`, token: CONTROL_TOKEN }
    const { code, out } = await called(options)
    assert.equal(code, 0)
    assert.match(out, new RegExp(`^Weir at ${serving.controlUrl}: ok`))
    assert.match(out, /configuration [0-9a-f]{16}, as on disk/)
    assert.match(out, /2 requests \(ok 1, refused 1\), 0 in flight/)
    assert.match(out, /one-a-minute +1 charged {2}1 refused/)
    assert.match(out, /Actions in force\n {2}none\n {2}met by requests: none; decoys touched: none\n/)
    assert.match(out, /rules demoted 0; alerts none, waiting 0\n/)
    assert.match(out, /Detection: shadow \(learning: calibrate on your own traffic, and write detection: enforce\)/)
    assert.match(out, /1 accounts known: watch 0, notice 0/)
    const json = JSON.parse((await called({ ...options, json: true })).out) as Status
    assert.equal(json.health.status, 'ok')
    assert.deepEqual(json.traffic.by_outcome, { ok: 1, refused: 1 })
    assert.equal(json.traffic.output_tokens, 5)
    assert.deepEqual(json.limits, [{ limit: 'one-a-minute', charged: 1, refused: 1, cut: 0, shadow: 0 }])
    assert.deepEqual([json.detection.mode, json.detection.judged, json.detection.saved], ['shadow', 2, null])
    assert.deepEqual(json.response.met, { allow: 2 })
    assert.deepEqual(json.detection.decisions, { allow: 2 })
  })
})

test('what keeps it from answering is said, with 2', async () => {
  const nobody = await called({ url: 'http://127.0.0.1:9', token: 'x' })
  assert.deepEqual([nobody.code, nobody.out], [2, ''])
  assert.match(nobody.errors, /^http:\/\/127\.0\.0\.1:9: no Weir answers there/)
  assert.match((await called({ url: 'nonsense', token: 'x' })).errors, /write for instance http/)
  await withGateway({}, async ({ serving }) => {
    const wrong = await called({ url: serving.controlUrl, token: 'wrong' })
    assert.equal(wrong.code, 2)
    assert.match(wrong.errors, /token is not the right one/)
    const data = await called({ url: serving.dataUrl, token: 'wrong' })
    assert.equal(data.code, 2)
    assert.match(data.errors, /no control plane of this version of Weir/)
  })
})

test('address and token are those of the configuration where none are given', async () => {
  await inFolder(async (folder) => {
    await withGateway({}, async ({ serving }) => {
      const file = join(folder, 'weir.yaml')
      writeFileSync(
        file,
        `upstreams: { main: { dialect: openai, embedded: demo } }
models: { "*": { upstream: main } }
control: { listen: ${new URL(serving.controlUrl).host}, token: ${CONTROL_TOKEN} }
`,
      )
      assert.equal((await called({ config: file })).code, 0)
      writeFileSync(file, 'nonsense: true\n')
      const bad = await called({ config: file })
      assert.equal(bad.code, 2)
      assert.match(bad.errors, /unknown key/)
      assert.equal((await called({ config: join(folder, 'none.yaml') })).code, 2)
    })
  })
})
