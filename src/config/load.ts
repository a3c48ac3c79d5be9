/*
 * The room that turns weir.yaml into a frozen Config, or into a list of everything that keeps it from being one, each
 * with its place in the file and what to write instead. A file is taken whole or not at all. Nothing here may guess,
 * fall back to a default for something that was written, repeat a secret, or open anything but the file itself; what the
 * settings do is for the other rooms. `schema.ts` is the single source of what can be written.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { LineCounter } from 'yaml'
import { err, ok, type Result } from '../core/result.ts'
import { checkWhole } from './check.ts'
import type { Config } from './config.ts'
import { explain, spotAt } from './explain.ts'
import type { Env } from './interpolate.ts'
import { type Complaint, type ConfigProblem, type Finding, formatPath } from './problem.ts'
import { fileSchema } from './schema.ts'
import { seal } from './seal.ts'
import { fileShape } from './shape.ts'
import { parseYaml, type Placed, readSource, type Spot } from './source.ts'

const MAX_FILE_BYTES = 1_048_576

export function loadConfig(path: string, env: Env = process.env): Result<Config, readonly ConfigProblem[]> {
  const text = readText(path)
  return text.ok ? parseConfig(text.value, path, env) : err([atStart(path, text.error)])
}

/** `file` is the name that problems are reported under. */
export function parseConfig(text: string, file: string, env: Env): Result<Config, readonly ConfigProblem[]> {
  if (text.length > MAX_FILE_BYTES || Buffer.byteLength(text) > MAX_FILE_BYTES) return err([atStart(file, tooLarge)])
  const lines = new LineCounter()
  const doc = parseYaml(text.replace(/^\uFEFF/, ''), lines)
  if (!('contents' in doc)) return err(problems(doc, file, lines))

  const shape = fileShape()
  const [root, found] = readSource(doc, env, shape, lines)
  const parsed = fileSchema.safeParse(root.value ?? {})
  const findings = [...(parsed.success ? [] : explain(parsed.error.issues, root, shape)), ...checkWhole(root)]
  const placed = findings.filter(({ path }) => !isBroken(root, path)).map((finding) => place(finding, root))
  if (found.length > 0 || placed.length > 0 || !parsed.success) return err(problems([...found, ...placed], file, lines))

  // Objects put keys that look like whole numbers first; the order of models is the order of the file.
  const order = new Map([...root.children.get('models')!.children.keys()].map((pattern, i) => [String(pattern), i]))
  const models = parsed.data.models.toSorted((a, b) => order.get(a.pattern)! - order.get(b.pattern)!)
  return ok(seal({ ...parsed.data, models }))
}

function isBroken(root: Spot, path: Finding['path']): boolean {
  let spot: Spot | undefined = root
  for (const step of path) {
    if (spot?.broken) return true
    spot = spot?.children.get(step)
  }
  return spot?.broken ?? false
}

/** What is missing is pointed at where it should be: at the nearest parent that is written. */
function place({ path, at, unnamed, message, hint }: Finding, root: Spot): Placed {
  const shown = unnamed ? path.slice(0, -1) : path
  for (let length = path.length; length > 0; length--) {
    const spot = spotAt(root, path.slice(0, length))
    if (spot === null) continue
    const isParent = length < path.length
    const offset = at === 'key' || isParent ? (spot.keyAt ?? spot.valueAt) : (spot.valueAt ?? spot.keyAt)
    if (offset !== null) return { path: shown, offset, message, hint }
  }
  return { path: shown, offset: 0, message, hint }
}

function problems(placed: readonly Placed[], file: string, lines: LineCounter): readonly ConfigProblem[] {
  return [...placed]
    .sort((a, b) => a.offset - b.offset)
    .map(({ path, offset, message, hint }) => {
      const { line, col } = lines.linePos(offset)
      return { file, line: Math.max(1, line), column: Math.max(1, col), path: formatPath(path), message, hint }
    })
}

const atStart = (file: string, complaint: Complaint): ConfigProblem => ({
  file,
  line: 1,
  column: 1,
  path: '',
  ...complaint,
})

const tooLarge: Complaint = {
  message: 'larger than 1 MiB',
  hint: 'a configuration is a few pages of text; check the path',
}

function readText(path: string): Result<string, Complaint> {
  const bytes = Buffer.alloc(MAX_FILE_BYTES + 1)
  let size = 0
  try {
    const fd = openSync(path, 'r')
    try {
      if (fstatSync(fd).isDirectory()) return err({ message: 'is a directory', hint: 'name the file inside it' })
      // Never more than the cap, whatever the file says about its size.
      for (let n = 1; n > 0 && size < bytes.length; size += n) n = readSync(fd, bytes, size, bytes.length - size, null)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
    if (code === 'ENOENT') return err({ message: 'there is no such file', hint: 'check the path, or create the file' })
    return err({ message: `cannot be read (${code})`, hint: 'check the path and the permissions of the file' })
  }
  if (size > MAX_FILE_BYTES) return err(tooLarge)
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, size)))
  } catch {
    return err({ message: 'not UTF-8', hint: 'save the file as UTF-8' })
  }
}
