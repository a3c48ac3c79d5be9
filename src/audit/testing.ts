import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Disk, realDisk } from './disk.ts'
import { encode } from './entry.ts'
import type { Log } from './log.ts'
import { type Opened, openLog } from './open-log.ts'
import { type Verdict, verifyLog } from './verify.ts'
import type { VerifyOptions } from './verify-verdict.ts'
import { placesIn } from './writer.ts'

/** For tests: a data folder with a log in it, without a thread. */
export interface TestLog {
  readonly dataDir: string
  readonly folder: string
  open(disk?: Disk, origin?: string | null): Opened
  /** The error of an open that must fail. */
  refusal(origin?: string | null): string
  verify(over?: Partial<VerifyOptions>): Verdict
  remove(): void
}

export function testLog(): TestLog {
  const dataDir = mkdtempSync(join(tmpdir(), 'weir-log-'))
  const places = placesIn(dataDir)
  const attempt = (disk: Disk, origin: string | null): ReturnType<typeof openLog> =>
    openLog({ places, keys: places.keys, origin, disk, nowMs: 1_800_000_000_000 })
  return {
    dataDir,
    folder: places.log,
    open(disk = realDisk, origin = null) {
      const opened = attempt(disk, origin)
      if (!opened.ok) throw new Error(opened.error)
      return opened.value
    },
    refusal(origin = null) {
      const opened = attempt(realDisk, origin)
      if (opened.ok) throw new Error('it opened')
      return opened.error
    },
    verify: (over) => verifyLog({ path: places.log, key: null, since: null, witness: null, progress() {}, ...over }),
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  }
}

/** An entry of about 140 bytes. */
export const entryOf = (n: number, type = 'decision'): Buffer =>
  encode({ n, t: 1_800_000_000_000 + n, type, v: 1, what: { account: `account-${n % 97}`, action: 'throttle', n } })

/** Appends so many entries, in groups. */
export function fill(log: Log, from: number, count: number, group = 256): void {
  for (let at = 0; at < count; at += group) {
    const size = Math.min(group, count - at)
    log.append(Array.from({ length: size }, (_, i) => entryOf(from + at + i)))
  }
  log.publish()
}
