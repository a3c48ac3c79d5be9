import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { readCalibration, type Calibration } from '../honest-logs.ts'
import { problemOf } from './replay-files.ts'

const MAX_BYTES = 64 * 1024 * 1024

/**
 * Looks at the file that a calibration goes to before anything is read: it is one that can be written, none of the logs, and
 * nothing that would be missed. Gives the calibration that it holds; null: none.
 */
export function openOut(path: string, inputs: readonly string[]): Result<Calibration | null, string> {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats?.isDirectory() === true) return err('is a folder')
    if (stats !== undefined && !stats.isFile()) return err('is not a file')
    accessSync(dirname(path), constants.W_OK)
    if (stats === undefined) return ok(null)
    const isInput = (input: string): boolean => {
      const { dev, ino } = statSync(input)
      return stats.dev === dev && stats.ino === ino
    }
    if (inputs.some(isInput)) return err('is one of the files to be read')
    if (stats.size === 0) return ok(null)
    if (stats.size > MAX_BYTES) return err('is there already and too large for a calibration; it is left as it is')
    const read = readCalibration(readFileSync(path, 'utf8'))
    return read.ok ? read : err(`is there already and ${read.error}; it is left as it is`)
  } catch (error) {
    return err(problemOf(error, 'written'))
  }
}
