import assert from 'node:assert/strict'
import { chmodSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import * as fc from 'fast-check'
import { type Disk, realDisk } from './disk.ts'
import { fill, testLog, type TestLog } from './testing.ts'

const logs: TestLog[] = []
const start = (): TestLog => {
  const log = testLog()
  logs.push(log)
  return log
}
afterEach(() => logs.splice(0).forEach((log) => log.remove()))

/** Every file under a folder, with its bytes. */
const snapshot = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile())
      .map((item) => join(item.parentPath, item.name))
      .sort()
      .map((path) => [path, readFileSync(path, 'latin1')]),
  )

test('a log grows over restarts, whatever its size was, and holds each time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (steps, closes) => {
        const test = testLog()
        try {
          let n = 1
          for (const count of steps) {
            const { log, nextN } = test.open()
            assert.equal(nextN, n)
            fill(log, n, count, 100)
            n += count
            if (closes) log.close()
            const verdict = test.verify()
            assert.deepEqual([verdict.problems, verdict.size], [[], n])
          }
        } finally {
          test.remove()
        }
      },
    ),
    { numRuns: 25 },
  )
})

/** A process that dies at the k-th thing that it does to the disk, in the middle of a write. */
function dyingDisk(steps: number): Disk {
  let left = steps
  const dies = (): boolean => left-- === 0
  return {
    ...realDisk,
    write(file, bytes, position) {
      if (!dies()) return realDisk.write(file, bytes, position)
      realDisk.write(file, bytes.subarray(0, bytes.length >> 1), position)
      throw new Error('killed')
    },
    flush(file) {
      if (dies()) throw new Error('killed')
      realDisk.flush(file)
    },
    move(from, to) {
      if (dies()) throw new Error('killed')
      realDisk.move(from, to)
    },
    remove(path) {
      if (dies()) throw new Error('killed')
      realDisk.remove(path)
    },
  }
}

test('a process that dies at any step loses nothing that was acknowledged, and the log opens and holds', () => {
  for (const group of [1, 300]) {
    let isDead = true
    for (let steps = 0; isDead; steps++) {
      const data = start()
      fill(data.open().log, 1, 250)
      let acknowledged = 251
      isDead = false
      try {
        const { log } = data.open(dyingDisk(steps))
        for (let round = 0; round < 3; round++) {
          fill(log, acknowledged, group, group)
          acknowledged += group
        }
      } catch {
        isDead = true
      }
      assert.deepEqual(data.verify().problems, [], `as it was left after ${steps} steps`)
      const again = data.open()
      assert.ok(again.log.size >= acknowledged, `${again.log.size} of ${acknowledged} after ${steps} steps`)
      assert.equal(again.nextN, again.log.size)
      fill(again.log, again.nextN, 3)
      assert.deepEqual(data.verify().problems, [], `after ${steps} steps`)
      again.log.close()
    }
  }
})

test('when the disk is full nothing is taken and nothing corrupts, and it goes on once there is room', () => {
  const data = start()
  let isFull = false
  const disk: Disk = {
    ...realDisk,
    write(file, bytes, position) {
      if (!isFull) return realDisk.write(file, bytes, position)
      realDisk.write(file, bytes.subarray(0, 100), position)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    },
  }
  const { log } = data.open(disk)
  fill(log, 1, 600)
  isFull = true
  assert.throws(() => fill(log, 601, 10), /ENOSPC/)
  assert.equal(log.size, 601)
  assert.deepEqual(data.verify().problems, [])
  isFull = false
  fill(log, 601, 700)
  assert.deepEqual([data.verify().problems, data.verify().size], [[], 1301])
  log.close()
  assert.equal(data.open().log.size, 1301)
})

test('after a clean end the journal can be gone; after any other the log says what it took from it', () => {
  const data = start()
  const first = data.open()
  fill(first.log, 1, 300)
  first.log.close()
  rmSync(join(data.dataDir, 'spool'), { recursive: true })
  const second = data.open()
  assert.deepEqual([second.log.size, second.nextN, second.recovered], [301, 301, 0])
  fill(second.log, 301, 5)
  // The machine went down: the log's own files had not reached the disk.
  rmSync(join(data.folder, 'checkpoint'))
  cpSync(join(data.folder, 'tile'), join(data.dataDir, 'kept'), { recursive: true })
  const journal = readFileSync(join(data.dataDir, 'spool', 'audit.journal'))
  assert.match(data.refusal(), /ends at entry 0, and 256 were written/)
  assert.deepEqual(readFileSync(join(data.dataDir, 'spool', 'audit.journal')), journal)
})

