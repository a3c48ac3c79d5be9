import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { formatProblems } from '../../src/config/problem.ts'
import { until } from '../support/waiting.ts'
import { WEIR, TOKEN, KEY, OTHER, inFolder, serving, post, statusOf, reload, ready, limit } from './reload-folder.ts'

/** A configuration that is changed under a Weir that runs. */

test('A4: a process takes up a changed file by itself, on SIGHUP and when asked; what was counted still counts', async () => {
  await inFolder(async (folder) => {
    folder.config(limit(2))
    const child = spawn(WEIR, ['serve'], {
      cwd: folder.path,
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out += text))
    const exited = new Promise((resolve) => void child.once('close', resolve))
    try {
      const urls = (): string[] => [...out.matchAll(/^listening on (http:\S+)/gm)].map(([, url]) => url!)
      await until(() => urls().length === 2 || child.exitCode !== null, 'it does not start')
      const [data, control] = urls() as [string, string]
      const first = (await ready(control)).config
      const changed = async (from: string): Promise<string> => {
        await until(async () => (await ready(control)).config !== from, out)
        return (await ready(control)).config
      }
      const statuses = async (): Promise<number[]> => [await statusOf(post(data)), await statusOf(post(data))]

      assert.deepEqual(await statuses(), [200, 200])
      assert.equal(await statusOf(post(data)), 429)
      folder.config(limit(3))
      const second = await changed(first)
      assert.deepEqual(await statuses(), [200, 429], 'seen by itself')
      folder.config(limit(4))
      child.kill('SIGHUP')
      const third = await changed(second)
      assert.deepEqual(await statuses(), [200, 429], 'on SIGHUP')
      folder.config(limit(5))
      const answered = await reload(control)
      assert.equal(answered.status, 200)
      assert.notEqual(answered.config, third)
      assert.deepEqual(await statuses(), [200, 429], 'when asked')

      folder.config(`${limit(100)}\nlimits: []`)
      child.kill('SIGHUP')
      await until(async () => (await ready(control)).config_on_disk.startsWith('refused'), 'a bad file goes unseen')
      assert.equal((await ready(control)).config, answered.config)
      assert.equal(await statusOf(post(data)), 429, 'no part of a bad file comes into force')
      folder.config(limit(2))
      assert.equal((await reload(control)).config, first, 'a roll-back is a change like any other')
      assert.equal(await statusOf(post(data)), 429)
      child.kill('SIGTERM')
      assert.equal(await exited, 0, out)
      assert.match(out, /weir\.yaml:9:1/)
      for (const secret of [KEY, TOKEN]) assert.equal(out.includes(secret), false)
    } finally {
      child.kill('SIGKILL')
      await exited
    }
  })
})

test('A2: a bad file is refused whole with its places, readiness says so, and the last good one stays', async () => {
  await inFolder(async (folder) => {
    folder.config(limit(1000))
    await serving(folder, async ({ dataUrl, controlUrl, said }) => {
      const { config } = await ready(controlUrl)
      const noKeys = `  keys: [{ id: k2, secret: "${OTHER}" }]`
      for (const [more, told] of [
        ['quotas: [', /weir\.yaml:\d+:\d+/],
        ['quotas: []\nqoutas: []', /weir\.yaml:9:1.*qoutas/],
        [
          'quotas: [{ name: a, per: [key], requests: 1, window: 1h }, { name: b, per: [key], window: 1h }]',
          /weir\.yaml:8:/,
        ],
        ['terms: { version: "1", url: ftp://example.com }', /weir\.yaml:8:/],
        ['network: { databases: [none.mmdb] }', /weir\.yaml:8:.*no such file/],
        ['pricing: { book: none.json }', /weir\.yaml:8:.*no such file/],
        ['tenants: { acme: { trust: nobody } }', /weir\.yaml:8:.*nobody/],
        ['listen2: 1', /weir\.yaml:8:1/],
      ] as const) {
        folder.config(more, { identity: noKeys })
        const answered = await reload(controlUrl)
        assert.equal(answered.status, 422, more)
        assert.match(answered.error!, told)
        assert.equal(answered.error!.includes(OTHER), false)
        assert.deepEqual(await ready(controlUrl), {
          status: 'ok',
          config,
          limits: 'live',
          audit: 'off',
          config_on_disk: 'refused; the last good one is in force',
        })
        assert.deepEqual([await statusOf(post(dataUrl)), await statusOf(post(dataUrl, OTHER))], [200, 401], more)
      }
      assert.ok(said.some(({ what }) => what === 'config_refused'))
      folder.config('', { identity: noKeys })
      assert.equal((await reload(controlUrl)).status, 200)
      assert.equal((await ready(controlUrl)).config_on_disk, 'in force')
      assert.deepEqual([await statusOf(post(dataUrl)), await statusOf(post(dataUrl, OTHER))], [401, 200])
    })
  })
})

test('a reload needs the control token, and the data plane offers none', async () => {
  await inFolder(async (folder) => {
    folder.config()
    await serving(folder, async ({ dataUrl, controlUrl }) => {
      assert.equal((await reload(controlUrl, 'wrong')).status, 401)
      assert.equal((await reload(controlUrl, KEY)).status, 401)
      for (const path of ['/api/v1/config/reload', '/readyz', '/metrics', '/api/v1/reputation']) {
        const headers = { authorization: `Bearer ${TOKEN}` }
        assert.equal(await statusOf(fetch(`${dataUrl}${path}`, { method: 'POST', headers })), 404, path)
      }
    })
  })
})

test('plain HTTP off loopback is refused unless the file says that it is meant', async () => {
  await inFolder(async (folder) => {
    const load = (): ReturnType<typeof loadConfig> => loadConfig(join(folder.path, 'weir.yaml'), {})
    const told = (): string => {
      const loaded = load()
      return loaded.ok ? 'good' : formatProblems(loaded.error)
    }
    for (const listen of ['0.0.0.0:0', '"[::]:0"', '192.0.2.1:8080']) {
      folder.config('', { listen })
      assert.match(told(), /weir\.yaml:1:9.*plain HTTP beyond this machine/)
      assert.match(told(), /insecure: true/)
      folder.config('insecure: true', { listen })
      assert.equal(told(), 'good')
    }
    folder.config()
    await serving(folder, async ({ dataUrl, controlUrl }) => {
      folder.config('', { listen: '0.0.0.0:0' })
      assert.match((await reload(controlUrl)).error!, /plain HTTP beyond this machine/)
      assert.equal(await statusOf(post(dataUrl)), 200)
    })
    folder.config('insecure: true', { listen: '0.0.0.0:0' })
    await serving(folder, async ({ dataUrl }) => {
      assert.equal(await statusOf(post(dataUrl.replace('0.0.0.0', '127.0.0.1'))), 200)
    })
  })
})
