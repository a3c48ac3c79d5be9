import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { type Env, interpolate } from './interpolate.ts'
import { canRepeat, type Complaint, type Path } from './problem.ts'
import { inside, type Shape, takesNumber } from './shape.ts'
import { syntaxComplaint } from './syntax.ts'

/** One value of the file, with the places to point at when it is wrong. */
export interface Spot {
  readonly path: Path
  /** With environment variables filled in. */
  readonly value: unknown
  /** Text as it stands in the file, before variables are filled in. */
  readonly written: string | null
  /** Offsets in the file; null for what has no key, or no value. */
  readonly keyAt: number | null
  readonly valueAt: number | null
  /** What is wrong with it is said already; the value means nothing. */
  readonly broken: boolean
  /** In the order of the file. */
  readonly children: ReadonlyMap<string | number, Spot>
}

/** A complaint about a place in the text that is known already. */
export interface Placed extends Complaint {
  readonly path: Path
  readonly offset: number
}

/** No configuration is deeper than five levels; beyond this one only mistakes and attacks go on. */
const MAX_DEPTH = 32
/** In one list or map: what is checked per entry adds up, and the schema library overflows on very long lists. */
const MAX_ENTRIES = 10_000
/** Values that may be reached through aliases, so that a few lines cannot stand for a million. */
const MAX_ALIASED = 10_000

/** The YAML itself: a document, or what keeps it from being one. */
export function parseYaml(text: string, lines: LineCounter): Document | readonly Placed[] {
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
    if (!found.has(line)) found.set(line, { path: [], offset: pos[0], ...syntaxComplaint(code, lineAt(text, pos[0])) })
  }
  const directive = text.search(/^%YAML/m)
  if (found.size === 0 && directive >= 0 && doc.directives?.yaml.version !== '1.2') {
    const hint = 'remove the line; YAML 1.2 is read here'
    found.set(1, { path: [], offset: directive, message: 'YAML: another version of it', hint })
  }
  return found.size === 0 ? doc : [...found.values()]
}

/** Reads a document into values: variables filled in, aliases followed, duplicates named. */
export function readSource(doc: Document, env: Env, shape: Shape, lines: LineCounter): [Spot, readonly Placed[]] {
  const found: Placed[] = []
  const anchors = new Map<string, Node>()
  const targets = new Map<Node, Node>()
  /** Targets of the aliases that are being followed. */
  const open = new Set<Node>()
  let aliased = 0
  let saidTooMany = false

  function read(node: Node | null, path: Path, shape: Shape | undefined, keyAt: number | null): Spot {
    const valueAt = isWritten(node) ? node!.range![0] : null
    const spot: Spot = { path, keyAt, valueAt, value: null, written: null, broken: false, children: new Map() }
    const broken = (message: string, hint: string): Spot => {
      found.push({ path, offset: valueAt ?? keyAt ?? 0, message, hint })
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
      const { text, whole, complaints } = interpolate(node.value, env)
      for (const { message, hint } of complaints) broken(message, hint)
      const isNumber = whole && takesNumber(shape) && /^-?\d+(\.\d+)?$/.test(text)
      return { ...spot, written: node.value, value: isNumber ? Number(text) : text, broken: complaints.length > 0 }
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
      const complaint = keyComplaint(key, children.get(key), lines)
      if (complaint !== null) found.push({ path: canRepeat(key) ? [...path, key] : path, offset: at, ...complaint })
      if (key === '__proto__' || children.has(key)) continue
      const child = read(pair.value, [...path, key], inside(shape, key), at)
      children.set(key, complaint === null ? child : { ...child, broken: true })
      value[key] = child.value
    }
    return { ...spot, value, children }
  }
  return [read(doc.contents, [], shape, null), found]
}

function keyComplaint(key: string, first: Spot | undefined, lines: LineCounter): Complaint | null {
  if (first !== undefined) {
    const { line } = lines.linePos(first.keyAt ?? 0)
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
