import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { systemClock } from '../../src/core/clock.ts'
import { serveDemoModel } from '../../src/lab/demo-server.ts'
import { ask, clientOf, CONTROL_TOKEN, inFolder } from '../support/gateway.ts'
import { SECRET } from '../support/harness.ts'

/** A real process, killed with streams open: whatever it held is charged, and every request has its event. */
interface Weir {
  readonly process: ChildProcess
  readonly dataUrl: string
  readonly controlUrl: string
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>
}

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
})

function start(config: string): Promise<Weir> {
  const root = join(import.meta.dirname, '..', '..')
  const child = spawn(join(root, 'bin', 'weir'), ['serve', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return new Promise((resolve, reject) => {
    let out = ''
    let complaints = ''
    child.stderr.on('data', (data: Buffer) => (complaints += data.toString()))
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      const urls = [...out.matchAll(/listening on (\S+)/g)].map(([, url]) => url!)
      if (urls.length < 2) return
      resolve({
        process: child,
        dataUrl: urls[0]!,
        controlUrl: urls[1]!,
        kill(signal) {
          child.kill(signal)
          return exited
        },
      })
    })
    void exited.then((code) => reject(new Error(`exited with ${code}: ${complaints}`)))
  })
}

async function control(weir: Weir, path: string): Promise<string> {
  const answer = await fetch(weir.controlUrl + path, { headers: { authorization: `Bearer ${CONTROL_TOKEN}` } })
  assert.equal(answer.status, 200, path)
  return answer.text()
}

interface Row {
  readonly name: string
  readonly used: number
  readonly held: number
}

async function rowsOf(weir: Weir): Promise<Map<string, Row>> {
  const rows = JSON.parse(await control(weir, '/api/v1/quotas?key=k1')) as Row[]
  return new Map(rows.map((row) => [row.name, row]))
}

test('a process killed in mid-stream forgives nothing: holds are charged, and its requests end as interrupted', async (t) => {
  await inFolder(async (folder) => {
    const upstream = await serveDemoModel({ host: '127.0.0.1', port: 0, clock: systemClock, seed: 'crash' })
    t.after(() => upstream.close())
    const config = join(folder, 'weir.yaml')
    writeFileSync(
      config,
      `
listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: ${CONTROL_TOKEN} }
data_dir: ${join(folder, 'data')}
upstreams: { main: { dialect: openai, base_url: "${upstream.url}/v1" } }
models: { "*": { upstream: main } }
identity: { keys: [{ id: k1, secret: "${SECRET}" }] }
quotas:
  - { name: day, per: [key], tokens: 1000000, window: 1d, kind: calendar }
  - { name: requests, per: [key], requests: 1000, window: 1d, kind: sliding }
  - { name: inflight, per: [key], concurrent: 10 }
`,
    )
    const first = await start(config)
    const client = clientOf(first.dataUrl)
    for (let i = 0; i < 5; i++) await client.chat.completions.create({ model: 'demo-x', messages: ask('tokens=100') })
    const before = await rowsOf(first)
    assert.ok(before.get('day')!.used >= 500)
    const streams = Array.from({ length: 4 }, async () => {
      const stream = await client.chat.completions.create({
        model: 'demo-x',
        messages: ask('tokens=5000 pace_tps=200'),
        stream: true,
      })
      let chunks = 0
      try {
        for await (const _ of stream) chunks++
      } catch {
        // The gateway is gone.
      }
      return chunks
    })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await first.kill('SIGKILL')
    const chunks = (await Promise.all(streams)).reduce((sum, count) => sum + count, 0)
    assert.ok(chunks > 400, `${chunks} chunks reached the clients`)

    const second = await start(config)
    const after = await rowsOf(second)
    const grown = after.get('day')!.used - before.get('day')!.used
    assert.ok(grown >= chunks, `${grown} charged for at least ${chunks} tokens delivered`)
    assert.ok(grown <= chunks + 4 * 2000 + 1_000_000 / 16, `and not the whole limit: ${grown}`)
    assert.ok(after.get('requests')!.used >= 9)
    assert.equal(after.get('inflight')!.used + after.get('inflight')!.held, 0, 'nobody is in flight in a dead process')
    const metrics = await control(second, '/metrics')
    assert.match(metrics, /weir_requests_total\{endpoint="chat_completions",outcome="interrupted",status="none"\} 4/)
    assert.equal(await second.kill('SIGTERM'), 0)

    const third = await start(config)
    assert.doesNotMatch(await control(third, '/metrics'), /interrupted/, 'told once')
    const kept = await rowsOf(third)
    assert.equal(kept.get('day')!.used, after.get('day')!.used, 'a clean end charges nothing more')
    assert.equal(await third.kill('SIGTERM'), 0)
  })
})

test('a second process on the same data_dir is refused with a clear message', async () => {
  await inFolder(async (folder) => {
    const config = join(folder, 'weir.yaml')
    writeFileSync(
      config,
      `
listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: ${CONTROL_TOKEN} }
data_dir: ${join(folder, 'data')}
upstreams: { main: { dialect: openai, embedded: demo } }
models: { "*": { upstream: main } }
`,
    )
    const first = await start(config)
    await assert.rejects(start(config), /exited with 2: .*weir\.db cannot be used: another process has it open/s)
    assert.equal(await first.kill('SIGTERM'), 0)
  })
})
