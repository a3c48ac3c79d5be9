import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { test } from 'node:test'
import { connect as tlsConnect, type TLSSocket } from 'node:tls'
import { createAuthority, openssl } from '../support/certificates.ts'
import { plainScenario } from '../support/vendor-server.ts'
import { until } from '../support/waiting.ts'
import {
  WEIR,
  TOKEN,
  KEY,
  OTHER,
  inFolder,
  serving,
  post,
  statusOf,
  reload,
  ready,
  limit,
  type Reloaded,
} from './reload-folder.ts'

/** Files that a configuration names, changed under a Weir that runs. */

test("secrets in files rotate: the upstream's key and the client's; the control token stays what it was at the start", async () => {
  await inFolder(async (folder) => {
    const upstream = folder.write('upstream-key', 'first-upstream-key\n')
    const client = folder.write('client-key', `${KEY}\n`)
    const control = folder.write('control-token', `${TOKEN}\n`)
    folder.config('', {
      upstream: `, api_key: "file:${upstream}"`,
      identity: `  keys: [{ id: k1, secret: "file:${client}" }]`,
      control: `"file:${control}"`,
    })
    await serving(folder, async ({ dataUrl, controlUrl, said }) => {
      const sent = (): unknown => folder.vendor.requests.at(-1)!.headers.authorization
      assert.equal(await statusOf(post(dataUrl)), 200)
      assert.equal(sent(), 'Bearer first-upstream-key')
      folder.write('upstream-key', 'second-upstream-key\n')
      folder.write('client-key', `${OTHER}\n`)
      folder.write('control-token', 'another-control-token-9876543210\n')
      // Nobody asks for it: the files themselves are watched.
      await until(() => said.some(({ what }) => what === 'config_loaded'), 'no change of a secret is seen')
      assert.deepEqual([await statusOf(post(dataUrl)), await statusOf(post(dataUrl, OTHER))], [401, 200])
      assert.equal(sent(), 'Bearer second-upstream-key')
      assert.equal((await reload(controlUrl, 'another-control-token-9876543210')).status, 401)
      assert.equal((await reload(controlUrl)).status, 200)
      const warned = said.find(({ what }) => what === 'restart_needed')
      assert.deepEqual(warned?.details, { changed: ['control'] })

      rmSync(client)
      const gone = await reload(controlUrl)
      assert.equal(gone.status, 422)
      assert.match(gone.error!, /no such file/)
      assert.equal(await statusOf(post(dataUrl, OTHER)), 200, 'a secret that went away keeps its last value')
      const text = JSON.stringify(said)
      for (const secret of [KEY, OTHER, TOKEN, 'upstream-key"', 'another-control'])
        assert.equal(text.includes(secret), false)
    })
  })
})

test('keys in a file of their own come and go with it, and a bad one changes nothing', async () => {
  await inFolder(async (folder) => {
    folder.write('keys.yaml', `- { id: k1, secret: "${KEY}" }\n`)
    folder.config(limit(3), { identity: '  keys_file: keys.yaml' })
    await serving(folder, async ({ dataUrl, controlUrl, events }) => {
      assert.deepEqual([await statusOf(post(dataUrl)), await statusOf(post(dataUrl, OTHER))], [200, 401])
      folder.write('keys.yaml', `- { id: k1, secret: "${KEY}" }\n- { id: k2, secret: "${OTHER}" }\n`)
      assert.equal((await reload(controlUrl)).status, 200)
      assert.deepEqual([await statusOf(post(dataUrl)), await statusOf(post(dataUrl, OTHER))], [200, 200])
      folder.write('keys.yaml', `- { id: k2, secret: "${OTHER}" }\n- { id: k2, secret: "${KEY}" }\n`)
      const bad = await reload(controlUrl)
      assert.equal(bad.status, 422)
      assert.match(bad.error!, /keys\.yaml:2:/)
      assert.equal(await statusOf(post(dataUrl)), 200, 'the last good list stays')
      folder.write('keys.yaml', `- { id: k1, secret: "${OTHER}" }\n`)
      assert.equal((await reload(controlUrl)).status, 200)
      assert.equal(await statusOf(post(dataUrl)), 401, 'revoked')
      assert.equal(
        await statusOf(post(dataUrl, OTHER)),
        429,
        'the same key with a new secret has spent what it has spent',
      )
      await until(() => events.at(-1)!.refusal?.kind === 'over_quota', 'no event of the refusal')
      assert.equal(events.at(-1)!.who?.keyId, 'k1')
    })
  })
})

