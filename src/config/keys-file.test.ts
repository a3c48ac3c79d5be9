import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { configOf, minimal, outsideOf, problemsOf } from './testing.ts'

const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
const text = `${minimal}identity:
  keys_file: keys.yaml
  keys: [{ id: a, secret: "${secret}a" }]
`
const withKeys = (keys: string): ReturnType<typeof outsideOf> =>
  outsideOf({ 'keys.yaml': keys, 'b.txt': `${secret}b\n` })

test('keys of both files are known, with everything that can be said of keys', () => {
  const outside = withKeys(
    '- { id: b, secret: "file:b.txt", tenant: acme }\n- { id: c, secret: "${C}", signed: required }\n',
  )
  const config = configOf(text, { C: `${secret}c` }, outside)
  assert.deepEqual(
    config.identity.keys.map(({ id, tenant, signed }) => [id, tenant, signed]),
    [
      ['a', null, 'no'],
      ['b', 'acme', 'no'],
      ['c', null, 'required'],
    ],
  )
  assert.deepEqual(config.sources, [resolve('keys.yaml'), resolve('b.txt')])
  const alone = configOf(text.replace(/  keys: .*\n/, ''), { C: `${secret}c` }, outside)
  assert.deepEqual(
    alone.identity.keys.map(({ id }) => id),
    ['b', 'c'],
  )
  assert.equal(configOf(text, {}, withKeys('[]')).identity.keys.length, 1)
})

test('what is wrong in a file of keys is named in that file', () => {
  const keys = `# keys
- { id: a, secret: "${secret}b" }
- { id: c, secret: "${secret}a" }
- { id: d, secret: short, rofile: app }
- { id: e, secret: "\${NONE}" }
- { id: f, secret: "${secret}f", trust: gold }
`
  assert.deepEqual(problemsOf(text.replace('id: a', 'id: a, x: 1'), {}, withKeys(keys)), [
    '7:19 identity.keys[0].x: unknown key "x"',
    'keys.yaml:2:9 [0].id: the same id as identity.keys[0] in weir.yaml',
    'keys.yaml:3:20 [1].secret: the same secret as identity.keys[0] in weir.yaml',
    'keys.yaml:4:20 [2].secret: is shorter than 24 characters',
    'keys.yaml:4:27 [2].rofile: unknown key "rofile"',
    'keys.yaml:5:20 [3].secret: the environment variable NONE is not set',
    'keys.yaml:6:73 [4].trust: there is no trust profile "gold"',
  ])
})

test('a file of keys that is none is refused', () => {
  assert.deepEqual(problemsOf(text), ['6:14 identity.keys_file: there is no such file'])
  assert.deepEqual(problemsOf(text, {}, withKeys('')), ['keys.yaml:1:1 : not a list of keys'])
  assert.deepEqual(problemsOf(text, {}, withKeys('keys: []')), ['keys.yaml:1:1 : not a list of keys'])
  assert.deepEqual(problemsOf(text, {}, withKeys('- {')), [
    'keys.yaml:1:4 : YAML: the indentation does not fit what is above',
  ])
  assert.deepEqual(problemsOf(text, {}, withKeys('- secret')), [
    'keys.yaml:1:3 [0]: expected a map of keys and values, found text',
  ])
  const deep = problemsOf(text, {}, withKeys('x'.repeat(1_048_577)))
  assert.deepEqual(deep, ['6:14 identity.keys_file: too large'])
})

test('a secret that lost its place in a file of keys is not printed', () => {
  for (const keys of [
    `- ${secret}`,
    `${secret}: x`,
    `- { ${secret} }`,
    `- *${secret}`,
    `- { id: ${secret}${secret} }`,
  ]) {
    const problems = problemsOf(text, {}, withKeys(keys))
    assert.notEqual(problems.length, 0)
    assert.ok(!problems.join().includes(secret), problems.join())
  }
})
