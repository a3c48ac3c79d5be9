import { createHmac } from 'node:crypto'
import type { Result } from '../core/result.ts'
import { headOf, isOfKeys, versionProblem, whatOf } from './verify-entries.ts'
import { KeyChain } from './verify-keys.ts'
import { type Checkpoint, decodeBase64 } from './verify-note.ts'
import { type Opened, openCheckpoint, rewritten, sinceProblem, witnessed } from './verify-since.ts'
import { leafHash, verifyConsistency, verifyInclusion } from './verify-tree.ts'
import { caveats, Findings, type Verdict, type VerifyOptions } from './verify-verdict.ts'

/** Part of the verifier: a bundle, which holds some entries of a log and the proof that each is in it. */
interface Bundle {
  readonly format: string
  readonly checkpoint: string
  /** By index. The first entry of the log and those that hand over its key are always among them. */
  readonly entries: readonly { readonly index: number; readonly entry: string; readonly proof: readonly string[] }[]
  /** That older logs are what this one starts with. */
  readonly consistency: readonly { readonly size: number; readonly root: string; readonly proof: readonly string[] }[]
  /** What some commitments stand for. */
  readonly openings: readonly { readonly kind: string; readonly value: string; readonly salt: string }[]
}

const FORMAT = 'weir-audit-bundle-1'
const fields = ['checkpoint', 'consistency', 'entries', 'format', 'openings']

export function verifyBundle(
  { key, since, witness, path, progress }: VerifyOptions,
  text: Result<string, string>,
): Verdict {
  const findings = new Findings()
  const { tell } = findings
  const bundle = text.ok ? parse(text.value) : text.error
  if (typeof bundle === 'string') {
    tell(path, bundle)
    return findings.verdict(null, null, [])
  }
  const signed = openCheckpoint(bundle.checkpoint)
  const earlier = since === null ? null : openCheckpoint(since.text)
  if (!signed.ok) tell('checkpoint', signed.error)
  if (earlier?.ok === false) tell(since!.name, earlier.error)
  if (!signed.ok || earlier?.ok === false) return findings.verdict(null, null, [])
  const { note, checkpoint } = signed.value
  const chain = new KeyChain((at, what) => tell(`entry ${at}`, what))
  let last = -1
  for (const [at, { index, entry, proof }] of bundle.entries.entries()) {
    const bytes = Buffer.from(entry)
    if (index <= last) tell(`entry ${index}`, 'stands behind one of a higher index')
    last = index
    if (!verifyInclusion(leafHash(bytes), index, checkpoint.size, hashes(proof), checkpoint.root)) {
      tell(`entry ${index}`, 'is not what the log holds there: it or its proof was changed')
    }
    const head = headOf(bytes)
    if (head === null) tell(`entry ${index}`, versionProblem(bytes))
    else if (isOfKeys(head.type) || index === 0) chain.read(index, head.type, whatOf(bytes))
    progress(at + 1, bundle.entries.length)
  }
  for (const what of chain.problemsOf(note, checkpoint.origin, key)) tell('checkpoint', what)
  for (const { size, root, proof } of bundle.consistency) {
    const [first] = hashes([root])
    if (verifyConsistency(size, checkpoint.size, hashes(proof), first!, checkpoint.root)) continue
    tell(`consistency from ${size}`, 'is not proven: the root or the proof was changed')
  }
  const old = earlier?.value ?? null
  if (old !== null) {
    const problem =
      sinceProblem(old, checkpoint, chain.keys, witness) ?? consistencyProblem(bundle, old.checkpoint, checkpoint)
    if (problem !== null) tell(since!.name, problem)
  }
  openings(bundle, tell)
  const seen = old === null || witness === null ? [] : [witnessed(old, witness)]
  return findings.verdict(checkpoint, chain.current, [...notesOf(bundle, key, old), ...seen])
}

function notesOf(bundle: Bundle, key: VerifyOptions['key'], old: Opened | null): readonly string[] {
  const { entries, openings } = bundle
  return [
    `holds ${entries.length} entries of the log, each proven to be in it; what else the log holds, a bundle cannot say`,
    ...caveats(key, old?.checkpoint ?? null),
    ...openings.map(({ kind, value }) => `${kind} ${JSON.stringify(value)} is opened`),
  ]
}

/** Roots that the bundle proves have been checked: the old one must be among them. */
function consistencyProblem({ consistency }: Bundle, old: Checkpoint, now: Checkpoint): string | null {
  const proven = consistency.find(({ size }) => size === old.size)
  const root = old.size === now.size ? now.root : proven === undefined ? undefined : hashes([proven.root])[0]
  if (root === undefined) {
    return `covers ${old.size} entries, and the bundle holds no proof from there: export it with --since`
  }
  return root.equals(old.root) ? null : rewritten(old)
}

/** A commitment is HMAC-SHA-256 under its salt over kind, newline and value. */
function openings({ entries, openings }: Bundle, tell: (where: string, what: string) => void): void {
  for (const { kind, value, salt } of openings) {
    // A salt that is no base64 opens nothing.
    const key = decodeBase64(salt) ?? Buffer.alloc(0)
    const seal = createHmac('sha256', key).update(`${kind}\n${value}`).digest('base64')
    const written = JSON.stringify({ kind, seal })
    if (!entries.some(({ entry }) => entry.includes(written))) {
      tell('openings', `${kind} ${JSON.stringify(value)} opens no commitment of these entries`)
    }
  }
}

const hashes = (proof: readonly string[]): Buffer[] =>
  proof.map((text) => {
    const bytes = decodeBase64(text)
    // What is no hash fits no proof.
    return bytes?.length === 32 ? bytes : Buffer.alloc(32)
  })

/** The text is what is wrong with it. */
function parse(text: string): Bundle | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'is neither the folder of a log nor a bundle'
  }
  if (!isObject(value) || value['format'] === undefined) return 'is not a bundle of a log'
  if (value['format'] !== FORMAT)
    return `has the format ${JSON.stringify(value['format'])}, and this verifier knows ${FORMAT}`
  if (Object.keys(value).sort().join() !== fields.join()) return `must hold ${fields.join(', ')}, and nothing else`
  const { entries, consistency, openings, checkpoint } = value
  const isWhole =
    typeof checkpoint === 'string' &&
    isListOf(entries, { index: isIndex, entry: isText, proof: isTexts }) &&
    isListOf(consistency, { size: isIndex, root: isText, proof: isTexts }) &&
    isListOf(openings, { kind: isText, value: isText, salt: isText })
  if (!isWhole) return 'is a bundle with parts that are missing or of the wrong kind'
  // Whatever is not said by its content is not said by its bytes either.
  if (`${canonical(value)}\n` !== text) return 'is not in canonical form (RFC 8785): something was put in or moved'
  return value as unknown as Bundle
}

type Fields = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): boolean => typeof value === 'string'
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText)
const isIndex = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

const isListOf = (value: unknown, shape: Readonly<Record<string, (inner: unknown) => boolean>>): boolean =>
  Array.isArray(value) &&
  value.every(
    (item) =>
      isObject(item) &&
      Object.keys(item).length === Object.keys(shape).length &&
      Object.entries(shape).every(([name, fits]) => fits(item[name])),
  )

/** RFC 8785 for values of text, whole numbers, lists and objects. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isObject(value)) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
}
