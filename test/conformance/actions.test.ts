import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { verifyLog } from '../../src/audit/verify.ts'
import { commands } from '../../src/cli/index.ts'
import { noFacts } from '../../src/core/dimensions.ts'
import { CONTROL_TOKEN, inFolder, startGateway } from '../support/gateway.ts'

/** Actions in force as an operator meets them: over the socket of a Weir that runs, and on the files of one that does not. */

type Options = Readonly<Record<string, string | boolean>>

async function weir(
  name: string,
  args: readonly string[],
  options: Options,
): Promise<{ readonly code: number; readonly out: string; readonly said: string }> {
  const { run } = await commands.find((command) => command.name === name)!.load()
  const [out, said]: [string[], string[]] = [[], []]
  const code = await run({ args, options, print: (line) => out.push(line), complain: (line) => said.push(line) })
  return { code, out: out.join('\n'), said: said.join('\n') }
}

const signed = { by: 'anna', reason: 'case 7' }
const lasting = { ...signed, for: '1d' }
const rowsOf = (out: string): readonly Readonly<Record<string, unknown>>[] =>
  JSON.parse(out) as readonly Readonly<Record<string, unknown>>[]

/** `wrongly`: and what is refused on the way, which takes its time where each command opens the files. */
async function story(to: Options, wrongly: boolean): Promise<{ readonly kept: string; readonly group: string }> {
  const list = async (options: Options = {}): Promise<ReturnType<typeof rowsOf>> =>
    rowsOf((await weir('action list', [], { ...to, ...options, json: true })).out)
  const none = await weir('action list', [], to)
  assert.deepEqual([none.code, none.out, none.said], [0, 'no action is in force', ''])

  const throttle = ['throttle', 'key:k1', 'requests_per_minute=6']
  const applied = await weir('action apply', throttle, { ...to, ...lasting, match: 'model=gpt-4o*|o1' })
  assert.equal(applied.code, 0, applied.said)
  assert.match(
    applied.out,
    /^act_\w+ {2}throttle {2}key:k1 {2}until \S+\n {2}by operator anna: case 7\n {2}requests_per_minute 6; where model is gpt-4o\* or o1$/,
  )
  const tarpit = ['tarpit', 'account:acme', 'first_byte=1s,2s']
  assert.equal((await weir('action apply', tarpit, { ...to, ...lasting, shadow: true })).code, 0)
  const off = await weir('action apply', ['block', 'match:model=gpt-4o*,country=XX'], { ...to, ...lasting, json: true })
  const { id, subject } = JSON.parse(off.out) as { id: string; subject: string }
  assert.equal(subject, 'match:model=gpt-4o*,country=XX')
  assert.deepEqual(
    (await list()).map(({ action, mode }) => [action, mode]),
    [
      ['block', 'enforce'],
      ['tarpit', 'shadow'],
      ['throttle', 'enforce'],
    ],
  )
  assert.equal((await list({ kind: 'account' })).length, 1)
  assert.equal((await list({ subject: 'key:k1' })).length, 1)
  const limited = await weir('action list', [], { ...to, limit: '1' })
  assert.match(limited.said, /^2 more/)

  const wrongs = [
    [['block', 'asn:AS64500'], lasting, /nothing firmer than step_up/],
    [['block', 'key:k1'], { by: 'anna', for: '1d' }, /reason/],
    [['block', 'key:k1'], signed, /say how long/],
    [['ban', 'key:k1'], lasting, /expected one of "throttle"/],
    [['block', 'k1'], lasting, /a subject is written key:acme-1/],
    [['throttle', 'key:k1', 'slow'], lasting, /name=value/],
    [['throttle', 'key:k1', 'rpm=6'], lasting, /settings of throttle/],
  ] as const
  for (const [args, options, says] of wrongly ? wrongs : []) {
    const wrong = await weir('action apply', args, { ...to, ...options })
    assert.equal(wrong.code, 2, args.join(' '))
    assert.match(wrong.said, says)
  }

  assert.equal((await weir('action lift', [id], { ...to, by: 'bert' })).code, 2, 'without a reason')
  const lifted = await weir('action lift', [id], { ...to, by: 'bert', reason: 'over' })
  assert.deepEqual([lifted.code, lifted.out.split('\n')[0]], [0, 'lifted'], lifted.said)
  const again = await weir('action lift', [id], { ...to, by: 'bert', reason: 'over' })
  assert.equal(again.code, 1)
  assert.match(again.said, /No action "act_\w+" is in force/)

  const quarantine = await weir('contain quarantine-keys', ['k1', 'k2'], { ...to, ...lasting, json: true })
  const { group } = JSON.parse(quarantine.out) as { group: string }
  assert.equal((await weir('contain isolate-model', ['o1'], { ...to, ...lasting })).code, 0)
  assert.equal((await weir('contain reroute', ['main', 'nowhere'], { ...to, ...lasting })).code, 2)
  const contained = await weir('contain list', [], to)
  assert.match(
    contained.out,
    /^cont_\w+ {2}isolate-model o1 {2}until \S+\n {2}by anna: case 7\ncont_\w+ {2}quarantine-keys k1 k2 /,
  )
  assert.equal((await list()).length, 5)
  const back = await weir('contain rollback', [group], { ...to, ...signed })
  assert.match(back.out, /^rolled back, 2 actions ended\n/)
  assert.equal((await weir('contain rollback', [group], { ...to, ...signed })).code, 1)
  assert.equal((await list()).length, 3)
  const [row] = await list({ action: 'throttle' })
  return { kept: row!['id'] as string, group }
}

