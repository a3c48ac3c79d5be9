import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { addField, applyEdits, scanJson, type Span } from './json-scan.ts'

const DEPTH = 64

function fieldsOf(text: string | Buffer): ReadonlyMap<string, Span> {
  const scan = scanJson(Buffer.from(text), DEPTH)
  assert.ok(scan.ok)
  return scan.fields
}

const problemOf = (text: string, maxDepth = DEPTH): string => {
  const scan = scanJson(Buffer.from(text), maxDepth)
  return scan.ok ? 'none' : scan.problem
}

const space = fc.stringMatching(/^[ \n\t\r]{0,3}$/)

/** JSON text of `value`, with white space wherever the grammar allows it. */
function spaced(value: unknown, gap: () => string): string {
  const inner = (): string => {
    if (Array.isArray(value)) return `[${value.map((v) => spaced(v, gap)).join(',') || gap()}]`
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    const fields = Object.entries(value).map(([k, v]) => `${gap()}${JSON.stringify(k)}${gap()}:${spaced(v, gap)}`)
    return `{${fields.join(',') || gap()}}`
  }
  return `${gap()}${inner()}${gap()}`
}

/** Every character of a key as an escape: another spelling of the same key. */
const escaped = (key: string): string =>
  [...Array(key.length).keys()].map((i) => `\\u${key.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')

test('every top-level field is found where it stands, whatever surrounds it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.array(space), (object, gaps) => {
      let at = 0
      const bytes = Buffer.from(spaced(object, () => gaps[at++ % (gaps.length || 1)] ?? ''))
      const fields = fieldsOf(bytes)
      assert.deepEqual([...fields.keys()], Object.keys(JSON.parse(bytes.toString()) as object))
      for (const [key, { start, end }] of fields) {
        const text = bytes.toString('utf8', start, end)
        assert.deepEqual(JSON.parse(text), (JSON.parse(bytes.toString()) as Record<string, unknown>)[key])
        assert.equal(text, text.trim())
      }
    }),
  )
})

test('a key that stands twice in one object is found at any depth and in any spelling', () => {
  const wraps = [(t: string) => `[0,${t}]`, (t: string) => `{"x":${t},"y":"}"}`, (t: string) => `[{"z":"\\"{"},${t}]`]
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.boolean(),
      fc.array(fc.constantFrom(...wraps), { maxLength: 20 }),
      fc.uniqueArray(fc.string(), { maxLength: 20 }),
      (key, respell, around, others) => {
        const plain = JSON.stringify(key)
        const again = respell ? `"${escaped(key)}"` : plain
        const between = others.filter((k) => k !== key).map((k) => `${JSON.stringify(k)}:{${plain}:1}`)
        const inner = (second: string): string => `{${[`${plain}:1`, ...between, `${second}:2`].join(',')}}`
        const wrap = (text: string): string => `{"top":${around.reduce((t, w) => w(t), text)}}`
        assert.equal(problemOf(wrap(inner(again))), 'duplicate_key')
        assert.equal(problemOf(wrap(inner(JSON.stringify(`${key}!${others.join('')}`)))), 'none')
      },
    ),
  )
})

test('what looks like structure inside a string is text', () => {
  for (const text of ['"a":1', '{"a":{"a":', '\\', '\\\\"', '","a":"', '}]}]', 'x'.repeat(23), `${'\\'.repeat(25)}"`]) {
    const body = JSON.stringify({ a: text, b: [text, { a: text }] })
    assert.equal(problemOf(body), 'none', text)
    assert.deepEqual([...fieldsOf(body).keys()], ['a', 'b'])
  }
})

test('strings of every length around the search window end at their own quote', () => {
  for (let length = 0; length < 60; length++) {
    for (const tail of ['', '\\', '"', '\\"', '"\\']) {
      const body = JSON.stringify({ ['k'.repeat(length) + tail]: 'v'.repeat(length) + tail, end: 1 })
      const { start, end } = fieldsOf(body).get('end')!
      assert.equal(body.slice(start, end), '1')
    }
  }
})

test('nesting is refused one level beyond the bound and not before', () => {
  const nested = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  assert.equal(problemOf(nested(10), 10), 'none')
  assert.equal(problemOf(nested(11), 10), 'too_deep')
  assert.equal(problemOf(`{"a":${'{"b":'.repeat(10)}1${'}'.repeat(10)}}`, 10), 'too_deep')
  assert.equal(problemOf(`{"a":[${'[],'.repeat(1000)}{}]}`, 3), 'none', 'width is not depth')
})

test('an object with very many keys is scanned in linear time and its one repeated key is found', () => {
  const keys = Array.from({ length: 200_000 }, (_, i) => `"k${i}":0`)
  const startMs = performance.now()
  assert.equal(fieldsOf(`{${keys.join(',')}}`).size, 200_000)
  assert.equal(problemOf(`{${keys.join(',')},"k777":0}`), 'duplicate_key')
  assert.ok(performance.now() - startMs < 5000)
})

test('the refused key is named, and never at full length', () => {
  const long = 'k'.repeat(5000)
  const scan = scanJson(Buffer.from(`{"${long}":1,"${long}":2}`), DEPTH)
  assert.ok(!scan.ok)
  assert.equal(scan.key, 'k'.repeat(64))
})

test('edits change their spans and nothing else, in any order they are given', () => {
  const body = Buffer.from('{ "a": 1, "b": "ü", "c" : [2] }')
  const fields = fieldsOf(body)
  const edits = [
    { ...fields.get('c')!, text: 'null' },
    { ...fields.get('a')!, text: '{"long":true}' },
    addField(body, 'new', '0'),
  ]
  const expected = '{"new":0, "a": {"long":true}, "b": "ü", "c" : null }'
  assert.equal(applyEdits(body, edits).toString(), expected)
  assert.equal(applyEdits(body, edits.toReversed()).toString(), expected)
  assert.equal(applyEdits(body, []).toString(), body.toString())
})

test('a field that is added is read back, and the others stay as they were', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
      fc.pre(!Object.hasOwn(object, 'added'))
      const body = Buffer.from(` ${JSON.stringify(object)}`)
      const edited = JSON.parse(applyEdits(body, [addField(body, 'added', '[1]')]).toString()) as Record<
        string,
        unknown
      >
      assert.deepEqual(edited['added'], [1])
      delete edited['added']
      assert.deepEqual(edited, JSON.parse(JSON.stringify(object)))
    }),
  )
})
