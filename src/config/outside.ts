import { execFileSync } from 'node:child_process'
import { accessSync, closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { err, ok, type Result } from '../core/result.ts'
import type { Complaint } from './problem.ts'
import { formatBytes } from './units.ts'

/** The world beyond the text of a configuration, handed in so that a load depends on its arguments only. */
export interface Outside {
  /** Not more than `maxBytes`; a longer file is refused. */
  readFile(path: string, maxBytes: number): Result<Uint8Array, Complaint>
  /** Whether a file can be opened, without reading it. */
  exists(path: string): Complaint | null
  /** What a command prints. It gets no shell and no input, and its own words about a failure are thrown away. */
  run(command: string, args: readonly string[]): Result<string, Complaint>
}

const CHUNK_BYTES = 65_536
export const MAX_PRINTED_BYTES = 65_536
const COMMAND_TIMEOUT_MS = 5000

/** Real files and real commands. */
export const realOutside: Outside = { readFile, exists, run }

function readFile(path: string, maxBytes: number): Result<Uint8Array, Complaint> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    const fd = openSync(path, 'r')
    try {
      if (fstatSync(fd).isDirectory()) return err({ message: 'is a directory', hint: 'name the file inside it' })
      // Never more than the cap, whatever the file says about its size.
      for (let n = 1; n > 0 && size <= maxBytes; size += n) {
        const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
        n = readSync(fd, chunk, 0, CHUNK_BYTES, null)
        chunks.push(chunk.subarray(0, n))
      }
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    return err(unreadable(error))
  }
  if (size <= maxBytes) return ok(Buffer.concat(chunks))
  return err({ message: `larger than ${formatBytes(maxBytes)}`, hint: 'check the path: nothing that is read here is' })
}

function exists(path: string): Complaint | null {
  try {
    accessSync(path, constants.R_OK)
    return null
  } catch (error) {
    return unreadable(error)
  }
}

function unreadable(error: unknown): Complaint {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  if (code === 'ENOENT') return { message: 'there is no such file', hint: 'check the path, or create the file' }
  return { message: `cannot be read (${code})`, hint: 'check the path and the permissions of the file' }
}

function run(command: string, args: readonly string[]): Result<string, Complaint> {
  try {
    const printed = execFileSync(command, args, {
      encoding: 'utf8',
      timeout: COMMAND_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_PRINTED_BYTES,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return ok(printed.trim())
  } catch (error) {
    const { code, status } = error as { readonly code?: string; readonly status?: number | null }
    const how =
      code === 'ETIMEDOUT'
        ? `took longer than ${COMMAND_TIMEOUT_MS / 1000} seconds`
        : code === 'ENOBUFS'
          ? `printed more than ${formatBytes(MAX_PRINTED_BYTES)}`
          : typeof status === 'number'
            ? `ended with ${status}`
            : `cannot be run (${code ?? 'unknown error'})`
    return err({ message: `the command ${how}`, hint: 'run it by hand as the user that Weir runs as' })
  }
}

/** UTF-8 and nothing else. */
export function decode(bytes: Uint8Array): Result<string, Complaint> {
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return err({ message: 'not UTF-8', hint: 'save the file as UTF-8' })
  }
}