const configText = (dataDir: string, control: string, token: string): string => `
control: { listen: ${control}${token === '' ? '' : `, token: ${token}`} }
data_dir: ${dataDir}
upstreams: { main: { dialect: openai, embedded: demo } }
models: { "*": { upstream: main } }
`

test('actions are applied, listed, lifted, contained and rolled back over a socket, and again on the files of a Weir that is gone', async () => {
  await inFolder(async (folder) => {
    const dataDir = join(folder, 'data')
    const file = join(folder, 'weir.yaml')
    const gateway = await startGateway({ dataDir })
    let told: Awaited<ReturnType<typeof story>>
    try {
      const { serving } = gateway
      told = await story({ url: serving.controlUrl, token: CONTROL_TOKEN }, true)
      const wrong = await weir('action list', [], { url: serving.controlUrl, token: 'wrong' })
      assert.deepEqual([wrong.code, wrong.out], [2, ''])
      assert.match(wrong.said, /token is not the right one/)
      // Whoever guesses the wrong place finds the files locked.
      writeFileSync(file, configText(dataDir, '127.0.0.1:9', CONTROL_TOKEN))
      const locked = await weir('action list', [], { config: file })
      assert.equal(locked.code, 2)
      assert.match(locked.said, /another process has it open.*no Weir answers/)
      writeFileSync(file, configText(dataDir, new URL(serving.controlUrl).host, ''))
      const tokenless = await weir('action list', [], { config: file })
      assert.match(tokenless.said, /another process has it open.*pass its token with --token/)
      writeFileSync(file, configText(dataDir, new URL(serving.controlUrl).host, CONTROL_TOKEN))
      assert.equal((await weir('action list', [], { config: file })).code, 0)
      const [found] = serving.weir.actions.find({ ...noFacts, key: 'k1', model: 'o1' }, Date.now())
      assert.equal(found?.id, told.kept)
    } finally {
      await gateway.close()
    }
    const verdict = (): { size: number; problems: readonly unknown[] } => {
      const { size, problems } = verifyLog({
        path: join(dataDir, 'audit'),
        key: null,
        since: null,
        witness: null,
        progress() {},
      })
      return { size: size!, problems }
    }
    const before = verdict()
    assert.deepEqual(before.problems, [])

    const rest = { config: file }
    const left = rowsOf((await weir('action list', [], { ...rest, json: true })).out)
    assert.equal(left.length, 3)
    assert.ok(left.some(({ id }) => id === told.kept))
    assert.equal(verdict().size, before.size, 'who only looks leaves no trace')
    for (const row of left) await weir('action lift', [row['id'] as string], { ...rest, ...signed })
    const { kept } = await story(rest, false)
    const after = verdict()
    assert.deepEqual(after.problems, [])
    assert.ok(after.size > before.size)

    const next = await startGateway({ dataDir })
    try {
      assert.equal(next.serving.weir.actions.get(kept)?.reason, 'case 7')
      assert.equal(next.serving.weir.actions.list().length, 3)
      assert.equal(next.serving.weir.containment.list(Date.now()).length, 2)
    } finally {
      await next.close()
    }
  })
})

test('where there is neither a Weir nor a data_dir, or nothing in it, it is said', async () => {
  await inFolder(async (folder) => {
    const file = join(folder, 'weir.yaml')
    writeFileSync(file, configText(join(folder, 'data'), '127.0.0.1:9', CONTROL_TOKEN))
    const empty = await weir('action list', [], { config: file })
    assert.equal(empty.code, 2)
    assert.match(empty.said, /weir\.db: there is none; no Weir has run on this data_dir yet/)
    writeFileSync(file, configText('', '127.0.0.1:9', CONTROL_TOKEN).replace('data_dir: \n', ''))
    const nobody = await weir('contain list', [], { config: file })
    assert.equal(nobody.code, 2)
    assert.match(nobody.said, /^http:\/\/127\.0\.0\.1:9: no Weir answers there/)
    const elsewhere = await weir('contain list', [], { url: 'http://127.0.0.1:9', token: 'x' })
    assert.match(elsewhere.said, /no Weir answers there/)
  })
})
