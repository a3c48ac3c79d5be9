import { contractSample } from '../support/contract-sample.ts'
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join, parse as parseName } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { parse } from 'yaml'

const WEIR = join(import.meta.dirname, '..', '..', 'bin', 'weir')
const SYSTEM_PATH = ['/usr/bin', '/bin'].join(delimiter)
const KEY = 'wr_test_0123456789abcdef0123456789abcdef'
const SECRETS = [KEY, 'token-of-the-control-plane', 'secret-of-the-upstream']

const config = (over = ''): string => `listen: 127.0.0.1:0
control: { listen: 127.0.0.1:0, token: token-of-the-control-plane }
upstreams:
  main: { dialect: openai, embedded: demo }
  far: { dialect: openai, base_url: "https://models.example/v1", api_key: secret-of-the-upstream }
models: { "*": { upstream: main } }
identity:
  keys: [{ id: k1, secret: "${KEY}" }]
${over}`

let folder: string
const children: ChildProcess[] = []
const servers: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-cli-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) server.close()
  await Promise.all(
    children.splice(0).map((child) => {
      if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
      const exited = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      return exited
    }),
  )
  rmSync(folder, { recursive: true })
})

interface Running {
  readonly child: ChildProcess
  readonly out: string
  readonly errors: string
  /** The first match in what it prints. */
  prints(pattern: RegExp, count?: number): Promise<RegExpMatchArray[]>
  readonly exited: Promise<number | null>
}

