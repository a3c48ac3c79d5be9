import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, hintsOf, minimal, problemsOf } from './testing.ts'

test('mistakes of YAML are named where they are', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'a: [': ['1:5 : YAML: the indentation does not fit what is above'],
    'a: b: c': ['1:4 : YAML: a second "key:" on one line'],
    'a:\n\tb: 1': ['2:1 : YAML: a tab used as indentation'],
    'a: "\\q"': ['1:5 : YAML: not an escape sequence'],
    'a: @x': ['1:4 : YAML: text cannot start with this character'],
    'a: *': ['1:4 : YAML: not an alias'],
    '? [a]\n: b': ['1:3 : YAML: a key that is not text'],
    '*a : 1': ['1:1 : YAML: a key that is not text'],
    'a: !env X': ['1:4 : YAML: a tag that is not used here'],
    'a: !!binary aGk=': ['1:4 : YAML: a tag that is not used here'],
    'a: 1\n---\nb: 1': ['2:1 : YAML: a second YAML document'],
    '%YAML 1.1\n---\na: yes': ['1:1 : YAML: another version of it'],
  }
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(problemsOf(text), expected, text)
  // How deep the parser gets depends on the stack it is given.
  assert.match(problemsOf('['.repeat(5000)).join(), /^1:\d+ : YAML: nested too deeply to read$/)
})

test('a mistake of YAML never repeats the text it is in', () => {
  const secret = 'wr_acme1_0123456789abcdef0123456789abcdef'
  for (const text of [
    `a: {b} ${secret}`,
    `a: *${secret}`,
    `a: !${secret} x`,
    `"a" ${secret}: 1`,
    `%${secret}\n---\na: 1`,
  ]) {
    const all = [...problemsOf(minimal + text), ...problemsOf(text), ...hintsOf(text)].join('\n')
    assert.notEqual(all, '')
    assert.ok(!all.includes(secret), all)
  }
})

test('the missing quotes around a variable in a flow map are hinted at', () => {
  assert.deepEqual(hintsOf('control: { token: ${TOKEN} }'), ['inside { } and [ ] put "${NAME}" in double quotes'])
})

test('a key that is written twice is named with the line of the first', () => {
  assert.deepEqual(
    problemsOf(`${minimal}listen: localhost:1\nrequest:\n  max_messages: 1\n  max_messages: 2\nlisten: localhost:2\n`),
    ['8:3 request.max_messages: the same key is on line 7 already', '9:1 listen: the same key is on line 5 already'],
  )
  assert.deepEqual(problemsOf(minimal.replace('models:\n', 'models:\n  "*": { upstream: main }\n')), [
    '5:3 models: the same key is on line 4 already',
  ])
})

test('an alias stands for what it names', () => {
  const config = configOf(`upstreams:
  main: &one { dialect: openai, base_url: "http://a/v1" }
  two: *one
models: { "*": { upstream: two } }
`)
  assert.equal(config.upstreams.get('two')?.baseUrls[0], 'http://a/v1')
})

test('what is wrong behind an alias is named where it is written', () => {
  const text = `upstreams:
  main: &one { dialect: openai, base_url: "http://a/v1", connections: 0 }
  two: *one
models: { "*": { upstream: two } }
`
  assert.deepEqual(problemsOf(text), [
    '2:71 upstreams.main.connections: must be at least 1',
    '2:71 upstreams.two.connections: must be at least 1',
  ])
})

test('aliases without an anchor, in a circle, or that stand for too much are refused', () => {
  assert.deepEqual(problemsOf(`${minimal}quotas: *none\n`), ['5:9 quotas: YAML: an alias without an anchor'])
  assert.deepEqual(problemsOf(`${minimal}quotas: &a [*a]\n`), [
    '5:13 quotas[0][0]: YAML: an alias that holds itself',
    '5:13 quotas[0]: expected a map of keys and values, found a list',
  ])
  const names = 'bcdefghij'.split('')
  const bomb = names.map((name, i) => `  - &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]\n`).join('')
  const problems = problemsOf(`${minimal}quotas:\n  - &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n${bomb}`)
  assert.deepEqual(
    problems.filter((problem) => problem.includes('alias')),
    ['10:9 quotas[4][0]: YAML: aliases that stand for too many values'],
  )
})

test('names are taken as they are written', () => {
  assert.deepEqual(problemsOf(`${minimal}"\${A}": 1\n__proto__: 1\n`, { A: 'listen' }), [
    '5:1 : environment variables are not filled in in names',
    '6:1 __proto__: cannot be used as a name',
  ])
})

test('nothing in a configuration is nested deeply', () => {
  assert.match(
    problemsOf(`${minimal}quotas: ${'['.repeat(40)}${']'.repeat(40)}\n`).join('\n'),
    /^5:41 .*: nested too deeply/m,
  )
})

test('nothing in a configuration is very long', () => {
  assert.deepEqual(
    problemsOf(`${minimal}quotas: [{ name: a, requests: 1, window: 1m, per: [${'1,'.repeat(300_000)}] }]\n`),
    ['5:51 quotas[0].per: more than 10000 entries'],
  )
})

test('variables that cannot be filled in are named at their place, and nothing else is said about it', () => {
  assert.deepEqual(problemsOf(`${minimal}control:\n  listen: \${A}\n  token: "x\${EMPTY}\${B C}"\n`, { EMPTY: '' }), [
    '6:11 control.listen: the environment variable A is not set',
    '7:10 control.token: the environment variable EMPTY is empty',
    '7:10 control.token: "${...}" does not hold the name of an environment variable',
  ])
})

test('a variable is a number only where a number belongs', () => {
  const text = `${minimal}quotas:
  - { name: "\${N}", requests: "\${N}", window: 1m }
request: { max_body: "\${N}", max_messages: "\${N}0" }
`
  assert.deepEqual(problemsOf(text, { N: '12' }), ['7:44 request.max_messages: expected a whole number, found text'])
  const config = configOf(text.replace('"${N}0"', '5'), { N: '12' })
  assert.equal(config.quotas[0]?.name, '12')
  assert.equal(config.quotas[0]?.amount, 12)
  assert.equal(config.request.maxBodyBytes, 12)
  assert.deepEqual(problemsOf(`${minimal}request: { max_messages: "\${N}" }\n`, { N: '12x' }), [
    '5:26 request.max_messages: expected a whole number, found text',
  ])
})

test('columns are right behind a byte order mark and with the line ends of Windows', () => {
  const text = `\uFEFFlisten: 1\n${minimal}`.replaceAll('\n', '\r\n') + 'contrl: {}\r\n'
  assert.deepEqual(problemsOf(text), ['1:9 listen: expected text, found a number', '6:1 contrl: unknown key "contrl"'])
})
