/*
 * The room that turns weir.yaml into a frozen Config, or into a list of everything that keeps it from being one, each
 * with its place in a file and what to write instead. A file is taken whole or not at all. A load opens what the
 * configuration names and nothing else: packs that ship with Weir, a file of keys, files of certificates, prices, lists
 * and keys of issuers, and for secrets written as `file:` or `exec:` a file or a command (so checking a configuration runs
 * its commands). All of that goes through `Outside`, each with a cap. Nothing here may guess, fall back to a default for
 * something that was written, or repeat a secret; what the settings do is for the other rooms. `schema.ts` is the single
 * source of what can be written.
 */
import { dirname, resolve } from 'node:path'
import { err, ok, type Result } from '../core/result.ts'
import { checkWhole } from './check.ts'
import type { Config } from './config.ts'
import { explain } from './explain.ts'
import { createFilling } from './fill.ts'
import type { Env } from './interpolate.ts'
import { withKeysFile } from './keys-file.ts'
import { decode, type Outside, realOutside } from './outside.ts'
import { withPacks } from './packs.ts'
import { type Complaint, type ConfigProblem, type Finding, formatPath } from './problem.ts'
import { fileSchema, fileShape } from './schema.ts'
import { seal } from './seal.ts'
import { type Placed, readSource, type Spot } from './source.ts'
import { spotAt } from './spots.ts'
import { formatBytes } from './units.ts'

const MAX_FILE_BYTES = 1_048_576

type Loaded = Result<Config, readonly ConfigProblem[]>

export function loadConfig(path: string, env: Env = process.env, outside: Outside = realOutside): Loaded {
  const bytes = outside.readFile(path, MAX_FILE_BYTES)
  const text = bytes.ok ? decode(bytes.value) : bytes
  return text.ok ? load(text.value, path, env, outside, [resolve(path)]) : err([atStart(path, text.error)])
}

/** `file` is the name that problems are reported under; what the text names is looked for beside it. */
export function parseConfig(text: string, file: string, env: Env, outside: Outside = realOutside): Loaded {
  if (text.length > MAX_FILE_BYTES || Buffer.byteLength(text) > MAX_FILE_BYTES) return err([atStart(file, tooLarge)])
  return load(text, file, env, outside, [])
}

function load(text: string, file: string, env: Env, outside: Outside, sources: readonly string[]): Loaded {
  const shape = fileShape()
  const filling = createFilling(env, outside, dirname(file))
  const source = readSource(text, file, shape, filling)
  if (!source.ok) return err(problems(source.error, file))
  const [own, found] = source.value
  const [packed, inPacks] = withPacks(own, shape, outside)
  const [root, inKeys] = withKeysFile(packed, shape, filling)
  const parsed = fileSchema.safeParse(root.value ?? {})
  const findings = [...(parsed.success ? [] : explain(parsed.error.issues, root, shape)), ...checkWhole(root)]
  const placed = findings.filter(({ path }) => !isBroken(root, path)).map((finding) => place(finding, root))
  const all = [...found, ...inPacks, ...inKeys, ...placed]
  if (all.length > 0 || !parsed.success) return err(problems(all, file))

  // Objects put keys that look like whole numbers first; the order of models is the order of the file.
  const order = new Map([...root.children.get('models')!.children.keys()].map((pattern, i) => [String(pattern), i]))
  const models = parsed.data.models.toSorted((a, b) => order.get(a.pattern)! - order.get(b.pattern)!)
  const secretsRefreshMs = filling.hasOutsideSecrets ? parsed.data.secretsRefreshMs : null
  return ok(seal({ ...parsed.data, models, secretsRefreshMs, sources: [...sources, ...filling.sources] }))
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
function place({ path, at, unnamed, within, message, hint }: Finding, root: Spot): Placed {
  for (let length = path.length; length > 0; length--) {
    const spot = spotAt(root, path.slice(0, length))
    if (spot === null) continue
    const isParent = length < path.length
    const offset = at === 'key' || isParent ? (spot.keyAt ?? spot.valueAt) : (spot.valueAt ?? spot.keyAt)
    if (offset === null) continue
    const shown = [...spot.shown, ...path.slice(length)]
    const named = unnamed ? shown.slice(0, -1) : shown
    return { origin: spot.origin, path: named, offset: offset + inText(spot, within), message, hint }
  }
  return { origin: root.origin, path: unnamed ? path.slice(0, -1) : path, offset: 0, message, hint }
}

/** How far into the file a character of the value is; 0 where the two are not written alike. */
function inText({ origin, value, valueAt, written }: Spot, within: number | undefined): number {
  if (within === undefined || valueAt === null || written === null || written !== value) return 0
  for (const quote of [0, 1]) if (origin.text.startsWith(written, valueAt + quote)) return within + quote
  return 0
}

/** In the order of the text; those of the configuration itself first, then file by file. */
function problems(placed: readonly Placed[], file: string): readonly ConfigProblem[] {
  const files = [file, ...placed.map(({ origin }) => origin.file)]
  return [...placed]
    .sort((a, b) => files.indexOf(a.origin.file) - files.indexOf(b.origin.file) || a.offset - b.offset)
    .map(({ origin, path, offset, message, hint }) => {
      const { line, col } = origin.lines.linePos(offset)
      const [atLine, column] = [Math.max(1, line), Math.max(1, col)]
      return { file: origin.file, line: atLine, column, path: formatPath(path), message, hint }
    })
}

const atStart = (file: string, { message, hint }: Complaint): ConfigProblem => ({
  file,
  line: 1,
  column: 1,
  path: '',
  message,
  hint,
})

const tooLarge: Complaint = {
  message: `larger than ${formatBytes(MAX_FILE_BYTES)}`,
  hint: 'a configuration is a few pages of text; check the path',
}