function weir(args: readonly string[], path = SYSTEM_PATH, command = WEIR, env: object = {}): Running {
  const child = spawn(command, args, { cwd: folder, env: { PATH: path, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  let out = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const exited = new Promise<number | null>((resolve) => void child.once('close', resolve))
  return {
    child,
    exited,
    get out() {
      return out
    },
    get errors() {
      return errors
    },
    async prints(pattern, count = 1) {
      for (let i = 0; i < 1000; i++) {
        const found = [...out.matchAll(new RegExp(pattern, 'gm'))]
        if (found.length >= count) return found
        if (child.exitCode !== null) break
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(`it did not print ${pattern}:\n${out}\n${errors}`)
    },
  }
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

async function occupied(port = 0): Promise<number | null> {
  const server = createServer()
  servers.push(server)
  return new Promise((resolve) => {
    server.once('error', () => resolve(null))
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

const LISTENING = /^listening on (http:\S+)/
const chat = (url: string, key: string, model = 'weir-demo-small'): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello there' }] }),
  })

test('--help names every command and is no error', async () => {
  const run = weir(['--help'])
  assert.equal(await run.exited, 0, run.errors)
  assert.match(run.out, /serve .*gateway/)
  assert.match(run.out, /config/)
  const group = weir(['config', '--help'])
  assert.equal(await group.exited, 0)
  for (const command of ['check', 'show', 'schema']) assert.match(group.out, new RegExp(`^ +${command} `, 'm'))
})

test('what it does not know, it says, and exits with 2', async () => {
  for (const args of [['fly'], ['config', 'fly'], ['serve', '--fly'], ['config', 'check', 'a', 'b']]) {
    const run = weir(args)
    assert.equal(await run.exited, 2, args.join(' '))
    assert.match(run.errors, /error: |Usage: /)
    assert.equal(run.out, '')
  }
})

test('config check: a good file is counted up, from the folder by default', async () => {
  write('weir.yaml', config())
  for (const args of [
    ['config', 'check'],
    ['config', 'check', 'weir.yaml'],
  ]) {
    const run = weir(args)
    assert.equal(await run.exited, 0, run.errors)
    assert.match(run.out, /is good: 2 upstreams, 1 model routes, 1 keys, 0 quotas/)
  }
})

test('config check: a bad file is told with file, line and column, every fault at once, and no secret', async () => {
  const run = weir(['config', 'check', write('bad.yaml', `${config()}quotas: 7\nlimits: []\n`)])
  assert.equal(await run.exited, 2)
  assert.match(run.errors, /^bad\.yaml:9:9\b/m)
  assert.match(run.errors, /^bad\.yaml:10:1\b/m)
  for (const secret of SECRETS) assert.equal(run.errors.includes(secret), false)
  const missing = weir(['config', 'check', 'none.yaml'])
  assert.equal(await missing.exited, 2)
  assert.match(missing.errors, /none\.yaml:1:1.*no such file/)
})

test('config show prints what is in force, defaults and all, and no secret', async () => {
  const run = weir(['config', 'show', write('weir.yaml', config())])
  assert.equal(await run.exited, 0, run.errors)
  assert.match(run.out, /max_body: /)
  assert.match(run.out, /base_url: https:\/\/models\.example\/v1/)
  for (const secret of SECRETS) assert.equal(run.out.includes(secret), false)
})

test('config schema is a JSON schema', async () => {
  const run = weir(['config', 'schema'])
  assert.equal(await run.exited, 0, run.errors)
  const schema = JSON.parse(run.out) as { title: string; properties: object }
  assert.equal(schema.title, 'weir.yaml')
  assert.ok('upstreams' in schema.properties)
})

test("A1: the contract's sample loads, and shows the limits of its pack beside its own", async () => {
  const env = { WEIR_CONTROL_TOKEN: 'token-of-the-control-plane', UPSTREAM_KEY: 'secret-of-the-upstream' }
  write('weir.yaml', contractSample)
  const check = weir(['config', 'check'], SYSTEM_PATH, WEIR, env)
  const show = weir(['config', 'show'], SYSTEM_PATH, WEIR, env)
  assert.equal(await check.exited, 0, check.errors)
  assert.match(check.out, /is good: 1 upstreams, 2 model routes, 1 keys, \d+ quotas/)
  assert.equal(await show.exited, 0, show.errors)
  const shown = parse(show.out) as { quotas: { name: string }[]; models: object; trust_profiles: object }
  const names = shown.quotas.map(({ name }) => name)
  for (const name of [
    'key-tpm',
    'key-day',
    'cost',
    'campaign',
    'inflight',
    'code',
    'global-cost-day',
    'tenant-answers',
  ]) {
    assert.equal(names.filter((other) => other === name).length, 1, name)
  }
  assert.deepEqual(Object.keys(shown.models), ['gpt-4o*', '*'])
  assert.ok('restricted' in shown.trust_profiles)
  for (const secret of [...SECRETS, 'wr_acme1_0123456789abcdef0123456789abcdef']) {
    assert.equal(`${show.out}${check.out}`.includes(secret), false)
  }
  const bare = weir(['config', 'check'])
  assert.equal(await bare.exited, 2)
  assert.match(bare.errors, /WEIR_CONTROL_TOKEN[\s\S]*UPSTREAM_KEY/, 'what is not set is named, all of it')
})

const packs = readdirSync(join(import.meta.dirname, '..', '..', 'src', 'config', 'packs')).map(
  (file) => parseName(file).name,
)

test('A1: every pack loads with nothing but an upstream, alone and with the others, and shows what means the same', async () => {
  assert.ok(packs.length >= 4)
  const bare = 'upstreams: { main: { dialect: openai, embedded: demo } }\nmodels: { "*": { upstream: main } }\n'
  const shown = await Promise.all(
    packs.map(async (pack) => {
      const run = weir(['config', 'show', write(`${pack}.yaml`, `extends: [${pack}]\n${bare}`)])
      assert.equal(await run.exited, 0, run.errors)
      assert.match(run.out, /^trust_profiles:/m)
      assert.ok((parse(run.out) as { quotas: object[] }).quotas.length > 10, pack)
      return run.out
    }),
  )
  const hash = /^# effective configuration (\w+)/.exec(shown[0]!)![1]!
  const again = weir(['config', 'check', write('again.yaml', shown[0]!)])
  const all = weir(['config', 'check', write('all.yaml', `extends: [${packs.join(', ')}]\n${bare}`)])
  const unknown = weir(['config', 'check', write('none.yaml', `extends: [public-llm]\n${bare}`)])
  assert.equal(await again.exited, 0, again.errors)
  assert.match(again.out, new RegExp(`^configuration ${hash} `))
  assert.equal(await all.exited, 0, all.errors)
  assert.equal(await unknown.exited, 2)
  assert.match(unknown.errors, /^none\.yaml:1:11: extends\[0\][\s\S]*public-llm-api/m)
})

test('what a pack says is changed by the file that extends it, and by nothing less', async () => {
  const more = `quotas: [{ name: key-rpm, per: [key], requests: 7, window: 1m }]
trust_profiles: { restricted: { priority: 3 } }
screening: { flood: off }
`
  const run = weir(['config', 'show', write('weir.yaml', `extends: [public-llm-api]\n${config(more)}`)])
  assert.equal(await run.exited, 0, run.errors)
  const shown = parse(run.out) as {
    quotas: { name: string; requests?: number }[]
    trust_profiles: Record<string, { priority: number; when_reputation_at_most?: number }>
    screening: Record<string, string>
  }
  assert.equal(shown.quotas.find(({ name }) => name === 'key-rpm')?.requests, 7)
  assert.ok(shown.quotas.some(({ name }) => name === 'key-tpm'))
  const { priority, when_reputation_at_most: bound } = shown.trust_profiles['restricted']!
  assert.deepEqual([priority, bound], [3, 20])
  assert.deepEqual([shown.screening['flood'], shown.screening['glitch_tokens']], ['off', 'flag'])
})

test('the schema knows every key that the packs and the contract use', async () => {
  const run = weir(['config', 'schema'])
  assert.equal(await run.exited, 0, run.errors)
  const { properties } = JSON.parse(run.out) as { properties: Record<string, object> }
  const texts = packs
    .map((pack) => `extends: [${pack}]`)
    .concat(contractSample, 'tls: {}\ntenants: {}\nexemptions: []\nterms: {}')
  for (const text of texts) for (const key of Object.keys(parse(text) as object)) assert.ok(key in properties, key)
  for (const key of ['pricing', 'network', 'screening', 'overload', 'on_error', 'secrets', 'request', 'insecure']) {
    assert.ok(key in properties, key)
  }
})

const litellm = JSON.stringify({
  sample_spec: { mode: 'one of: chat' },
  'gpt-4o': { input_cost_per_token: 2.5e-6, output_cost_per_token: 1e-5, cache_read_input_token_cost: 1.25e-6 },
  'weir-demo-small': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
})

test('import-prices makes a book that pricing.book takes, and that requests are charged by', async () => {
  write('litellm.json', litellm)
  const imported = weir(['config', 'import-prices', 'litellm.json', '--out', 'prices.json', '--book-version', 'test-1'])
  assert.equal(await imported.exited, 0, imported.errors)
  assert.equal(imported.out, '')
  assert.match(imported.errors, /models taken: 2/)
  const text = config(`pricing: { book: prices.json, on_unpriced: block }
quotas: [{ name: money, per: [key], cost_usd: 1, window: 1h, kind: sliding }]
`)
  const check = weir(['config', 'check', write('weir.yaml', text)])
  assert.equal(await check.exited, 0, check.errors)
  const run = weir(['serve'])
  const [data, control] = await run.prints(LISTENING, 2)
  const answer = await chat(data![1]!, KEY)
  assert.equal(answer.status, 200)
  const { usage } = (await answer.json()) as { usage: { prompt_tokens: number; completion_tokens: number } }
  const rows = await fetch(`${control![1]}/api/v1/quotas?key=k1`, {
    headers: { authorization: 'Bearer token-of-the-control-plane' },
  })
  const [money] = (await rows.json()) as { used: number }[]
  assert.equal(Math.round(money!.used * 1e9), usage.prompt_tokens * 1000 + usage.completion_tokens * 2000)
  const unpriced = await chat(data![1]!, KEY, 'weir-demo-large')
  assert.equal(unpriced.status, 403)
  assert.match(await unpriced.text(), /model_not_priced/)
  run.child.kill('SIGTERM')
  assert.equal(await run.exited, 0, run.errors)
})

test('import-prices prints a book where it is not told where to, and says what is wrong with its file', async () => {
  const printed = weir(['config', 'import-prices', write('litellm.json', litellm)])
  assert.equal(await printed.exited, 0, printed.errors)
  assert.equal((JSON.parse(printed.out) as { format: string }).format, 'weir-prices-1')
  for (const file of [write('broken.json', '{'), 'none.json']) {
    const run = weir(['config', 'import-prices', file, '--out', 'book.json'])
    assert.equal(await run.exited, 2)
    assert.match(run.errors, new RegExp(`^${file}: `))
    assert.equal(existsSync(join(folder, 'book.json')), false)
  }
  assert.equal(await weir(['config', 'import-prices']).exited, 2)
})

test('config check and serve refuse the same files: a price book and a network database that cannot be used', async () => {
  write('prices.json', '{"format":"other"}')
  write('broken.mmdb', 'no database')
  for (const [more, told] of [
    ['pricing: { book: prices.json }\n', /prices\.json: format: must be "weir-prices-1"/],
    ['network: { databases: [broken.mmdb] }\n', /broken\.mmdb.*not a MaxMind DB file/],
  ] as const) {
    write('weir.yaml', config(more))
    for (const args of [['config', 'check'], ...(more.startsWith('pricing') ? [['serve']] : [])]) {
      const run = weir(args)
      assert.equal(await run.exited, 2, args.join(' '))
      assert.match(run.errors, told)
      assert.equal(run.out, '')
    }
  }
})

test('a Node that is too old is passed over, also where weir is called through a link', async () => {
  const old = write('node', '#!/bin/sh\ncase "$1" in -p) echo false;; *) echo "too old" >&2; exit 99;; esac\n')
  chmodSync(join(folder, old), 0o755)
  const link = join(folder, 'linked')
  symlinkSync(WEIR, link)
  for (const command of [WEIR, link]) {
    const run = weir(['config', 'schema'], `${folder}${delimiter}${SYSTEM_PATH}`, command)
    assert.equal(await run.exited, 0, run.errors)
    assert.match(run.out, /weir\.yaml/)
  }
})

test('serve ends with 2 where one of its ports is taken, and leaves nothing listening', async () => {
  const port = await occupied()
  const data = weir(['serve', '--config', write('a.yaml', config().replace('127.0.0.1:0', `127.0.0.1:${port}`))])
  const text = config().replace('control: { listen: 127.0.0.1:0', `control: { listen: 127.0.0.1:${port}`)
  const control = weir(['serve', '--config', write('b.yaml', text)])
  for (const run of [data, control]) {
    assert.equal(await run.exited, 2, run.errors)
    assert.match(run.errors, new RegExp(`cannot listen: .*${port}`))
    assert.doesNotMatch(run.out, LISTENING)
  }
})

test('serve with a bad or missing file says what is wrong and ends with 2', async () => {
  for (const file of [write('bad.yaml', 'upstreams: 1\n'), 'none.yaml']) {
    const run = weir(['serve', '--config', file])
    assert.equal(await run.exited, 2)
    assert.match(run.errors, new RegExp(`^${file}:1:`, 'm'))
  }
})

test('serve in an empty folder is a demo: a key, two addresses, an answer, and a clean end on SIGTERM', async (t) => {
  for (const port of [8080, 8081]) {
    if ((await occupied(port)) === null) return t.skip(`port ${port} is taken on this machine`)
  }
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  const run = weir(['serve'])
  const [data, control] = await run.prints(LISTENING, 2)
  assert.equal(data![1], 'http://127.0.0.1:8080')
  assert.match(run.out, /\(control plane\)$/m)
  const [[, key]] = (await run.prints(/^demo key \(shown once\): (\S+)$/)) as [RegExpMatchArray]
  assert.match(run.out, /^control token \(shown once\): \S{20,}$/m)
  const answer = await chat(data![1], key!)
  assert.equal(answer.status, 200)
  assert.match(await answer.text(), /"chat.completion"/)
  assert.equal((await chat(data![1], `${key}x`)).status, 401)
  assert.equal((await fetch(`${control![1]}/readyz`)).status, 200)
  assert.equal((await fetch(`${control![1]}/metrics`)).status, 401)
  run.child.kill('SIGTERM')
  assert.equal(await run.exited, 0, run.errors)
})

test('SIGTERM lets an answer in progress end, and turns new requests away', async () => {
  const run = weir(['serve', '--config', write('weir.yaml', config())])
  const [data] = await run.prints(LISTENING)
  const { hostname, port } = new URL(data![1]!)
  const content = 'Hello [[demo: tokens=20 pace_tps=20]]'
  const body = JSON.stringify({ model: 'weir-demo-small', stream: true, messages: [{ role: 'user', content }] })
  const socket = connect(Number(port), hostname)
  let received = ''
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const begun = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text
      if (received.includes('data: ')) resolve()
    })
  })
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\nconnection: close\r\n`
  socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  await begun
  run.child.kill('SIGTERM')
  await run.prints(/^draining$/)
  await assert.rejects(chat(data![1]!, KEY), 'no new connection is taken')
  await closed
  assert.match(received, /data: \[DONE\]/)
  assert.equal(await run.exited, 0, run.errors)
})

test('SIGHUP: a broken file leaves the last good one in force and is told; a mended one comes into force', async () => {
  const run = weir(['serve', '--config', write('weir.yaml', config())])
  const [data, control] = await run.prints(LISTENING, 2)
  const ready = async (): Promise<{ config: string; config_on_disk: string }> =>
    (await (await fetch(`${control![1]}/readyz`)).json()) as never
  const until = async (holds: (now: Awaited<ReturnType<typeof ready>>) => boolean): Promise<void> => {
    for (let i = 0; i < 500 && !holds(await ready()); i++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.ok(holds(await ready()), JSON.stringify(await ready()))
  }
  const first = await ready()
  assert.equal(first.config_on_disk, 'in force')

  write('weir.yaml', `${config()}quotas: 7\n`)
  run.child.kill('SIGHUP')
  await until(({ config_on_disk: now }) => now.startsWith('refused'))
  assert.equal((await ready()).config, first.config)
  assert.equal((await chat(data![1]!, KEY)).status, 200)

  write('weir.yaml', config('quotas: [{ name: none, per: [key], requests: 1, window: 1h }]\n'))
  run.child.kill('SIGHUP')
  await until(({ config, config_on_disk: now }) => now === 'in force' && config !== first.config)
  assert.equal((await chat(data![1]!, KEY)).status, 200)
  assert.equal((await chat(data![1]!, KEY)).status, 429)
  run.child.kill('SIGTERM')
  assert.equal(await run.exited, 0, run.errors)
  assert.match(run.errors, /weir\.yaml:9:9.*config_refused/)
})
