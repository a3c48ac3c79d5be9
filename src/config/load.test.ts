import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { loadConfig, parseConfig } from './load.ts'
import { formatProblems } from './problem.ts'
import { contractSample } from '../../test/support/contract-sample.ts'
import { configOf, minimal } from './testing.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-config-'))
after(() => rmSync(folder, { recursive: true }))

function problemOf(content: string | Uint8Array | null): string {
  const path = join(folder, 'weir.yaml')
  rmSync(path, { force: true })
  if (content !== null) writeFileSync(path, content)
  const result = loadConfig(path, {})
  assert.ok(!result.ok)
  assert.equal(result.error.length, 1)
  const { file, line, column, path: place, message } = result.error[0]!
  assert.equal(file, path)
  return `${line}:${column} ${place}${message}`
}

test('a file is read with the environment that is handed in', () => {
  const path = join(folder, 'good.yaml')
  writeFileSync(path, `\uFEFF${minimal}data_dir: "\${DIR}"\n`)
  const result = loadConfig(path, { DIR: '/data' })
  assert.ok(result.ok)
  assert.equal(result.value.dataDir, '/data')
})

test('a file that cannot be read is a problem on its first line', () => {
  assert.equal(problemOf(null), '1:1 there is no such file')
  assert.equal(problemOf(Buffer.from([0x61, 0xff, 0xfe])), '1:1 not UTF-8')
  assert.equal(problemOf(Buffer.alloc(1_048_577, '#')), '1:1 larger than 1MiB')
  const directory = loadConfig(folder, {})
  assert.ok(!directory.ok)
  assert.equal(formatProblems(directory.error), `${folder}:1:1: is a directory\n    hint: name the file inside it`)
  mkdirSync(join(folder, 'sub'))
  const inFile = loadConfig(join(folder, 'good.yaml', 'weir.yaml'), {})
  assert.ok(!inFile.ok)
  assert.match(inFile.error[0]!.message, /^cannot be read \(ENOTDIR\)$/)
})

test('text has the same cap as a file, counted in bytes', () => {
  const result = parseConfig(`#${'ä'.repeat(524_288)}`, 'weir.yaml', {})
  assert.ok(!result.ok)
  assert.equal(result.error[0]?.message, 'larger than 1MiB')
})

test('a configuration is frozen all the way down', () => {
  const config = configOf(`${minimal}quotas: [{ name: a, requests: 1, window: 1m, match: { model: x } }]\n`)
  const upstreams = config.upstreams as Map<string, unknown>
  assert.throws(() => upstreams.set('x', {}), TypeError)
  assert.throws(() => upstreams.delete('main'), TypeError)
  assert.throws(() => upstreams.clear(), TypeError)
  for (const part of [
    config,
    config.listen,
    config.upstreams.get('main'),
    config.quotas,
    config.quotas[0]!.match[0]!.globs,
  ]) {
    assert.ok(Object.isFrozen(part))
  }
  assert.equal(config.upstreams.size, 1)
})

test('the hash names what is in effect and not how it is written', () => {
  const { hash } = configOf(minimal)
  assert.equal(configOf(`# a comment\nlisten: 127.0.0.1:8080\n${minimal}quotas: []\n`).hash, hash)
  assert.equal(configOf(minimal.replace('main: {', 'main: { idle_timeout: 1m,')).hash, hash)
  assert.notEqual(configOf(minimal.replace('main: {', 'main: { idle_timeout: 61s,')).hash, hash)
  assert.notEqual(configOf(`${minimal}listen: 127.0.0.1:8082\n`).hash, hash)
})

test('an entry that is called like a secret or a place of one counts like any other', () => {
  const named = (name: string, more: string): string =>
    configOf(`${minimal}tenants: { ${name}: { trust: t${more} } }\ntrust_profiles: { t: {}, t2: {} }\n`).hash
  for (const name of ['paths', 'jwksFile', 'apiKey', 'sources'])
    assert.notEqual(named(name, ''), named(name, '2'), name)
})

test('the sources of a file are itself and what it names', () => {
  writeFileSync(join(folder, 'secret'), 'sk-1\n')
  const path = join(folder, 'sources.yaml')
  writeFileSync(path, minimal.replace('main: {', 'main: { api_key: "file:secret",'))
  const result = loadConfig(path, {})
  assert.ok(result.ok)
  assert.equal(result.value.upstreams.get('main')?.apiKey, 'sk-1')
  assert.deepEqual(result.value.sources, [path, join(folder, 'secret')])
})

test('the example that other programs are built on loads', () => {
  const config = configOf(contractSample, { WEIR_CONTROL_TOKEN: '7d1f0c62a9b34e85', UPSTREAM_KEY: 'sk-1' })
  const limits = new Map(config.quotas.map(({ name, amount }) => [name, amount]))
  for (const [name, amount] of Object.entries({ 'key-tpm': 60_000, cost: 5e9, campaign: 20_000, code: 100_000 })) {
    assert.equal(limits.get(name), amount)
  }
  assert.ok(limits.has('tenant-cost-day') && config.trustProfiles.has('restricted'))
})

test('a new secret changes the hash', () => {
  const text = `${minimal.replace('main: {', 'main: { api_key: "${KEY}",')}control: { token: "\${TOKEN}" }\n`
  const env = { KEY: 'sk-1', TOKEN: '7d1f0c62a9b34e85' }
  const hashes = [env, { ...env, KEY: 'sk-2' }, { ...env, TOKEN: '8d1f0c62a9b34e85' }].map(
    (env) => configOf(text, env).hash,
  )
  assert.equal(new Set(hashes).size, 3)
})

test('no text makes the loader throw, and every problem has a place and a hint', () => {
  const pieces = fc.constantFrom(
    'upstreams',
    'models',
    'quotas',
    'per',
    ': ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '${A}',
    '&a ',
    '*a',
    '"',
    '*',
    '1m',
    '\t',
    '!',
    '|',
    '? ',
    '__proto__',
    '~',
    '#',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (text) => {
      const result = parseConfig(text, 'weir.yaml', { A: '1' })
      assert.ok(!result.ok && result.error.length > 0)
      for (const { line, column, message, hint } of result.error) {
        assert.ok(line >= 1 && column >= 1 && message !== '' && hint !== '')
      }
    }),
    { numRuns: 500 },
  )
})

test('no slip of the finger makes a problem print a secret', () => {
  const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
  const text = `${minimal}control: { token: ${secret}-t }
identity:
  keys:
    - { id: a, secret: "${secret}" }
    - id: b
      secret: \${KEY}
`
  const env = { KEY: `${secret}-k` }
  assert.ok(parseConfig(text, 'weir.yaml', env).ok)
  const slip = fc.tuple(
    fc.nat(text.length),
    fc.nat(3),
    fc.constantFrom('', '\n', ' ', ':', ': ', '"', '{', '}', '*', '!', '&', '- '),
  )
  fc.assert(
    fc.property(fc.array(slip, { minLength: 1, maxLength: 3 }), (slips) => {
      let typed = text
      for (const [at, gone, added] of slips) typed = typed.slice(0, at) + added + typed.slice(at + gone)
      const result = parseConfig(typed, 'weir.yaml', env)
      assert.ok(result.ok || !formatProblems(result.error).includes(secret.slice(0, 20)))
    }),
    { numRuns: 2000 },
  )
})
