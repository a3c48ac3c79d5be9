import { systemClock } from '../../src/core/clock.ts'
import { sealed } from '../../src/core/record-log.ts'
import { startRecorder } from '../../src/audit/recorder.ts'

/**
 * A process that writes a log as fast as it is taken, until it is killed: automatic entries all the time, and acts whose
 * numbers it prints once they are acknowledged.
 */
const started = await startRecorder({
  dataDir: process.argv[2]!,
  origin: null,
  clock: systemClock,
  maxQueuedChars: 64 * 1024 * 1024,
  say() {},
})
if (!started.ok) throw new Error(started.error)
const log = started.value
const from = Number(process.argv[3])

const pour = (): void => {
  if (log.stats.queued < 500) {
    for (let i = 0; i < 50; i++) {
      const account = sealed('account', `account-${i}`)
      log.append({ type: 'decision', what: { account, action: 'throttle', text: 'x'.repeat(4 * i) } })
    }
  }
  setImmediate(pour)
}
pour()
for (let act = from; ; act++) {
  await log.appendDurably({ type: 'admin', what: { act: `act-${act}`, by: 'control', detail: {} } })
  process.stdout.write(`${act}\n`)
}