test('a changed price book is what the next request costs; a broken one is refused by name', async () => {
  const book = (input: number, version: string): string =>
    JSON.stringify({
      format: 'weir-prices-1',
      version,
      source: 'a test',
      fetched: '2026-11-01',
      models: { 'vendor-model': { input, output: 2 * input } },
    })
  const { input, words } = plainScenario
  await inFolder(async (folder) => {
    folder.write('prices.json', book(1, 'one'))
    folder.config('pricing: { book: prices.json }')
    await serving(folder, async ({ dataUrl, controlUrl, events }) => {
      const cost = async (): Promise<object> => {
        const seen = events.length
        assert.equal(await statusOf(post(dataUrl)), 200)
        await until(() => events.length > seen, 'no event')
        const { nanoUsd, source, book } = events.at(-1)!.cost
        return { nanoUsd, source, book }
      }
      const at = (usd: number): number => (input + 2 * words) * usd * 1000
      assert.deepEqual(await cost(), { nanoUsd: at(1), source: 'price', book: 'one' })
      folder.write('prices.json', book(3, 'two'))
      assert.equal((await reload(controlUrl)).status, 200)
      assert.deepEqual(await cost(), { nanoUsd: at(3), source: 'price', book: 'two' })
      for (const broken of ['{', '[]', '{"format":"other"}', book(-1, 'three'), book(5, '')]) {
        folder.write('prices.json', broken)
        const answered = await reload(controlUrl)
        assert.equal(answered.status, 422, broken)
        assert.match(answered.error!, /prices\.json|weir\.yaml:8:/)
        assert.deepEqual(await cost(), { nanoUsd: at(3), source: 'price', book: 'two' })
      }
      assert.match((await ready(controlUrl)).config_on_disk, /^refused/)
    })
  })
})

