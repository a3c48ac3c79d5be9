import { systemClock } from './core/clock.ts'
import { type Recorder, startRecorder } from './audit/recorder.ts'
import type { Config } from './config/config.ts'
import { ok, type Result } from './core/result.ts'
import type { ServeOptions } from './serve.ts'

/** Opens the log of a `data_dir` and says what it found there. The error is for the operator. */
export async function openEvidence(
  config: Config,
  dataDir: string,
  say: ServeOptions['say'],
): Promise<Result<Recorder, string>> {
  const started = await startRecorder({ dataDir, origin: config.audit.origin, clock: systemClock, say })
  if (!started.ok) return started
  const log = started.value
  const { isNew, size, recovered, tornBytes } = log.start
  say('info', isNew ? 'audit_log_made' : 'audit_log_opened', { origin: log.origin, size, key: log.stats.vkey })
  if (recovered > 0) say('warn', 'audit_entries_recovered', { entries: recovered })
  if (tornBytes > 0) say('warn', 'audit_tail_torn', { bytes: tornBytes })
  log.append({ type: 'config_loaded', what: { hash: config.hash, before: null, why: 'start' } })
  return ok(log)
}
