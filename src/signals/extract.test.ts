import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Observation } from '../core/observation.ts'
import { Extractor } from './extract.ts'
import { randomText, samples } from './extract.samples.ts'

const secret = Uint8Array.of(0x57, 0x65, 0x69, 0x72)
const golden = join(import.meta.dirname, 'extract.golden.json')

const hex = (numbers: Uint32Array): string => [...numbers].map((n) => n.toString(16)).join(' ')

const asked = (text: string, system: string | null = null) =>
  ({ text, role: 'human', turns: 1 + (text.length % 4), params: ['model', 'temperature'], system }) as const

const shown = ({ keys, cells, content, signs, text, params, system }: Observation): string =>
  `keys ${hex(keys)} | cells ${hex(cells)} | content ${hex(content)} | signs ${signs} | text ${text.toString(16)} | params ${params.toString(16)} | system ${system.toString(16)}`

/** Keys of one deployment live as long as its history, and cells as long as a shipped calibration: neither may move. */
test('the numbers of a prompt are the ones they always were', () => {
  const extractor = new Extractor(secret)
  const found: Record<string, string> = {}
  for (const [name, text] of Object.entries(samples)) {
    found[name] = shown(extractor.observe(asked(text, samples['form']), null))
  }
  for (let block = 0; block < 20; block++) {
    let sum = 0
    for (let seed = block * 100; seed < block * 100 + 100; seed++) {
      for (const c of shown(extractor.observe(asked(randomText(seed)), null)))
        sum = (Math.imul(sum, 31) + c.charCodeAt(0)) | 0
    }
    found[`random texts from ${block * 100}`] = String(sum)
  }
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${JSON.stringify(found, null, 2)}\n`)
  assert.deepEqual(found, JSON.parse(readFileSync(golden, 'utf8')))
})

test('a tool result has no shape of its own, and its text still has a hash', () => {
  const { keys, cells, signs, text, content } = new Extractor(secret).observe(
    { ...asked(samples['form']!), role: 'tool' },
    null,
  )
  assert.equal(keys.length, 0)
  assert.ok(cells.every((cell) => cell === 0))
  assert.equal(signs, 0)
  assert.notEqual(text, 0)
  assert.ok(content.some((hash) => hash !== 0))
})

test('whatever the text, an observation is made, and the same text gives the same one', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3000 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.array(fc.nat(0xffff), { maxLength: 400 }).map((units) => String.fromCharCode(...units)),
    fc.nat().map(randomText),
  )
  const one = new Extractor(secret)
  const other = new Extractor(secret)
  fc.assert(
    fc.property(text, text, (a, b) => {
      other.observe(asked(b), null)
      assert.deepEqual(one.observe(asked(a, b), null), other.observe(asked(a, b), null))
    }),
  )
})

test('another deployment has other keys and hashes, and the same cells', () => {
  const one = new Extractor(secret)
  const other = new Extractor(Uint8Array.of(1, 2, 3, 4))
  for (const [name, text] of Object.entries(samples)) {
    const a = one.observe(asked(text), null)
    const b = other.observe(asked(text), null)
    for (const [i, key] of a.keys.entries()) if (key !== 0) assert.notEqual(key, b.keys[i], name)
    assert.notEqual(a.text, b.text, name)
    // A long text is read in a window whose place is keyed.
    if (text.length <= 896) {
      assert.deepEqual(a.cells, b.cells, name)
      assert.equal(a.signs, b.signs, name)
    }
  }
})

test('work is bounded: a text of 1 MB is read in head, window and tail', () => {
  const extractor = new Extractor(secret)
  const middle = 'b'.repeat(1 << 20)
  const observe = (text: string): Observation => extractor.observe(asked(text), null)
  const head = 'The head of this text. '.repeat(40)
  const a = observe(head + middle + head)
  const b = observe(head + middle.replaceAll('b', 'c') + head)
  assert.equal(a.chars, b.chars)
  assert.deepEqual(a.keys.slice(0, 5), b.keys.slice(0, 5))
  assert.notEqual(a.text, b.text, 'the window differs')
})

test('there are few ways to be short: a terse prompt has no form, and an opening of masked words is nobody’s', () => {
  const extractor = new Extractor(secret)
  const seen = (text: string): Observation => extractor.observe(asked(text), null)
  assert.ok(seen('which river is longer, the first or that one').cells.every((cell) => cell === 0))
  assert.ok(
    seen('Which of these two rivers is longer, the first one or that in the north?').cells.every((cell) => cell !== 0),
  )
  // As in a language of long words.
  const masked =
    'Pitkäaikainen, rakennustyömaa, kaupungintalo, perustuslaki kirjastonhoitaja, lentokenttä rautatieasema maatalous.'
  assert.equal(seen(masked).keys[0], 0)
  assert.notEqual(seen('What is the name of that one river which runs north, and why?').keys[0], 0)
})