test('a network database that cannot be read keeps Weir from starting, and a reload from coming into force', async () => {
  await inFolder(async (folder) => {
    folder.write('broken.mmdb', 'this is no database '.repeat(100))
    folder.config('network: { databases: [broken.mmdb] }')
    const child = spawn(WEIR, ['serve'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
    assert.equal(await new Promise((resolve) => void child.once('close', resolve)), 2)
    assert.match(errors, /broken\.mmdb.*not a MaxMind DB file/)
    assert.doesNotMatch(errors, /\n {4}at /)

    folder.config()
    await serving(folder, async ({ dataUrl, controlUrl }) => {
      folder.config(`network: { databases: [broken.mmdb] }\n${limit(1)}`)
      const answered = await reload(controlUrl)
      assert.equal(answered.status, 422)
      assert.match(answered.error!, /broken\.mmdb.*not a MaxMind DB file/)
      for (let i = 0; i < 2; i++) assert.equal(await statusOf(post(dataUrl)), 200)
    })
  })
})

test(
  'certificates are changed under open connections, and a refused configuration changes none',
  { skip: openssl.skip },
  async () => {
    const authority = createAuthority('Reload Test CA')
    const [one, two, three] = ['one', 'two', 'three'].map((name) =>
      authority.issue(`/CN=${name}`, 'DNS:localhost,IP:127.0.0.1'),
    )
    await inFolder(async (folder) => {
      const put = ({ cert, key }: { cert: string; key: string }): void => {
        folder.write('cert.pem', cert)
        folder.write('key.pem', key)
      }
      const tls = 'tls: { cert: cert.pem, key: key.pem }'
      put(one!)
      folder.config(tls, { listen: '0.0.0.0:0' })
      await serving(folder, async ({ dataUrl, controlUrl }) => {
        const port = Number(new URL(dataUrl).port)
        const shown = (): Promise<string> =>
          new Promise((resolve, reject) => {
            const socket: TLSSocket = tlsConnect({ port, host: '127.0.0.1', ca: authority.cert }, () => {
              resolve(String(socket.getPeerCertificate().subject.CN))
              socket.destroy()
            })
            socket.once('error', reject)
          })
        const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.cert })
        let connections = 0
        const ask = (stream: boolean, onChunk = (): void => {}): Promise<string> =>
          new Promise((resolve, reject) => {
            const sending = httpsRequest(
              {
                agent,
                port,
                host: '127.0.0.1',
                path: '/v1/chat/completions',
                method: 'POST',
                headers: { authorization: `Bearer ${KEY}` },
              },
              (answer) => {
                let text = ''
                answer.setEncoding('utf8').on('data', (part: string) => {
                  text += part
                  onChunk()
                })
                answer.once('end', () => resolve(`${answer.statusCode} ${text}`))
                answer.once('error', reject)
              },
            )
            sending.once('error', reject)
            sending.once('socket', (socket) => {
              if (!sending.reusedSocket && socket.connecting) connections++
            })
            sending.end(
              JSON.stringify({ model: 'vendor-model', stream, messages: [{ role: 'user', content: 'Hello' }] }),
            )
          })
        assert.match(await ask(false), /^200 /)
        assert.equal(await shown(), 'one')

        folder.vendor.scenario = { ...plainScenario, words: 40, paceMs: 5 }
        let reloading: Promise<Reloaded> | null = null
        const streamed = await ask(true, () => {
          if (reloading !== null) return
          put(two!)
          reloading = reload(controlUrl)
        })
        assert.equal((await reloading!).status, 200)
        assert.match(streamed, /data: \[DONE\]/, 'a stream goes on through it')
        assert.equal(await shown(), 'two')
        assert.match(await ask(false), /^200 /)
        assert.equal(connections, 1, 'the connection of before is still in use')

        folder.write('cert.pem', three!.cert)
        const mismatch = await reload(controlUrl)
        assert.equal(mismatch.status, 422)
        assert.equal(await shown(), 'two')
        put(three!)
        folder.write('broken.mmdb', 'no database')
        folder.config(`${tls}\nnetwork: { databases: [broken.mmdb] }`, { listen: '0.0.0.0:0' })
        assert.equal((await reload(controlUrl)).status, 422)
        assert.equal(await shown(), 'two', 'refused whole, certificates and all')
        folder.config('insecure: true', { listen: '0.0.0.0:0' })
        assert.match((await reload(controlUrl)).error!, /fixed at its start/)
        assert.equal(await shown(), 'two', 'TLS is not switched off under its clients')
        folder.config(tls, { listen: '0.0.0.0:0' })
        assert.equal((await reload(controlUrl)).status, 200)
        assert.equal(await shown(), 'three')
        agent.destroy()
      })
    })
  },
)

test('a secret that a command gives is asked for at every reload, without a shell', async () => {
  await inFolder(async (folder) => {
    const command = folder.write('give', '#!/bin/sh\ncat "$1"\n')
    chmodSync(command, 0o755)
    const secret = folder.write('secret', 'first-key-of-a-vault\n')
    folder.config('', { upstream: `, api_key: "exec:${command} ${secret}"` })
    await serving(folder, async ({ dataUrl, controlUrl }) => {
      const sent = async (): Promise<unknown> => {
        assert.equal(await statusOf(post(dataUrl)), 200)
        return folder.vendor.requests.at(-1)!.headers.authorization
      }
      assert.equal(await sent(), 'Bearer first-key-of-a-vault')
      folder.write('secret', 'second-key-of-a-vault\n')
      assert.equal((await reload(controlUrl)).status, 200)
      assert.equal(await sent(), 'Bearer second-key-of-a-vault')
      rmSync(secret)
      const failed = await reload(controlUrl)
      assert.equal(failed.status, 422)
      assert.match(failed.error!, /the command ended with 1/)
      assert.equal(await sent(), 'Bearer second-key-of-a-vault')
    })
  })
})
