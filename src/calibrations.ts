import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DetectionConfig } from './config/config.ts'
import type { Calibration } from './core/calibration.ts'
import { err, ok, type Result } from './core/result.ts'
import { POOLED } from './risk/calibration.ts'
import { readCalibration } from './risk/calibration-file.ts'

/** Which honest accounts evidence is measured against: the operator's own, else those that ship. */
export function calibrationOf({ calibration }: DetectionConfig): Result<Calibration, string> {
  if (calibration === null) return ok(defaultCalibration())
  const read = readCalibration(calibration.text)
  if (!read.ok) return err(`${calibration.path} ${read.error}`)
  // Everybody is judged by it who is not declared to be something else.
  return accountsIn(read.value) > 0 ? read : err(`${calibration.path} has no accounts in its segment "${POOLED}"`)
}

export const accountsIn = ({ segments }: Calibration): number => segments.get(POOLED)?.scores.length ?? 0

/** Some hundred kilobytes to parse, and never another. */
let shipped: Calibration | null = null

/** What ships with the program: numbers of the honest accounts of public conversations, chats and templates. */
export function defaultCalibration(): Calibration {
  if (shipped !== null) return shipped
  const path = join(import.meta.dirname, 'risk', 'default-calibration.json')
  const read = readCalibration(readFileSync(path, 'utf8'))
  if (!read.ok) throw new Error(`${path} ${read.error}`)
  return (shipped = read.value)
}
