import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { configOf, hintsOf, minimal, outsideOf, problemsOf } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
const key = (value: string): string => minimal.replace('main: {', `main: { api_key: ${value},`)
const apiKey = (value: string, ...rest: [env?: Record<string, string>, outside?: ReturnType<typeof outsideOf>]) =>
  configOf(key(value), ...rest).upstreams.get('main')?.apiKey

test('a secret can stand in a file or be asked of a command', () => {
  const outside = outsideOf(
    { 'run/key': `${secret}\n`, '/etc/key': `${secret}\r\n` },
    { '/bin/pass weir main': secret },
  )
  assert.equal(apiKey('"file:run/key"', {}, outside), secret)
  assert.equal(apiKey('"file:/etc/key"', {}, outside), secret)
  assert.equal(apiKey('"exec:/bin/pass weir  main"', {}, outside), secret)
  assert.equal(apiKey('"file:${DIR}/key"', { DIR: 'run' }, outside), secret)
})

test('every secret can, and only secrets', () => {
  const text = `${minimal}control: { token: "file:token" }
data_dir: "file:token"
identity: { keys: [{ id: a, secret: "exec:/bin/key" }] }
`
  const config = configOf(text, {}, outsideOf({ token: '7d1f0c62a9b34e85' }, { '/bin/key': secret }))
  assert.equal(config.control.token, '7d1f0c62a9b34e85')
  assert.equal(config.dataDir, 'file:token')
  assert.ok(!JSON.stringify(config).includes(secret))
})

test('only what comes from outside is asked for again', () => {
  const outside = outsideOf({ key: secret })
  assert.equal(configOf(key('"file:key"'), {}, outside).secretsRefreshMs, 300_000)
  assert.equal(configOf(`${key('"file:key"')}secrets: { refresh: 1m }\n`, {}, outside).secretsRefreshMs, 60_000)
  assert.equal(configOf(key('"${KEY}"'), { KEY: secret }).secretsRefreshMs, null)
  assert.deepEqual(configOf(key('"file:key"'), {}, outside).sources, [resolve('key')])
})

test('a secret that cannot be had is named where it is written', () => {
  assert.deepEqual(problemsOf(key('"file:key"')), ['2:20 upstreams.main.api_key: there is no such file'])
  assert.deepEqual(problemsOf(key('"exec:/bin/x"')), ['2:20 upstreams.main.api_key: the command ended with 1'])
  assert.deepEqual(problemsOf(key('"exec:x"')), ['2:20 upstreams.main.api_key: not the absolute path of a command'])
  assert.deepEqual(problemsOf(key('"exec:"')), ['2:20 upstreams.main.api_key: not the absolute path of a command'])
  assert.deepEqual(problemsOf(key('"file:"')), ['2:20 upstreams.main.api_key: not a path'])
  assert.deepEqual(problemsOf(key('"file:a\\0b"')), ['2:20 upstreams.main.api_key: not a path'])
  assert.deepEqual(problemsOf(key('"file:key"'), {}, outsideOf({ key: '' })), ['2:20 upstreams.main.api_key: is empty'])
  assert.deepEqual(problemsOf(key('"file:key"'), {}, outsideOf({ key: 'a'.repeat(65_537) })), [
    '2:20 upstreams.main.api_key: too large',
  ])
})

test('what a file or a command says is never repeated', () => {
  const wrong = `${secret} and more`
  for (const value of ['"file:key"', '"exec:/bin/key"']) {
    const outside = outsideOf({ key: wrong }, { '/bin/key': wrong })
    const all = [...problemsOf(key(value), {}, outside), ...hintsOf(key(value), {}, outside)].join('\n')
    assert.match(all, /holds a space/)
    assert.ok(!all.includes(secret))
  }
})

test('who sets a variable cannot thereby run a command or read a file', () => {
  let asked = 0
  const outside = { ...outsideOf({ key: secret }), run: () => ({ ok: true as const, value: `${++asked}` }) }
  for (const value of ['exec:/bin/x', 'file:key']) {
    assert.deepEqual(problemsOf(key('"${KEY}"'), { KEY: value }, outside), [
      '2:20 upstreams.main.api_key: the variable holds "file:" or "exec:", which is followed only where it is written ' +
        'in the file',
    ])
  }
  assert.equal(asked, 0)
})
