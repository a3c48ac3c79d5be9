import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { meansNames } from '../core/action.ts'
import { readAnswer } from './answer.ts'

const words = { purpose: 'We summarise support tickets.', contact: 'ops@example.com' }
const good: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  proof_of_work: { challenge: 'wc1.x', solution: '12' },
  attestation: { token: 'eyJ.x.y' },
  reauthenticate: { token: 'eyJ.x.y' },
  purpose: { ...words, requests_per_day: 10 },
  grant: { ...words, models: ['gpt-4o*'], tokens: 1000, days: 30 },
}

test('every means has its own fields, and takes no others', () => {
  assert.deepEqual(Object.keys(good), [...meansNames])
  for (const [means, fields] of Object.entries(good)) {
    const read = readAnswer({ means, ...fields })
    assert.ok(read.ok, JSON.stringify(read))
    assert.equal(read.value.means, means)
    const stray = readAnswer({ means, ...fields, extra: 1 })
    assert.ok(!stray.ok && stray.error.param === 'extra', means)
    for (const name of Object.keys(fields)) {
      if (means === 'reauthenticate') continue
      const { [name]: _, ...rest } = fields
      const without = readAnswer({ means, ...rest })
      assert.ok(!without.ok && without.error.param === name, `${means} without ${name}`)
    }
  }
  assert.deepEqual(readAnswer({ means: 'reauthenticate' }), {
    ok: true,
    value: { means: 'reauthenticate', token: null },
  })
  for (const means of [undefined, null, 1, '', 'bribe', 'constructor', '__proto__']) {
    const read = readAnswer({ means })
    assert.ok(!read.ok && read.error.param === 'means')
  }
})

test('what is too long, too short, of another type or out of range is refused by its name', () => {
  for (const [means, name, values] of [
    ['proof_of_work', 'challenge', ['', 'x'.repeat(201), 1, null]],
    ['proof_of_work', 'solution', ['', '1'.repeat(17), 12]],
    ['attestation', 'token', ['', 'x'.repeat(8193), {}]],
    ['reauthenticate', 'token', ['', 'x'.repeat(8193), 7]],
    ['purpose', 'purpose', ['short', ' '.repeat(50), 'x'.repeat(2001), 5]],
    ['purpose', 'contact', ['', 'ab', 'x'.repeat(201)]],
    ['purpose', 'requests_per_day', [0, -1, 1.5, '10', 1e15, null]],
    ['grant', 'models', ['gpt', [], [''], ['a b'], Array.from({ length: 21 }, () => 'm'), [1], ['x'.repeat(129)]]],
    ['grant', 'tokens', [0, 1.5, '5', 1e13]],
    ['grant', 'days', [0, 366, '30']],
  ] as const) {
    for (const value of values) {
      const read = readAnswer({ means, ...good[means], [name]: value })
      assert.ok(!read.ok && read.error.param === name, `${name}: ${JSON.stringify(value)}`)
    }
  }
})

test('what people review has no characters that are not seen or that turn its order round', () => {
  for (const char of ['\u0000', '\u001b', '\r', '\u007f', '\u0085', '\u202e', '\u2066', '\ud800', '\ufeff']) {
    const read = readAnswer({ means: 'purpose', ...good['purpose'], purpose: `We summarise ${char} support tickets.` })
    assert.ok(!read.ok && read.error.param === 'purpose', JSON.stringify(char))
  }
  const text = 'Wir fassen Anfragen zusammen.\n\tそして翻訳します。 नमस्ते 👩‍💻 می‌خواهم'
  assert.ok(readAnswer({ means: 'purpose', ...good['purpose'], purpose: text }).ok)
})

test('whatever comes, it is read or refused', () => {
  const value = fc.oneof(fc.jsonValue(), fc.string(), fc.integer())
  fc.assert(
    fc.property(
      fc.constantFrom(...meansNames),
      fc.dictionary(fc.constantFrom('token', 'models', 'purpose', 'x'), value),
      (means, more) => {
        const read = readAnswer({ means, ...more })
        assert.equal(typeof read.ok, 'boolean')
      },
    ),
  )
})
