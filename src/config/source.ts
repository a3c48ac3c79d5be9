import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ok, err, type Result } from '../core/result.ts'
import type { Filling } from './fill.ts'
import { canRepeat, type Complaint, type Path } from './problem.ts'
import { inside, type Shape } from './shape.ts'
import { syntaxComplaint } from './syntax.ts'

/** A text that values come from: the configuration itself, a pack, a file of keys. */
export interface Origin {
  readonly file: string
  readonly text: string
  readonly lines: LineCounter
}

/** One value of the configuration, with the places to point at when it is wrong. */
export interface Spot {
  readonly origin: Origin
  /** From the root of the whole configuration. */
  readonly path: Path
  /** From the root of its own file, as its author sees it. */
  readonly shown: Path
  /** With variables, secrets and files filled in. */
  readonly value: unknown
  /** Text as it stands in the file, before anything is filled in. */
  readonly written: string | null
  /** Offsets in the file; null for what has no key, or no value. */
  readonly keyAt: number | null
  readonly valueAt: number | null
  /** What is wrong with it is said already; the value means nothing. */
  readonly broken: boolean
  /** In the order of the file. */
  readonly children: ReadonlyMap<string | number, Spot>
}

/** A complaint about a place in a text that is known already. */
export interface Placed extends Complaint {
  readonly origin: Origin
  readonly path: Path
  readonly offset: number
}

/** No configuration is deeper than five levels; beyond this one only mistakes and attacks go on. */
const MAX_DEPTH = 32
/** In one list or map: what is checked per entry adds up, and the schema library overflows on very long lists. */
const MAX_ENTRIES = 10_000
/** Values that may be reached through aliases, so that a few lines cannot stand for a million. */
const MAX_ALIASED = 10_000

/** Everything that a text says: a tree of values, or what keeps it from being YAML. */
export function readSource(
  written: string,
  file: string,
  shape: Shape | undefined,
  filling: Filling,
): Result<readonly [Spot, readonly Placed[]], readonly Placed[]> {
  const origin: Origin = { file, text: written.replace(/^\uFEFF/, ''), lines: new LineCounter() }
  const doc = parseYaml(origin)
  return doc.ok ? ok(readDocument(doc.value, origin, shape, filling)) : doc
}

/** The YAML itself: a document, or what keeps it from being one. */
function parseYaml(origin: Origin): Result<Document, readonly Placed[]> {
  const { text, lines } = origin
  const doc = parseDocument(text, {
    version: '1.2',
    stringKeys: true,
    // Duplicates are found while reading, in linear time and with the place of the first one.
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    lineCounter: lines,
    logLevel: 'error',
  })
  const found = new Map<number, Placed>()
  for (const { code, pos } of [...doc.errors, ...doc.warnings]) {
    // One mistake makes the parser stumble over the rest of its line as well.
    const { line } = lines.linePos(pos[0])
    if (found.has(line)) continue
    found.set(line, { origin, path: [], offset: pos[0], ...syntaxComplaint(code, lineAt(text, pos[0])) })
  }
  const directive = text.search(/^%YAML/m)
  if (found.size === 0 && directive >= 0 && doc.directives?.yaml.version !== '1.2') {
    const hint = 'remove the line; YAML 1.2 is read here'
    found.set(1, { origin, path: [], offset: directive, message: 'YAML: another version of it', hint })
  }
  return found.size === 0 ? ok(doc) : err([...found.values()])
}

