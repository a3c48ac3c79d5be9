import { join } from 'node:path'
import { type AnchorStats, startAnchors } from './audit/anchors.ts'
import { type Recorder, type RecorderOptions, startRecorder } from './audit/recorder.ts'
import type { Config } from './config/config.ts'
import { systemClock } from './core/clock.ts'
import { ok, type Result } from './core/result.ts'
import { postBytes } from './gateway/post-bytes.ts'
import { refreshEvery } from './refresh.ts'

/** The memory that entries may take while the disk does not. */
const MAX_QUEUED_CHARS = 64 * 1024 * 1024

/** The log of a running Weir, and the rounds in which others get to see it. */
export interface Evidence extends Recorder {
  readonly anchors: AnchorStats
  /** Puts on record how many events were lost before they came here, as far as this counts them. */
  watch(lostEvents: () => number): void
}

/** How often it is looked whether events were lost. */
const LOST_EVERY_MS = 1000

/** Opens the log of a `data_dir` and says what it found there. The error is for the operator. */
export async function openEvidence(
  config: Config,
  dataDir: string,
  say: RecorderOptions['say'],
): Promise<Result<Evidence, string>> {
  const { origin, witnesses, anchor, everyMs } = config.audit
  const anchors = startAnchors({
    log: join(dataDir, 'audit'),
    folder: join(dataDir, 'anchors'),
    copyTo: anchor.folder,
    timestampUrl: anchor.timestampUrl,
    witnesses,
    post: postBytes,
    say,
  })
  if (!anchors.ok) return anchors
  const started = await startRecorder({ dataDir, origin, clock: systemClock, maxQueuedChars: MAX_QUEUED_CHARS, say })
  if (!started.ok) return started
  const log = started.value
  const { isNew, size, recovered, tornBytes } = log.start
  say('info', isNew ? 'audit_log_made' : 'audit_log_opened', { origin: log.origin, size, key: log.stats.vkey })
  if (recovered > 0) say('warn', 'audit_entries_recovered', { entries: recovered })
  if (tornBytes > 0) say('warn', 'audit_tail_torn', { bytes: tornBytes })
  log.append({ type: 'config_loaded', what: { hash: config.hash, before: null, why: 'start' } })
  const isAnchored = witnesses.length > 0 || anchor.folder !== null || anchor.timestampUrl !== null
  const { round, stats } = anchors.value
  const attempt = (): void =>
    void round().catch((error: unknown) => say('warn', 'audit_anchor_failed', { problem: String(error) }))
  if (isAnchored) attempt()
  const stop = isAnchored ? refreshEvery(systemClock, () => everyMs, attempt) : null
  let seen = 0
  let lostEvents = (): number => 0
  const sayLost = (): void => {
    const count = lostEvents() - seen
    if (count > 0) log.append({ type: 'events_lost', what: { count } })
    seen += count
  }
  const stopWatching = refreshEvery(systemClock, () => LOST_EVERY_MS, sayLost)
  return ok({
    ...log,
    // Spreading would have read these once.
    get isWriting() {
      return log.isWriting
    },
    get stats() {
      return log.stats
    },
    anchors: stats,
    watch(count) {
      lostEvents = count
    },
    close() {
      stop?.()
      stopWatching()
      sayLost()
      return log.close()
    },
  })
}
