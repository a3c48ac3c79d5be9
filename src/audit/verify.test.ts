import assert from 'node:assert/strict'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { encode } from './entry.ts'
import { realDisk } from './disk.ts'
import * as mutate from './mutations.ts'
import { entryOf, fill, testLog, type TestLog } from './testing.ts'
import { parseVkey } from './verify.ts'
import { Writer } from './writer.ts'

let data: TestLog
let other: TestLog
let key: string
const at = (path: string): string => join(data.folder, path)
const SIZE = 1_400

before(() => {
  ;[data, other] = [testLog(), testLog()]
  const { log } = data.open()
  key = log.signer.vkey
  fill(log, 1, 700)
  log.close()
  cpSync(data.folder, join(data.dataDir, 'older'), { recursive: true })
  const more = data.open().log
  fill(more, 701, SIZE - 701)
  more.close()
  const others = other.open().log
  fill(others, 1, SIZE - 1)
  others.close()
})
after(() => [data, other].forEach((log) => log.remove()))

const vkey = (text: string) => {
  const parsed = parseVkey(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}
const since = (path: string) => ({ name: path, text: readFileSync(path, 'utf8') })
const older = (): ReturnType<typeof since> => since(join(data.dataDir, 'older', 'checkpoint'))
const problems = (over: Parameters<TestLog['verify']>[0] = {}): readonly string[] =>
  data.verify({ key: vkey(key), ...over }).problems.map(({ where, what }) => `${where}: ${what}`)

test('a whole log holds, and it is said what was not asked', () => {
  const verdict = data.verify()
  assert.deepEqual([verdict.holds, verdict.size, verdict.signedBy], [true, SIZE, key])
  assert.match(
    verdict.notes.join('\n'),
    /no --key: [\s\S]*no --since: vouches for consistency, not for what was rolled back/,
  )
  const told = data.verify({ key: vkey(key), since: older() })
  assert.deepEqual([told.holds, told.notes], [true, ['holds everything that the checkpoint of 701 entries covered']])
})

test('any bit of any file that is flipped is found', () => {
  const files = mutate.filesOf(data.folder)
  const bit = fc.tuple(fc.constantFrom(...files), fc.nat())
  fc.assert(
    fc.property(bit, ([file, nth]) => {
      const undo = mutate.flipBit(at(file), nth % (readFileSync(at(file)).length * 8))
      try {
        assert.notDeepEqual(problems(), [], file)
      } finally {
        undo()
      }
    }),
    { numRuns: 100 },
  )
  assert.deepEqual(problems(), [])
})

test('every bit of the checkpoint counts', () => {
  const path = at('checkpoint')
  const bits = readFileSync(path).length * 8
  for (let bit = 0; bit < bits; bit += 31) {
    const undo = mutate.flipBit(path, bit)
    assert.notDeepEqual(problems(), [], `bit ${bit}`)
    undo()
  }
})

test('an entry that is removed, put in, moved or changed is found, and where', () => {
  const bundle = at('tile/entries/002')
  const changes: Readonly<Record<string, (entries: Buffer[]) => Buffer[]>> = {
    removed: (entries) => entries.toSpliced(17, 1),
    'put in': (entries) => entries.toSpliced(17, 0, entries[3]!),
    'put in the place of another': (entries) => entries.with(17, entries[3]!),
    swapped: (entries) => entries.with(17, entries[18]!).with(18, entries[17]!),
    changed: (entries) => entries.with(17, Buffer.from(entries[17]!.toString().replace('throttle', 'allow000'))),
    emptied: (entries) => entries.with(17, Buffer.alloc(0)),
    'moved to the end': (entries) => [...entries.toSpliced(0, 1), entries[0]!],
  }
  for (const [what, change] of Object.entries(changes)) {
    const undo = mutate.changeEntries(bundle, change)
    const found = problems()
    assert.ok(found.length > 0, what)
    assert.match(found.join('\n'), /tile\/entries\/002|tile\/0\/002|entry 5\d\d|checkpoint/, what)
    undo()
  }
})

test('a file that is removed, cut, made longer, exchanged, or put in is found, and named', () => {
  const cases: readonly (readonly [() => mutate.Undo, RegExp])[] = [
    ...mutate.filesOf(data.folder).map((file) => [() => mutate.removeFile(at(file)), /is missing/] as const),
    [() => mutate.changeBytes(at('tile/0/001'), (bytes) => bytes.subarray(0, 8000)), /tile\/0\/001: has 8000 bytes/],
    [
      () => mutate.changeBytes(at('tile/entries/001'), (bytes) => bytes.subarray(0, 9000)),
      /ends within entry \d+ of 256/,
    ],
    [
      () => mutate.changeBytes(at('tile/entries/001'), (bytes) => Buffer.concat([bytes, Buffer.of(0, 0)])),
      /goes on for 2 bytes/,
    ],
    [() => mutate.swapFiles(at('tile/entries/001'), at('tile/entries/002')), /entry 256: is number 512 where 256/],
    [() => mutate.swapFiles(at('tile/0/001'), at('tile/0/002')), /tile\/0\/001: does not hold the hash of entry 256/],
    [() => mutate.addFile(at('notes.txt'), Buffer.from('x')), /notes\.txt: is not covered by the checkpoint/],
    [() => mutate.addFile(at('tile/0/006'), Buffer.alloc(8192)), /tile\/0\/006: is not covered/],
    [() => mutate.addFile(at('tile/entries/005.p/3'), Buffer.alloc(9)), /entries\/005\.p\/3: is not covered/],
    [() => mutate.addFile(at('tile/7/000'), Buffer.alloc(32)), /tile\/7\/000: is not covered/],
    [() => mutate.addFile(at('tile/0/x000/001'), Buffer.alloc(32)), /x000\/001: is not covered/],
  ]
  for (const [spoil, says] of cases) {
    const undo = spoil()
    const found = problems()
    undo()
    assert.match(found.join('\n'), says)
  }
  symlinkSync('/etc/passwd', at('tile/link'))
  assert.match(problems().join('\n'), /tile\/link: is not a file/)
  rmSync(at('tile/link'))
  assert.deepEqual(problems(), [])
})

test('a log that was cut or rolled back holds by itself, says that it cannot vouch for that, and --since shows it', () => {
  const newest = since(at('checkpoint'))
  const undo = mutate.replaceFolder(data.folder, join(data.dataDir, 'older'))
  const verdict = data.verify({ key: vkey(key) })
  assert.ok(verdict.holds)
  assert.match(verdict.notes.join('\n'), /not for what was rolled back/)
  assert.match(
    problems({ since: newest }).join('\n'),
    /covers 1400 entries, and the log has 701: it was cut or rolled back/,
  )
  undo()
})

test('history that was written anew is found with --since', () => {
  const forged = testLog()
  // Whoever has the key can write another log under the same name.
  cpSync(join(data.dataDir, 'keys'), join(forged.dataDir, 'keys'), { recursive: true })
  const { log } = forged.open(realDisk, data.verify().origin)
  log.append([entryOf(1, 'incident')])
  fill(log, 2, SIZE)
  log.close()
  const verdict = forged.verify({ key: vkey(key), since: older() })
  assert.match(verdict.problems.map(({ what }) => what).join(), /history was rewritten/)
  forged.remove()
})

test('what belongs to another log is told apart', () => {
  const theirs = since(join(other.folder, 'checkpoint'))
  assert.match(problems({ since: theirs }).join('\n'), /is a checkpoint of another log/)
  assert.match(problems({ key: vkey(other.verify().signedBy!) }).join('\n'), /never was its key/)
  const undo = mutate.changeBytes(at('checkpoint'), () => readFileSync(join(other.folder, 'checkpoint')))
  assert.match(problems().join('\n'), /checkpoint: (signs another root|is of the log)/)
  undo()
  const mixed = mutate.changeBytes(at('tile/entries/003'), () => readFileSync(join(other.folder, 'tile/entries/004')))
  assert.match(problems().join('\n'), /entry 768: is number 1024 where 768 should follow/)
  mixed()
  assert.match(problems({ since: { name: 'mine', text: 'hello' } }).join(), /mine: is not a signed note/)
  const bad = older()
  const unsigned = { ...bad, text: bad.text.replace(/^701$/m, '702') }
  assert.match(problems({ since: unsigned }).join(), /is not signed by a key of this log/)
})

test('an entry of a newer version is told from one that was changed', () => {
  const newer = testLog()
  const { log } = newer.open()
  log.append([Buffer.from(entryOf(1).toString().replace('"v":1', '"v":2'))])
  log.close()
  assert.match(newer.verify().problems[0]!.what, /is of version 2, which is newer than this verifier/)
  newer.remove()
})

test('numbers that do not follow each other must be said to be lost', () => {
  const gaps: readonly (readonly [readonly Buffer[], RegExp | null])[] = [
    [[entryOf(1), entryOf(3)], /is number 3 where 2 should follow/],
    [[entryOf(1), entryOf(1)], /is number 1 where 2/],
    [[entryOf(1), lost(5, 2, 4)], null],
    [[entryOf(1), lost(5, 3, 4)], /says wrongly what was lost/],
    [[entryOf(1), lost(2, 2, 1)], /says wrongly/],
  ]
  for (const [entries, says] of gaps) {
    const gapped = testLog()
    const { log } = gapped.open()
    log.append(entries)
    log.close()
    const verdict = gapped.verify()
    if (says === null) assert.match(verdict.notes.join(), /3 entries were lost .* and the log says which/)
    else assert.match(verdict.problems.map(({ what }) => what).join(), says)
    gapped.remove()
  }
})

const lost = (n: number, first: number, last: number): Buffer =>
  encode({ n, t: 0, type: 'entries_lost', v: 1, what: { first, last } })

test('the key is handed over by the one before it; each of them leads to the log, and no other does', () => {
  const rotated = testLog()
  const open = (): Writer => {
    const writer = Writer.open(rotated.dataDir, null, realDisk, 1)
    if (!writer.ok) throw new Error(writer.error)
    return writer.value
  }
  const first = open()
  const keys = [first.vkey]
  first.append(first.seal(['{"t":1,"type":"admin","what":{}}']))
  const early = first.checkpoint
  keys.push(first.rotateKey(2))
  first.close(3)
  const second = open()
  keys.push(second.rotateKey(4))
  second.close(5)
  for (const known of keys) assert.deepEqual(rotated.verify({ key: vkey(known) }).problems, [])
  assert.equal(rotated.verify().signedBy, keys[2])
  assert.ok(rotated.verify({ since: { name: 'early', text: early } }).holds)
  assert.equal(rotated.verify({ key: vkey(key) }).holds, false)
  // A thief who knows only the newest key cannot sign for the past; one without a key cannot hand it over.
  const stolen = testLog()
  const { log } = stolen.open()
  const what = {
    from: log.signer.vkey,
    to: keys[2],
    note: `weir audit key v1\n${log.origin}\n${keys[2]}\n\n— x AAAAAAAAAAA=\n`,
  }
  log.append([encode({ n: 1, t: 0, type: 'key_rotated', v: 1, what })])
  log.publish()
  assert.match(
    stolen
      .verify()
      .problems.map(({ what }) => what)
      .join(),
    /without a signature of the one before/,
  )
  for (const one of [rotated, stolen]) one.remove()
})

test('a folder that cannot be read, or is none of a log, is a clear answer and no crash', () => {
  const empty = join(data.dataDir, 'empty')
  mkdirSync(empty)
  assert.deepEqual(data.verify({ path: empty }).problems, [{ where: 'checkpoint', what: 'is missing' }])
  writeFileSync(join(empty, 'file'), 'not JSON')
  assert.match(data.verify({ path: join(empty, 'file') }).problems[0]!.what, /neither the folder of a log nor a bundle/)
  if (process.getuid?.() === 0) return
  chmodSync(at('tile/0/002'), 0)
  assert.match(problems().join(), /tile\/0\/002: cannot be read \(EACCES\)/)
  chmodSync(at('tile/0/002'), 0o600)
})
