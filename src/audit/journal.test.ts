import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { realDisk } from './disk.ts'
import { Journal, readJournal } from './journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'weir-journal-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'audit.journal')

const start = (groups: readonly (readonly string[])[]): Buffer => {
  const journal = Journal.start(path, realDisk, 'weir/test', 512, [])
  for (const group of groups) journal.append(group.map((text) => Buffer.from(text)))
  journal.close()
  return readFileSync(path)
}
const read = () => {
  const content = readJournal(path)
  if (!content.ok) throw new Error(content.error)
  return { ...content.value!, entries: content.value!.entries.map(String) }
}

test('what was appended is read again, with where it belongs', () => {
  start([['one', 'two'], ['three']])
  const { origin, base, entries, tornBytes } = read()
  assert.deepEqual([origin, base, entries, tornBytes], ['weir/test', 512, ['one', 'two', 'three'], 0])
  assert.deepEqual(readJournal(join(folder, 'none')), { ok: true, value: null })
})

test('a last group that is cut anywhere is torn: what was before it stays, and the next group takes its place', () => {
  const whole = start([['one', 'two'], ['three']])
  const two = start([['one', 'two']]).length
  for (let bytes = two; bytes < whole.length; bytes++) {
    writeFileSync(path, whole.subarray(0, bytes))
    const content = read()
    assert.deepEqual([content.entries, content.tornBytes], [['one', 'two'], bytes - two], `cut at ${bytes}`)
    const journal = Journal.resume(path, realDisk, { ...content, entries: [] })
    journal.append([Buffer.from('again')])
    journal.close()
    assert.deepEqual([read().entries, read().tornBytes], [['one', 'two', 'again'], 0])
  }
})

test('a tail that the disk has not filled in yet is torn, too', () => {
  const whole = start([['one', 'two']])
  writeFileSync(path, Buffer.concat([whole, Buffer.alloc(100)]))
  assert.deepEqual([read().entries, read().tornBytes], [['one', 'two'], 100])
})

test('a bit that was changed before the end is damage, and is never passed over', () => {
  const whole = start([['one', 'two'], ['three'], ['four']])
  const last = start([['one', 'two'], ['three']]).length
  for (let at = 0; at < last; at++) {
    const changed = Buffer.from(whole)
    changed[at] = changed[at]! ^ 1
    writeFileSync(path, changed)
    const content = readJournal(path)
    // A length that leads beyond the end looks like a torn group; then acknowledged entries are missing, which the
    // checkpoint tells.
    if (content.ok) assert.ok(content.value!.entries.length < 4)
    else assert.match(content.error, /damaged at byte \d+, before its end|not a journal/)
  }
})

test('a journal of a newer version is refused', () => {
  const head = Buffer.from('{"v":2,"origin":"weir/test","base":0}')
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(head.length, 0)
  frame.writeUInt32BE(crc32(head), 4)
  writeFileSync(path, Buffer.concat([frame, head]))
  assert.deepEqual(readJournal(path), { ok: false, error: `${path} was written by a newer version of Weir` })
})

test('a group that the disk refuses leaves nothing behind, and can be tried again', () => {
  let left = 1
  const disk = {
    ...realDisk,
    write(file: number, bytes: Uint8Array, position: number): void {
      if (left-- > 0) return realDisk.write(file, bytes, position)
      realDisk.write(file, bytes.subarray(0, 5), position)
      throw new Error('ENOSPC')
    },
  }
  const journal = Journal.start(path, disk, 'weir/test', 0, [])
  assert.throws(() => journal.append([Buffer.from('a long entry')]), /ENOSPC/)
  assert.equal(read().tornBytes, 5)
  left = 1
  journal.append([Buffer.from('x')])
  journal.close()
  assert.deepEqual([read().entries, read().tornBytes], [['x'], 0])
})
