import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { verifyLog } from '../audit/verify.ts'
import type { Weir } from '../compose.ts'
import { CONTROL_TOKEN, inFolder, startGateway } from '../../test/support/gateway.ts'
import { commands } from './index.ts'

type Options = Readonly<Record<string, string | boolean>>

async function weir(name: string, args: readonly string[], options: Options) {
  const { run } = await commands.find((command) => command.name === name)!.load()
  const [out, said]: [string[], string[]] = [[], []]
  const code = await run({ args, options, print: (line) => out.push(line), complain: (line) => said.push(line) })
  return { code, out: out.join('\n'), said: said.join('\n') }
}

const TRUTH = 'truth: { held_back: 0.01, max_wrong: 0.1, least_reviewed: 5 }'

const configText = (dataDir: string): string => `
control: { listen: "127.0.0.1:9", token: ${CONTROL_TOKEN} }
data_dir: ${dataDir}
upstreams: { main: { dialect: openai, embedded: demo } }
models: { "*": { upstream: main } }
${TRUTH}
`

function apply({ actions }: Weir, rule: string, account: string): string {
  const atMs = Date.now()
  const done = actions.apply({
    spec: { action: 'tarpit', firstByteMs: [1, 2], perChunkMs: [1, 2] },
    subject: { kind: 'account', value: account },
    scope: [],
    mode: 'enforce',
    heldBack: false,
    by: { kind: 'playbook', name: rule },
    reason: 'evidence',
    level: 'tarpit',
    evidence: 1000,
    findings: [],
    campaign: null,
    group: null,
    atMs,
    untilMs: atMs + 3_600_000,
  })
  assert.ok(done.ok)
  return done.value.id
}

test('actions are reviewed over a socket and on the files of a Weir that is gone; a rule that was wrong is demoted in both', async () => {
  await inFolder(async (folder) => {
    const dataDir = join(folder, 'data')
    const config = join(folder, 'weir.yaml')
    writeFileSync(config, configText(dataDir))
    const gateway = await startGateway({ dataDir, more: TRUTH })
    const { serving } = gateway
    const live = { url: serving.controlUrl, token: CONTROL_TOKEN }
    assert.equal((await weir('action rules', [], live)).out, 'no rule has acted')
    const ids = Array.from({ length: 7 }, (_, i) => apply(serving.weir, 'default/tarpit', `a${i}`))
    const other = apply(serving.weir, 'default/squeeze', 'b')
    try {
      const first = await weir('action review', [ids[0]!, 'wrong'], { ...live, by: 'anna' })
      assert.deepEqual([first.code, first.out], [0, `${ids[0]!} of default/tarpit was wrong, says anna`], first.said)
      assert.equal((await weir('action review', [ids[1]!, 'wrong'], { ...live, by: 'anna' })).code, 0)
      const maybe = await weir('action review', [ids[2]!, 'maybe'], { ...live, by: 'anna' })
      assert.equal(maybe.code, 2)
      assert.match(maybe.said, /right.*wrong/)
      assert.equal((await weir('action review', ['act_none', 'right'], { ...live, by: 'anna' })).code, 1)
      const rules = await weir('action rules', [], live)
      assert.match(rules.out, /^default\/squeeze\n {2}applied 1; right 0, wrong 0; nobody has looked\n/)
      assert.match(rules.out, /\ndefault\/tarpit\n {2}applied 7; right 0, wrong 2; wrong in 16 % to 100 % \(95 %\)$/)
    } finally {
      await gateway.close()
    }

    for (const id of ids.slice(2, 5)) {
      const done = await weir('action review', [id, 'wrong'], { config, by: 'bert', json: true })
      assert.equal((JSON.parse(done.out) as { verdict: string }).verdict, 'wrong', done.said)
    }
    assert.match((await weir('action rules', [], { config })).out, /default\/tarpit {2}DEMOTED: it only notes\n/)
    const left = JSON.parse((await weir('action list', [], { config, json: true })).out) as readonly { id: string }[]
    assert.deepEqual(
      left.map(({ id }) => id),
      [other],
      'what the demoted rule had in force has ended',
    )

    const next = await startGateway({ dataDir, more: TRUTH })
    try {
      const again = { url: next.serving.controlUrl, token: CONTROL_TOKEN }
      const done = await weir('action review', [other, 'right'], { ...again, by: 'anna' })
      assert.equal(done.code, 0, `what an earlier process applied can be looked at: ${done.said}`)
      const rules = await weir('action rules', [], { ...again, json: true })
      const rows = JSON.parse(rules.out) as readonly Readonly<Record<string, unknown>>[]
      assert.deepEqual(
        rows.map(({ rule, applied, right, wrong, demoted }) => [rule, applied, right, wrong, demoted]),
        [
          ['default/squeeze', 1, 1, 0, false],
          ['default/tarpit', 0, 0, 5, true],
        ],
      )
    } finally {
      await next.close()
    }
    const audit = { path: join(dataDir, 'audit'), key: null, since: null, witness: null, progress() {} }
    assert.deepEqual(verifyLog(audit).problems, [])
  })
})
