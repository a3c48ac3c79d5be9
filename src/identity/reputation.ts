import { parseRange, type AddressRange } from './address.ts'
import { RangeIndex } from './range-index.ts'

/**
 * What is known about a caller from before: entries of the configuration, of lists and of operators about networks, ASNs,
 * TLS and client fingerprints, and keys. The worst entry in force counts: a good word never outweighs a bad one.
 */
export interface ReputationEntry {
  readonly subject: { readonly kind: 'cidr' | 'asn' | 'ja4' | 'key' | 'fingerprint'; readonly value: string }
  /** 0 is the worst, 100 the best, 50 says nothing. */
  readonly score: number
  /** null never ends. */
  readonly expiresAtMs: number | null
  readonly reason: string
  readonly source: 'config' | 'list' | 'operator'
}

export interface ReputationFacts {
  readonly ip: string
  readonly asn: number | null
  readonly ja4: string | null
  readonly keyId: string | null
  readonly fingerprint: string | null
}

export interface ReputationScore {
  readonly score: number
  /** Of the entries in force, the worst first. */
  readonly reasons: readonly string[]
}

const UNKNOWN: ReputationScore = Object.freeze({ score: 50, reasons: Object.freeze([]) })

/** What an event and an operator can read at a glance. */
const MAX_REASONS = 8

type Entries = readonly ReputationEntry[]

/** Scores callers against a fixed set of entries; a changed set is a new instance. */
export class Reputation {
  /** Entries that mean nothing, and therefore are not in force. */
  readonly problems: readonly string[]
  readonly #index: RangeIndex
  /** The entries about each node of the index. */
  readonly #networks: readonly Entries[]
  readonly #asns: ReadonlyMap<number, Entries>
  readonly #ja4s: ReadonlyMap<string, Entries>
  readonly #keys: ReadonlyMap<string, Entries>
  readonly #fingerprints: ReadonlyMap<string, Entries>

  constructor(entries: readonly ReputationEntry[]) {
    const problems: string[] = []
    const ranges: AddressRange[] = []
    const ofRange: ReputationEntry[] = []
    const asns = new Map<number, ReputationEntry[]>()
    const named: Named = { ja4: new Map(), key: new Map(), fingerprint: new Map() }
    for (const entry of worstFirst(entries)) {
      const { kind, value } = entry.subject
      const problem = (message: string): void => {
        problems.push(`${kind} ${JSON.stringify(value.slice(0, 64))}: ${message}`)
      }
      if (!(entry.score >= 0 && entry.score <= 100)) problem('the score is not a number from 0 to 100')
      else if (kind === 'cidr') {
        const range = parseRange(value)
        if (!range.ok) problem(range.error)
        else {
          ranges.push(range.value)
          ofRange.push(entry)
        }
      } else if (kind === 'asn') {
        const asn = asnOf(value)
        if (asn === null) problem('not an AS number')
        else add(asns, asn, entry)
      } else if (value === '') problem('the value is empty')
      else add(named[kind], value, entry)
    }
    this.problems = problems
    this.#index = new RangeIndex(ranges)
    const networks = Array.from(this.#index.parents, (): ReputationEntry[] => [])
    for (const [i, entry] of ofRange.entries()) networks[this.#index.nodes[i]!]!.push(entry)
    this.#networks = networks
    this.#asns = asns
    this.#ja4s = named.ja4
    this.#keys = named.key
    this.#fingerprints = named.fingerprint
  }

  score(facts: ReputationFacts, nowMs: number): ReputationScore {
    const { ip, asn, ja4, keyId, fingerprint } = facts
    let found: ReputationEntry[] | null = null
    for (let node = this.#index.find(ip); node >= 0; node = this.#index.parents[node]!) {
      found = inForce(this.#networks[node], nowMs, found)
    }
    if (asn !== null) found = inForce(this.#asns.get(asn), nowMs, found)
    if (ja4 !== null) found = inForce(this.#ja4s.get(ja4), nowMs, found)
    if (keyId !== null) found = inForce(this.#keys.get(keyId), nowMs, found)
    if (fingerprint !== null) found = inForce(this.#fingerprints.get(fingerprint), nowMs, found)
    if (found === null) return UNKNOWN
    const [worst, ...others] = worstFirst(found)
    const reasons = new Set([worst!.reason])
    for (let i = 0; i < others.length && reasons.size < MAX_REASONS; i++) reasons.add(others[i]!.reason)
    return { score: worst!.score, reasons: [...reasons] }
  }
}

type Named = Readonly<Record<'ja4' | 'key' | 'fingerprint', Map<string, ReputationEntry[]>>>

const worstFirst = (entries: Entries): ReputationEntry[] => entries.toSorted((a, b) => a.score - b.score)

/** Adds the worst entries in force; they come sorted, so that the few taken are the ones that matter. */
function inForce(entries: Entries | undefined, nowMs: number, found: ReputationEntry[] | null): typeof found {
  if (entries === undefined) return found
  let taken = 0
  for (let i = 0; i < entries.length && taken < MAX_REASONS; i++) {
    const entry = entries[i]!
    if (entry.expiresAtMs !== null && entry.expiresAtMs <= nowMs) continue
    found ??= []
    found.push(entry)
    taken++
  }
  return found
}

function add<K>(map: Map<K, ReputationEntry[]>, key: K, entry: ReputationEntry): void {
  const entries = map.get(key)
  if (entries === undefined) map.set(key, [entry])
  else entries.push(entry)
}

/** `AS64496` or `64496`; 0 is reserved (RFC 7607). */
function asnOf(value: string): number | null {
  const digits = /^(?:AS)?(\d{1,10})$/i.exec(value)?.[1]
  const asn = Number(digits ?? 0)
  return asn >= 1 && asn <= 0xffff_ffff ? asn : null
}
