import { isAbsolute, resolve } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { type Env, interpolate } from './interpolate.ts'
import { decode, type Outside } from './outside.ts'
import type { Complaint } from './problem.ts'
import { type Shape, takesNumber } from './shape.ts'

/** What a text of the file stands for once variables, secrets and files are filled in. */
export interface Filled {
  readonly value: unknown
  readonly complaints: readonly Complaint[]
}

/** Turns written text into values, and remembers what it had to open for that. */
export interface Filling {
  fill(written: string, shape: Shape | undefined): Filled
  /** Absolute paths of all files that were asked for, whether they could be read or not. */
  readonly sources: ReadonlySet<string>
  /** Whether a secret came from a file or a command. */
  readonly hasOutsideSecrets: boolean
}

/** A file that the configuration names. A class, so that no map in the YAML can pass for one. */
export class FoundFile {
  readonly path: string
  /** Empty where only the existence was asked for. */
  readonly text: string
  constructor(path: string, text: string) {
    this.path = path
    this.text = text
  }
}

const MAX_SECRET_BYTES = 65_536

/** Paths are taken from `folder`, the one that the configuration file is in. */
export function createFilling(env: Env, outside: Outside, folder: string): Filling {
  const sources = new Set<string>()
  let hasOutsideSecrets = false

  const readText = (written: string, maxBytes: number): Result<FoundFile, Complaint> => {
    if (written === '' || written.includes('\0')) {
      return err({ message: 'not a path', hint: 'write the path of a file, from the folder of the configuration' })
    }
    const path = resolve(folder, written)
    sources.add(path)
    if (maxBytes === 0) {
      const complaint = outside.exists(path)
      return complaint === null ? ok(new FoundFile(path, '')) : err(complaint)
    }
    const bytes = outside.readFile(path, maxBytes)
    if (!bytes.ok) return bytes
    const text = decode(bytes.value)
    return text.ok ? ok(new FoundFile(path, text.value)) : text
  }

  const secret = (reference: string): Result<string, Complaint> => {
    hasOutsideSecrets = true
    if (reference.startsWith('file:')) {
      const file = readText(reference.slice('file:'.length), MAX_SECRET_BYTES)
      return file.ok ? ok(file.value.text.replace(/\r?\n$/, '')) : file
    }
    const [command = '', ...args] = reference.slice('exec:'.length).trim().split(/\s+/)
    if (isAbsolute(command)) return outside.run(command, args)
    return err({ message: 'not the absolute path of a command', hint: 'write for instance exec:/usr/bin/pass weir' })
  }

  return {
    sources,
    get hasOutsideSecrets() {
      return hasOutsideSecrets
    },
    fill(written, shape) {
      const { text, whole, complaints } = interpolate(written, env)
      if (complaints.length > 0) return { value: text, complaints }
      if (shape?.writeOnly === true && isReference(text)) {
        // Who can set a variable has not thereby been allowed to run commands.
        const result = isReference(written) ? secret(text) : err(followed)
        return result.ok ? { value: result.value, complaints } : { value: null, complaints: [result.error] }
      }
      if (shape?.fileBytes !== undefined) {
        const file = readText(text, shape.fileBytes)
        return file.ok ? { value: file.value, complaints } : { value: null, complaints: [file.error] }
      }
      const isNumber = whole && takesNumber(shape) && /^-?\d+(\.\d+)?$/.test(text)
      return { value: isNumber ? Number(text) : text, complaints }
    },
  }
}

const isReference = (text: string): boolean => /^(?:file|exec):/.test(text)

const followed: Complaint = {
  message: 'the variable holds "file:" or "exec:", which is followed only where it is written in the file',
  hint: 'write "file:${NAME}", with the path alone in the variable',
}

/** Fills in nothing: for texts that ship with the program. */
export const noFilling: Filling = {
  sources: new Set(),
  hasOutsideSecrets: false,
  fill: (written) => ({ value: written, complaints: [] }),
}
