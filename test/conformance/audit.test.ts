import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { verifyLog } from '../../src/audit/verify.ts'
import { commands } from '../../src/cli/index.ts'
import { ask, CONTROL_TOKEN, inFolder, startGateway, type Gateway } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'

/** The log of a Weir that serves, as an operator and an outsider meet it. */

const WEIR = join(import.meta.dirname, '..', '..', 'bin', 'weir')

/** A command as the command line calls it, without the half second that a process takes to start. */
async function weir(
  name: string,
  args: readonly string[],
  options: Readonly<Record<string, string | boolean>> = {},
): Promise<{ readonly code: number; readonly out: string; readonly said: string }> {
  const { run } = await commands.find((command) => command.name === `audit ${name}`)!.load()
  const [out, said]: [string[], string[]] = [[], []]
  const code = await run({ args, options, print: (line) => out.push(line), complain: (line) => said.push(line) })
  return { code, out: out.map((line) => `${line}\n`).join(''), said: said.join('\n') }
}

const control = (gateway: Gateway, path: string, method = 'GET', body?: object): Promise<Response> =>
  fetch(gateway.serving.controlUrl + path, {
    method,
    headers: { authorization: `Bearer ${CONTROL_TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

const chat = (gateway: Gateway): Promise<unknown> =>
  gateway.client.chat.completions.create({ model: 'weir-demo-small', messages: ask() })

const terms = 'terms: { version: "7", url: "https://example.com/terms" }'

const textOf = (folder: string, size: number): string =>
  readFileSync(join(folder, `tile/entries/000.p/${size}`), 'latin1')

test('administrative acts are under a signature when they are acknowledged, and so is every decision soon after', async () => {
  await inFolder(async (dataDir) => {
    const quotas = '  - { name: rpm, per: [key], requests: 2, window: 1h, kind: sliding }'
    const gateway = await startGateway({ dataDir, quotas, more: terms })
    const folder = join(dataDir, 'audit')
    const sizeOf = (): number => {
      const verdict = verifyLog({ path: folder, key: null, since: null, witness: null, progress() {} })
      assert.deepEqual(verdict.problems, [])
      return verdict.size!
    }
    try {
      const said = { kind: 'key', value: 'k2', score: 5, reason: 'a test' }
      assert.equal((await control(gateway, '/api/v1/reputation', 'POST', said)).status, 200)
      assert.match(textOf(folder, sizeOf()), /"act":"reputation_put"/)
      const accepted = await fetch(`${gateway.serving.dataUrl}/weir/terms`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET}` },
        body: '{"version":"7"}',
      })
      assert.equal(accepted.status, 200)
      assert.match(textOf(folder, sizeOf()), /"act":"terms_accepted"/)
      assert.equal((await control(gateway, '/api/v1/config/reload', 'POST')).status, 200)
      assert.match(textOf(folder, sizeOf()), /"type":"config_loaded".*"why":"start"[\s\S]*"why":"reload"/)
      await chat(gateway)
      await assert.rejects(chat(gateway), /429/)
      await gateway.eventsUntil(3)
      const before = Date.now()
      while (!textOf(folder, sizeOf()).includes('"type":"decision"')) {
        assert.ok(Date.now() - before < 1000, 'automatic decisions are there within a second')
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      const ready = (await (await fetch(`${gateway.serving.controlUrl}/readyz`)).json()) as { audit: string }
      assert.equal(ready.audit, 'writing')
      const metrics = await (await control(gateway, '/metrics')).text()
      assert.match(metrics, /^weir_audit_entries \d+$/m)
      assert.match(metrics, /^weir_audit_writing 1$/m)
      const state = (await (await control(gateway, '/api/v1/audit')).json()) as { key: string; writing: boolean }
      assert.ok(state.writing)
      const checkpoint = await (await control(gateway, '/api/v1/audit/checkpoint')).text()
      assert.equal(checkpoint, readFileSync(join(folder, 'checkpoint'), 'utf8'))
    } finally {
      await gateway.close()
    }
    const text = textOf(folder, sizeOf())
    for (const secret of [SECRET, CONTROL_TOKEN, 'upstream-secret-key', '"acme"', '127.0.0.1']) {
      assert.equal(text.includes(secret), false, secret)
    }
    assert.match(text, /"type":"exchanges"/)
    assert.match(text, /"type":"log_closed"/)
  })
})