/** Reads a document into values: filled in, aliases followed, duplicates named. */
function readDocument(
  doc: Document,
  origin: Origin,
  rootShape: Shape | undefined,
  filling: Filling,
): readonly [Spot, readonly Placed[]] {
  const found: Placed[] = []
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node>()
  /** Targets of the aliases that are being followed. */
  const open = new Set<Node>()
  let aliased = 0
  let saidTooMany = false

  function read(node: Node | null, path: Path, shape: Shape | undefined, keyAt: number | null): Spot {
    const valueAt = isWritten(node) ? node!.range![0] : null
    const place = { origin, path, shown: path, keyAt, valueAt }
    const spot: Spot = { ...place, value: null, written: null, broken: false, children: new Map() }
    const broken = (message: string, hint: string): Spot => {
      found.push({ origin, path, offset: valueAt ?? keyAt ?? 0, message, hint })
      return { ...spot, broken: true }
    }
    if (node === null) return spot
    if (open.size > 0 && ++aliased > MAX_ALIASED) return { ...spot, broken: true }
    if (path.length > MAX_DEPTH) return broken('nested too deeply', 'nothing in a configuration is this deep')
    if (isAlias(node)) {
      // Remembered where it is first met, because a later anchor can take over the name.
      const target = targets.get(node) ?? anchors.get(node.source)
      if (target === undefined) {
        return broken('YAML: an alias without an anchor', 'put text that starts with * in double quotes, as in "*"')
      }
      targets.set(node, target)
      if (open.has(target)) return broken('YAML: an alias that holds itself', 'write the value out')
      open.add(target)
      const { value, written, broken: isBroken, children } = read(target, path, shape, keyAt)
      open.delete(target)
      if (aliased > MAX_ALIASED && open.size === 0 && !saidTooMany) {
        saidTooMany = true
        return broken('YAML: aliases that stand for too many values', 'write the values out')
      }
      return { ...spot, value, written, broken: isBroken, children }
    }
    if ((isScalar(node) || isSeq(node) || isMap(node)) && node.anchor !== undefined) anchors.set(node.anchor, node)
    if (isScalar(node)) {
      if (typeof node.value !== 'string') return { ...spot, value: node.value }
      const { value, complaints } = filling.fill(node.value, shape)
      for (const { message, hint } of complaints) broken(message, hint)
      return { ...spot, written: node.value, value, broken: complaints.length > 0 }
    }
    if ((isSeq(node) || isMap(node)) && node.items.length > MAX_ENTRIES) {
      return broken(`more than ${MAX_ENTRIES} entries`, 'nothing in a configuration is this long')
    }
    if (isSeq<Node>(node)) {
      const items = node.items.map((item, i) => read(item, [...path, i], inside(shape, i), null))
      return { ...spot, value: items.map(({ value }) => value), children: new Map(items.entries()) }
    }
    if (!isMap<Node, Node | null>(node)) return spot
    const children = new Map<string, Spot>()
    const value: Record<string, unknown> = {}
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : ''
      const at = pair.key.range?.[0] ?? valueAt ?? 0
      const complaint = keyComplaint(key, children.get(key))
      if (complaint !== null)
        found.push({ origin, path: canRepeat(key) ? [...path, key] : path, offset: at, ...complaint })
      if (key === '__proto__' || children.has(key)) continue
      const child = read(pair.value, [...path, key], inside(shape, key), at)
      children.set(key, complaint === null ? child : { ...child, broken: true })
      value[key] = child.value
    }
    return { ...spot, value, children }
  }
  return [read(doc.contents, [], rootShape, null), found]
}

function keyComplaint(key: string, first: Spot | undefined): Complaint | null {
  if (first !== undefined) {
    const { line } = first.origin.lines.linePos(first.keyAt ?? 0)
    return { message: `the same key is on line ${line} already`, hint: 'keep one of the two' }
  }
  if (key === '__proto__') return { message: 'cannot be used as a name', hint: 'choose another one' }
  if (key.includes('${')) {
    return { message: 'environment variables are not filled in in names', hint: 'write the name itself' }
  }
  return null
}

function isWritten(node: Node | null): boolean {
  const range = node?.range
  return range !== null && range !== undefined && range[1] > range[0]
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const end = text.indexOf('\n', offset)
  return text.slice(start, Math.min(end < 0 ? text.length : end, start + 500))
}
