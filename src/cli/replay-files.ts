import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { fileSource, type Source, streamSource } from '../replay/source.ts'

/** The files around a replay. All of them are looked at before the first line is read. */

export const STANDARD_STREAM = '-'

export function openSources(paths: readonly string[], stdin: NodeJS.ReadStream): Result<readonly Source[], string> {
  if (paths.filter((path) => path === STANDARD_STREAM).length > 1) return err('-: standard input can be read once')
  const sources: Source[] = []
  for (const path of paths) {
    if (path === STANDARD_STREAM) sources.push(streamSource('standard input', stdin))
    else {
      const size = sizeOf(path)
      if (!size.ok) return err(`${path}: ${size.error}`)
      sources.push(fileSource(path, size.value))
    }
  }
  return ok(sources)
}

/** Null for a pipe, whose size nobody knows. */
function sizeOf(path: string): Result<number | null, string> {
  try {
    const stats = statSync(path)
    if (stats.isDirectory()) return err('is a folder; name the files inside it')
    accessSync(path, constants.R_OK)
    return ok(stats.isFile() ? stats.size : null)
  } catch (error) {
    return err(problemOf(error, 'read'))
  }
}

/** Opens the file that decisions go to, empty. It is never one that is about to be read. */
export function openOutput(path: string, inputs: readonly string[]): Result<number, string> {
  try {
    const old = statSync(path, { throwIfNoEntry: false })
    if (old?.isDirectory()) return err('is a folder')
    const isInput = (input: string): boolean => {
      const { dev, ino } = statSync(input)
      return old?.dev === dev && old.ino === ino
    }
    if (inputs.some((input) => input !== STANDARD_STREAM && isInput(input)))
      return err('is one of the files to be read')
    return ok(openSync(path, 'w'))
  } catch (error) {
    return err(problemOf(error, 'written'))
  }
}

const STATE_FILE = 'state.bin'

/** What an earlier run has left in the folder; null: nothing yet. */
export function loadState(folder: string): Result<Uint8Array | null, string> {
  const path = join(folder, STATE_FILE)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
    return ok(statSync(path, { throwIfNoEntry: false }) === undefined ? null : readFileSync(path))
  } catch (error) {
    return err(problemOf(error, 'used'))
  }
}

/** The new state takes the place of the old one whole: a run that is cut off leaves what was there before. */
export function saveState(folder: string, state: Uint8Array): string | null {
  const path = join(folder, STATE_FILE)
  const beside = `${path}.${process.pid}.new`
  try {
    try {
      const fd = openSync(beside, 'w')
      try {
        for (let at = 0; at < state.length;) at += writeSync(fd, state, at)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(beside, path)
    } finally {
      rmSync(beside, { force: true })
    }
    return null
  } catch (error) {
    return problemOf(error, 'written')
  }
}

export function problemOf(error: unknown, done: string): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  return code === 'ENOENT' && done === 'read' ? 'there is no such file' : `cannot be ${done} (${code})`
}
