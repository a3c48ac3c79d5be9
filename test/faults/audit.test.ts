import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { startRecorder } from '../../src/audit/recorder.ts'
import { verifyLog } from '../../src/audit/verify.ts'
import { systemClock } from '../../src/core/clock.ts'
import { killOnce } from './audit-kills.ts'

const folders: string[] = []
const mounts: string[] = []
afterEach(() => {
  for (const mount of mounts.splice(0)) execFileSync('umount', [mount])
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'weir-audit-'))
  folders.push(made)
  return made
}

test('a writer killed at random moments under load has lost nothing acknowledged, and the log holds each time', async () => {
  const dataDir = folder()
  let acknowledged = 0
  let since: string | null = null
  // The bench does this 200 times.
  for (let round = 0; round < 6; round++) {
    const killed = await killOnce(dataDir, acknowledged, Math.random() * 150, since)
    assert.ok(killed.acknowledged > acknowledged)
    assert.deepEqual(killed.missing, [])
    assert.deepEqual(killed.reopened.problems, [])
    acknowledged = killed.acknowledged
    since = readFileSync(join(dataDir, 'audit', 'checkpoint'), 'utf8')
  }
})

/** A disk of a megabyte, where this machine lets one be mounted. */
function tinyDisk(): string | null {
  const mount = folder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount], { stdio: 'ignore' })
    mounts.push(mount)
    return mount
  } catch {
    return null
  }
}

test('a full disk is said, corrupts nothing, and what waited is written once there is room', async (t) => {
  const disk = tinyDisk()
  if (disk === null) return t.skip('needs to mount a tmpfs')
  const dataDir = join(disk, 'data')
  mkdirSync(dataDir)
  const said: string[] = []
  const started = await startRecorder({
    dataDir,
    origin: null,
    clock: systemClock,
    maxQueuedChars: 64 * 1024 * 1024,
    say: (_level, what) => void said.push(what),
  })
  assert.ok(started.ok)
  const log = started.value
  const path = join(dataDir, 'audit')
  const verify = () => verifyLog({ path, key: null, since: null, witness: null, progress() {} })
  const ballast = join(disk, 'ballast')
  writeFileSync(ballast, Buffer.alloc(500_000))
  const act = (n: number) =>
    ({ type: 'admin', what: { act: `act-${n}`, by: 'control', detail: { text: 'x'.repeat(20_000) } } }) as const
  let done = 0
  await assert.rejects(async () => {
    for (; done < 100; done++) await log.appendDurably(act(done))
  }, /not on record yet: .*(ENOSPC|full)/)
  assert.ok(done > 1 && !log.isWriting)
  assert.match(log.stats.trouble ?? '', /ENOSPC|full/)
  assert.deepEqual(
    verify().problems.filter(({ where }) => where !== 'checkpoint' && !where.startsWith('tile/')),
    [],
  )
  rmSync(ballast)
  for (let waited = 0; !log.isWriting && waited < 3000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await log.appendDurably(act(100))
  const verdict = verify()
  // The first entry, those acknowledged, the one that was not and waited, and the last.
  assert.deepEqual([verdict.problems, verdict.size], [[], 1 + done + 2])
  assert.deepEqual(said, ['audit_not_writing', 'audit_writing_again'])
  await log.close()
})