test('the commands: verify, prove, export, rotate-key and erase, with the exit codes of the contract', async () => {
  await inFolder(async (dataDir) => {
    const quotas = '  - { name: rpm, per: [key], requests: 1, window: 1h, kind: sliding }'
    const gateway = await startGateway({ dataDir, quotas })
    let events: readonly { readonly id: string }[]
    try {
      await chat(gateway)
      await assert.rejects(chat(gateway), /429/)
      events = await gateway.eventsUntil(2)
      const erased = await control(gateway, '/api/v1/audit/erase', 'POST', { kind: 'user', value: 'nobody' })
      assert.equal(erased.status, 404)
      assert.equal((await control(gateway, '/api/v1/audit/erase', 'POST', { kind: 'x' })).status, 400)
    } finally {
      await gateway.close()
    }
    const [first, refused] = events
    const [folder, kept, bundle] = ['audit', 'kept', 'bundle.json'].map((name) => join(dataDir, name))
    copyFileSync(join(folder!, 'checkpoint'), kept!)
    const config = join(dataDir, 'weir.yaml')
    writeFileSync(
      config,
      `data_dir: ${dataDir}\nupstreams: { main: { dialect: openai, embedded: demo } }\nmodels: { "*": { upstream: main } }\n`,
    )

    const verified = await weir('verify', [folder!], { json: true })
    const { signedBy } = JSON.parse(verified.out) as { signedBy: string }
    assert.deepEqual([verified.code, verified.said], [0, ''])
    const plain = spawnSync(WEIR, ['audit', 'verify', folder!], { encoding: 'utf8' })
    assert.match(plain.stdout, /: holds\n[\s\S]*no --since: vouches for consistency/)

    const proof = { reveal: true, since: kept!, out: bundle! }
    assert.equal((await weir('prove', [folder!, refused!.id], proof)).code, 0)
    const proven = await weir('verify', [bundle!], { key: signedBy, since: kept! })
    assert.equal(proven.code, 0, proven.out)
    assert.match(proven.out, /account "acme" is opened/)
    assert.equal((await weir('prove', [folder!, first!.id])).code, 0, 'an ordinary exchange left its digest')
    assert.equal((await weir('prove', [folder!, '0'])).code, 0)
    assert.equal((await weir('prove', [folder!, 'req_unknown'])).code, 1)
    assert.equal((await weir('prove', [folder!, refused!.id], proof)).code, 2, 'nothing is overwritten')

    const rotated = await weir('rotate-key', [], { config })
    assert.equal(rotated.code, 0, rotated.said)
    const { key } = JSON.parse(rotated.out) as { key: string }
    for (const known of [signedBy, key]) {
      assert.equal((await weir('verify', [folder!], { key: known, since: kept! })).code, 0)
    }
    assert.equal((await weir('erase', ['account', 'acme'], { config })).code, 0)
    assert.equal((await weir('erase', ['account', 'acme'], { config })).code, 1)
    writeFileSync(bundle!, (await weir('export', [folder!], { type: 'decision', reveal: true })).out)
    const exported = await weir('verify', [bundle!])
    assert.equal(exported.code, 0, exported.out)
    assert.doesNotMatch(exported.out, /account "acme" is opened/)

    writeFileSync(join(folder!, 'stranger'), '')
    const spoiled = spawnSync(WEIR, ['audit', 'verify', folder!], { encoding: 'utf8' })
    assert.equal(spoiled.status, 1)
    assert.match(spoiled.stdout, /DOES NOT HOLD[\s\S]*stranger: is not covered by the checkpoint/)
    const wrong: readonly [string, readonly string[], Readonly<Record<string, string>>][] = [
      ['verify', [join(dataDir, 'nothing')], {}],
      ['verify', [folder!], { key: 'nonsense' }],
      ['verify', [folder!], { since: join(dataDir, 'nothing') }],
      ['verify', [folder!], { witness: signedBy }],
      ['export', [dataDir], {}],
      ['erase', ['shoe', 'x'], { config }],
      ['rotate-key', [], { config: join(dataDir, 'none.yaml') }],
    ]
    for (const [name, args, options] of wrong) {
      const { code, said } = await weir(name, args, options)
      assert.deepEqual([code, said.length > 0], [2, true], `${name} ${args.join(' ')}`)
    }
  })
})

test('a running Weir changes its log for a command, and a second one is kept out', async () => {
  await inFolder(async (dataDir) => {
    const gateway = await startGateway({ dataDir })
    try {
      const port = new URL(gateway.serving.controlUrl).port
      const config = join(dataDir, 'weir.yaml')
      writeFileSync(
        config,
        `control: { listen: "127.0.0.1:${port}" }\ndata_dir: ${dataDir}\n` +
          'upstreams: { main: { dialect: openai, embedded: demo } }\nmodels: { "*": { upstream: main } }\n',
      )
      // Not in this thread: the gateway has to answer meanwhile.
      const run = (...args: string[]): Promise<string> =>
        new Promise((resolve) => {
          const child = spawn(WEIR, ['audit', 'rotate-key', '--config', config, ...args])
          let said = ''
          for (const stream of [child.stdout, child.stderr])
            stream.on('data', (data: Buffer) => (said += data.toString()))
          child.once('close', (code) => resolve(`${code} ${said}`))
        })
      assert.match(await run(), /^1 Weir runs and made its own control token: pass it with --token/)
      assert.match(await run('--token', CONTROL_TOKEN), /^0 \{"key":"weir\//)
      assert.deepEqual(
        verifyLog({ path: join(dataDir, 'audit'), key: null, since: null, witness: null, progress() {} }).problems,
        [],
      )
    } finally {
      await gateway.close()
    }
  })
})
