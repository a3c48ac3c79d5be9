import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
const models = (...lines: string[]): string => minimal.replace(/models:\n.*\n/, `models:\n  ${lines.join('\n  ')}\n`)

test('a model goes to an upstream that exists', () => {
  const text = models('a: { upstream: mian }', 'b: { upstream: elsewhere }', 'c: { upstream: "${UP}" }')
  assert.deepEqual(problemsOf(text, { UP: 'hidden' }), [
    '4:18 models.a.upstream: there is no upstream "mian"',
    '5:18 models.b.upstream: there is no upstream "elsewhere"',
    '6:18 models.c.upstream: there is no upstream "${UP}"',
  ])
  assert.deepEqual(hintsOf(text, { UP: 'hidden' }), ['did you mean "main"?', 'named here: main', 'named here: main'])
  assert.deepEqual(problemsOf('upstreams: {}\nmodels: { "*": { upstream: main } }'), [
    '1:12 upstreams: no upstream is named',
  ])
})

test('a model that an earlier pattern covers can never match', () => {
  const to = '{ upstream: main }'
  assert.deepEqual(problemsOf(models(`"*": ${to}`, `gpt-4o: ${to}`, `"gpt-*": ${to}`)), [
    '5:3 models.gpt-4o: can never match: "*" above covers it',
    '6:3 models["gpt-*"]: can never match: "*" above covers it',
  ])
  assert.deepEqual(problemsOf(models(`"gpt-*": ${to}`, `gpt-4o: ${to}`)), [
    '5:3 models.gpt-4o: can never match: "gpt-*" above covers it',
  ])
  assert.deepEqual(problemsOf(models(`"a*b": ${to}`, `"a**b": ${to}`)), [
    '5:3 models["a**b"]: can never match: "a*b" above covers it',
  ])
  assert.deepEqual(problemsOf(models(`gpt-4o: ${to}`, `"gpt-*": ${to}`, `"*-4o": ${to}`, `"*": ${to}`)), [])
})

test('models match in the order of the file, whatever they are called', () => {
  const config = configOf(
    models(
      'b: { upstream: main }',
      '"4": { upstream: main }',
      '"3*": { upstream: main }',
      '3: { upstream: main }',
    ).replace('"3*"', '"33*"'),
  )
  assert.deepEqual(
    config.models.map(({ pattern }) => pattern),
    ['b', '4', '33*', '3'],
  )
})

test('ids, secrets and names of limits are unique', () => {
  const text = `${minimal}identity:
  keys:
    - { id: a, secret: ${secret} }
    - { id: a, secret: "x${secret}" }
    - { id: b, secret: "\${KEY}" }
    - { id: c, secret_sha256: 0000000000000000000000000000000000000000000000000000000000abcdef }
    - { id: d, secret_sha256: 0000000000000000000000000000000000000000000000000000000000ABCDEF }
quotas:
  - { name: x, requests: 1, window: 1m }
  - { name: x, requests: 1, window: 1h }
`
  const problems = problemsOf(text, { KEY: secret })
  assert.deepEqual(problems, [
    '8:13 identity.keys[1].id: the same id as identity.keys[0]',
    '9:24 identity.keys[2].secret: the same secret as identity.keys[0]',
    '11:31 identity.keys[4].secret_sha256: the same secret as identity.keys[3]',
    '14:13 quotas[1].name: the same name as quotas[0]',
  ])
})

test('the two listeners need addresses of their own', () => {
  assert.deepEqual(problemsOf(`${minimal}listen: 127.0.0.1:8081\n`), [
    '5:9 listen: listen and control.listen are the same address',
  ])
  assert.deepEqual(problemsOf(`${minimal}control: { listen: 127.0.0.1:8080 }\n`), [
    '5:20 control.listen: listen and control.listen are the same address',
  ])
  assert.deepEqual(problemsOf(`${minimal}listen: 127.0.0.1:0\ncontrol: { listen: 127.0.0.1:0 }\n`), [])
})

test('how entries fit together is checked where single values are wrong as well', () => {
  const text = `${minimal.replace('upstream: main', 'upstream: x')}listen: 1
identity: { keys: [{ id: "a b", secret: ${secret} }, { id: c, secret: ${secret}, profile: x }] }
`
  assert.deepEqual(problemsOf(text), [
    '4:20 models["*"].upstream: there is no upstream "x"',
    '5:9 listen: expected text, found a number',
    '6:26 identity.keys[0].id: not a name of 1 to 64 letters, digits, ".", "_" and "-"',
    '6:103 identity.keys[1].secret: the same secret as identity.keys[0]',
    '6:155 identity.keys[1].profile: not one of the words that are known here',
  ])
})
