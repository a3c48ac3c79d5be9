import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as fc from 'fast-check'
import { type BundleOptions, makeBundle } from './bundle.ts'
import { realDisk } from './disk.ts'
import { openingsIn } from './salts.ts'
import { fill, testLog } from './testing.ts'
import { parseVkey } from './verify.ts'
import { placesIn, Writer } from './writer.ts'

const data = testLog()
after(() => data.remove())
const file = join(data.dataDir, 'bundle.json')

const sealedLine = (account: string, exchange: string): string =>
  JSON.stringify({
    t: 1,
    type: 'decision',
    what: { exchange, account: { sealed: 'account', value: account }, user: { sealed: 'user', value: 'ada' } },
  })
const opened = Writer.open(data.dataDir, null, realDisk, 1)
if (!opened.ok) throw new Error(opened.error)
const writer = opened.value
writer.append(writer.seal(Array.from({ length: 300 }, (_, i) => sealedLine(`a${i % 3}`, `req_${i}`))))
writer.publish()
cpSync(join(data.folder, 'checkpoint'), join(data.dataDir, 'old'))
const oldKey = writer.vkey
writer.rotateKey(2)
writer.append(writer.seal([sealedLine('a1', 'req_last')]))
writer.erase('account', 'a2', 3)
writer.close(4)

const make = (over: Partial<BundleOptions> = {}): string => {
  const made = makeBundle({
    folder: data.folder,
    from: 0,
    to: null,
    pick: (entry) => entry.includes('"req_7"') || entry.includes('"req_8"'),
    sinceSizes: [],
    openings: () => [],
    ...over,
  })
  if (!made.ok) throw new Error(made.error)
  return made.value.text
}
const verify = (text: string, over: Parameters<typeof data.verify>[0] = {}) => {
  writeFileSync(file, text)
  return data.verify({ path: file, ...over })
}
const problems = (text: string, over: Parameters<typeof data.verify>[0] = {}): string =>
  verify(text, over)
    .problems.map(({ where, what }) => `${where}: ${what}`)
    .join('\n')

test('a bundle holds what was asked for and what leads to the key, and verifies without the log', () => {
  const verdict = verify(make())
  assert.deepEqual([verdict.holds, verdict.problems], [true, []])
  assert.match(verdict.notes[0]!, /holds 4 entries of the log, each proven to be in it/)
  for (const text of [oldKey, verdict.signedBy!]) {
    const key = parseVkey(text)
    assert.equal(problems(make(), { key: key.ok ? key.value : null }), '')
  }
})

test('a bundle for an older checkpoint proves that nothing before it was changed; another one cannot', () => {
  const since = { name: 'old', text: readFileSync(join(data.dataDir, 'old'), 'utf8') }
  assert.equal(problems(make({ sinceSizes: [301] }), { since }), '')
  assert.match(problems(make(), { since }), /the bundle holds no proof from there: export it with --since/)
  const current = { name: 'now', text: readFileSync(join(data.folder, 'checkpoint'), 'utf8') }
  assert.equal(problems(make(), { since: current }), '')
})

test('commitments are opened by their salts; an erased salt opens nothing, and every proof stays valid', () => {
  const openings = (seals: ReadonlySet<string>) => openingsIn(placesIn(data.dataDir).salts, seals)
  const text = make({ openings })
  const verdict = verify(text)
  assert.equal(verdict.holds, true)
  assert.match(verdict.notes.join('\n'), /account "a1" is opened\n.*user "ada" is opened/)
  assert.doesNotMatch(verdict.notes.join('\n'), /a2/, 'erased')
  assert.match(problems(text.replace('"value":"a1"', '"value":"a0"')), /account "a0" opens no commitment/)
})

test('whatever is changed in a bundle, removed from it or put into it is found', () => {
  const text = make({ sinceSizes: [301], openings: (seals) => openingsIn(placesIn(data.dataDir).salts, seals) })
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.constantFrom('flip', 'cut', 'double', 'space'), (at, how) => {
      const changed = {
        flip: () => text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1),
        cut: () => text.slice(0, at) + text.slice(at + 1),
        double: () => text.slice(0, at) + text.slice(at, at + 1) + text.slice(at),
        space: () => `${text.slice(0, at)} ${text.slice(at)}`,
      }[how]()
      if (changed !== text) assert.notEqual(problems(changed), '', `${how} at ${at}`)
    }),
    { numRuns: 300 },
  )
  const bundle = JSON.parse(text) as { entries: object[] }
  const put = (entries: object[]): string => `${JSON.stringify({ ...bundle, entries })}\n`
  const [first, ...rest] = bundle.entries
  assert.match(problems(put(rest)), /checkpoint: is/, 'without the entry that names the key')
  assert.match(problems(put([first!, ...rest.toReversed()])), /stands behind one of a higher index/)
  assert.match(
    problems(text.replace('weir-audit-bundle-1', 'weir-audit-bundle-2')),
    /this verifier knows weir-audit-bundle-1/,
  )
})

test('what the log does not hold, or too much of it, is said', () => {
  const options = { folder: data.folder, from: 0, to: null, sinceSizes: [], openings: () => [] }
  assert.deepEqual(makeBundle({ ...options, pick: () => false }), { ok: false, error: 'the log holds no such entry' })
  const missing = makeBundle({ ...options, folder: '/nowhere', pick: () => true })
  assert.match(missing.ok ? '' : missing.error, /ENOENT/)
})

test('a log that was never handed over is not searched for keys', () => {
  const plain = testLog()
  fill(plain.open().log, 1, 20)
  const made = makeBundle({
    folder: plain.folder,
    from: 5,
    to: 7,
    pick: () => true,
    sinceSizes: [],
    openings: () => [],
  })
  assert.ok(made.ok)
  assert.deepEqual([made.value.picked, made.value.entries], [2, 3])
  plain.remove()
})
