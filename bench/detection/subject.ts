import type { Calibration } from '../../src/core/calibration.ts'
import type { RecordedExchange } from '../../src/core/recorded.ts'
import { Replaying, replayOptions } from '../../src/detect.ts'
import { Judge } from '../../src/judging.ts'
import { calibrate } from './calibrate.ts'
import { absent, openData } from './data.ts'

/** What the bench judges: it is given exchanges in the order of time, and says what each would have met. */
export interface Subject {
  readonly judge: (exchange: RecordedExchange) => Verdict
}

export interface Verdict {
  readonly action: string
  readonly evidence: number
  readonly level: string
}

const calibrations = new Map<string, Calibration>()

/**
 * The detector as `weir replay` runs it, measured against honest accounts that are not in the test: the calibration's third
 * of the sources. `without`: the honest class that its calibration must not know.
 */
export function createSubject({ without = null }: { readonly without?: string | null } = {}): Subject {
  const data = openData()
  if (data === null) throw new Error(absent)
  let calibration = calibrations.get(without ?? '')
  if (calibration === undefined) {
    calibration = calibrate(data, 'calibration', without, 'the calibration third of the bench')
    calibrations.set(without ?? '', calibration)
  }
  const judge = new Replaying(new Judge(replayOptions(calibration)))
  return { judge: (exchange) => judge.judge(exchange) }
}