interface Spoil {
  readonly spoil: (data: TestLog, other: TestLog) => void
  readonly says: RegExp
}

const spoils: Readonly<Record<string, Spoil>> = {
  'a folder of something else': {
    spoil: ({ dataDir, folder }) => {
      rmSync(join(dataDir, 'spool'), { recursive: true })
      rmSync(join(folder, 'checkpoint'))
    },
    says: /holds "tile" but no checkpoint: this is not a log, or a part of one/,
  },
  'the checkpoint of another log': {
    spoil: ({ folder }, other) => cpSync(join(other.folder, 'checkpoint'), join(folder, 'checkpoint')),
    says: /is the log "weir\/\w+", and .*audit\.journal belongs to "weir\/\w+"/,
  },
  'the journal of another log': {
    spoil: ({ dataDir }, other) =>
      cpSync(join(other.dataDir, 'spool', 'audit.journal'), join(dataDir, 'spool', 'audit.journal')),
    says: /belongs to "weir\/\w+"/,
  },
  'the keys of another log': {
    spoil: ({ dataDir }, other) => {
      rmSync(join(dataDir, 'keys'), { recursive: true })
      cpSync(join(other.dataDir, 'keys'), join(dataDir, 'keys'), { recursive: true })
    },
    says: /does not hold the key that signs/,
  },
  'a log that was rolled back': {
    spoil: ({ dataDir, folder }) => {
      rmSync(folder, { recursive: true })
      renameSync(join(dataDir, 'older'), folder)
    },
    says: /ends at entry 11, and 512 were written: it was rolled back/,
  },
  'a log whose early tile was changed': {
    spoil: ({ folder }) => {
      const path = join(folder, 'tile/0/001')
      const bytes = readFileSync(path)
      bytes[40] = bytes[40]! ^ 1
      writeFileSync(path, bytes)
    },
    says: /does not have the root that its checkpoint signs: its files were changed/,
  },
  'a log whose tile is cut': {
    spoil: ({ folder }) => writeFileSync(join(folder, 'tile/0/000'), 'x'),
    says: /tile\/0\/000 is not a full tile/,
  },
  'a log whose tile is missing': {
    spoil: ({ folder }) => rmSync(join(folder, 'tile/0/000')),
    says: /ENOENT.*tile\/0\/000/,
  },
  'a journal that ends too early': {
    spoil: ({ dataDir }) => {
      const path = join(dataDir, 'spool', 'audit.journal')
      writeFileSync(path, readFileSync(path).subarray(0, 200))
    },
    says: /ends at entry 512, and 606 are signed: it was changed/,
  },
  'no checkpoint at all': {
    spoil: ({ folder }) => writeFileSync(join(folder, 'checkpoint'), 'hello'),
    says: /checkpoint is not a checkpoint/,
  },
}

for (const [what, { spoil, says }] of Object.entries(spoils)) {
  test(`${what} is refused with what does not fit, and nothing is changed`, () => {
    const [data, other] = [start(), start()]
    for (const { log } of [other.open(), data.open()]) fill(log, 1, 10)
    cpSync(data.folder, join(data.dataDir, 'older'), { recursive: true })
    const { log } = data.open()
    fill(log, 11, 595)
    log.settle()
    spoil(data, other)
    const before = snapshot(data.dataDir)
    assert.match(data.refusal(), says)
    assert.deepEqual(snapshot(data.dataDir), before)
  })
}

test('a log keeps its name: a configuration with another one is refused', () => {
  const data = start()
  data.open(realDisk, 'weir.example/log').log.close()
  assert.match(data.refusal('weir.example/other'), /is the log "weir.example\/log", and the configuration names/)
  assert.equal(data.open(realDisk, 'weir.example/log').log.origin, 'weir.example/log')
})

test(
  'what cannot be read for want of a permission is said',
  { skip: process.getuid?.() === 0 && 'root reads it all' },
  () => {
    const data = start()
    data.open().log.close()
    chmodSync(join(data.folder, 'checkpoint'), 0)
    assert.match(data.refusal(), /EACCES.*checkpoint/)
  },
)
