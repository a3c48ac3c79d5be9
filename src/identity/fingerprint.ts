import { createHmac } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { agentOf, googleAgentOf, languages } from './agents.ts'
import { contradictionsIn, stainlessHeaders, type Claims } from './consistency.ts'
import { isProgramField, isProgramHeader, stableTls } from './fingerprint-parts.ts'
import { majorMinor, productsOf } from './user-agent.ts'

/**
 * Which program is calling, as far as its requests show without looking at what it says: the same program has the same
 * fingerprint whichever key, account or address it uses. All of it can be forged by who knows how, so equal fingerprints
 * are a reason to look closer, and neither they nor an inconsistency ever block by themselves.
 */
export interface FingerprintInput {
  /** In lower case, in the order sent, with duplicates. */
  readonly headerNames: readonly string[]
  header(name: string): string | undefined
  /** The top-level fields of a JSON body. */
  readonly fields: readonly string[]
  readonly endpoint: string
  readonly ja3: string | null
  readonly ja4: string | null
}

export interface ClientFingerprint {
  /** `fp_` and 16 hexadecimal digits. */
  readonly id: string
  /**
   * `openai-node/7.55`, `other`, or null of a client that says nothing. The families are a fixed list, the version is the
   * client's word: count by family, never by the whole.
   */
  readonly sdk: string | null
  readonly consistent: boolean
  /** Words of the fixed list in consistency.ts. */
  readonly inconsistencies: readonly string[]
}

/** What is looked at; the rest of a longer request changes nothing. */
const MAX_HEADERS = 64
const MAX_HEADERS_SEEN = 256
const MAX_FIELDS = 64
const MAX_NAME_CHARS = 48
const MAX_AGENT_CHARS = 256
const MAX_VALUE_CHARS = 64

/** A client takes some 600 characters. One above the cap is worked out anew each time, so that all take 16 MB at most. */
const MAX_KNOWN = 2048
const MAX_KNOWN_KEY_CHARS = 4096
const MIN_KEY_BYTES = 16

const claimHeaders: readonly string[] = [
  'user-agent',
  'x-goog-api-client',
  ...stainlessHeaders.map((name) => `x-stainless-${name}`),
]

/** Fingerprints under one key: without it, nobody can work out or look up an id that they would like to have. */
export class Fingerprinter {
  readonly #key: Uint8Array
  readonly #known = new LRUCache<string, ClientFingerprint>({ max: MAX_KNOWN })

  constructor(key: Uint8Array) {
    if (key.byteLength < MIN_KEY_BYTES) throw new RangeError(`a fingerprint key has at least ${MIN_KEY_BYTES} bytes`)
    this.#key = Uint8Array.from(key)
  }

  of(input: FingerprintInput): ClientFingerprint {
    // Everything goes in with its length, so that no two different requests can ever have the same key.
    let seen = part(input.endpoint, MAX_VALUE_CHARS) + part(stableTls(input.ja3, input.ja4), MAX_VALUE_CHARS)
    const claims: (string | undefined)[] = []
    for (let i = 0; i < claimHeaders.length; i++) {
      const value = cut(input.header(claimHeaders[i]!), i < 2 ? MAX_AGENT_CHARS : MAX_VALUE_CHARS)
      claims.push(value)
      seen += value === undefined ? '-' : part(value, MAX_AGENT_CHARS)
    }
    const { headerNames, fields } = input
    const fieldCount = Math.min(fields.length, MAX_FIELDS)
    for (let i = 0; i < fieldCount; i++) seen += part(fields[i]!, MAX_NAME_CHARS)
    seen += '/'
    const names: string[] = []
    const nameCount = Math.min(headerNames.length, MAX_HEADERS_SEEN)
    for (let i = 0; i < nameCount && names.length < MAX_HEADERS; i++) {
      if (!isProgramHeader(headerNames[i]!)) continue
      names.push(cut(headerNames[i], MAX_NAME_CHARS)!)
      seen += part(headerNames[i]!, MAX_NAME_CHARS)
    }
    const known = this.#known.get(seen)
    if (known !== undefined) return known
    const fingerprint = this.#workOut(input, claims, names)
    if (seen.length <= MAX_KNOWN_KEY_CHARS) this.#known.set(seen, fingerprint)
    return fingerprint
  }

  #workOut(
    input: FingerprintInput,
    values: readonly (string | undefined)[],
    names: readonly string[],
  ): ClientFingerprint {
    const [userAgent, goog, ...rest] = values
    const products = productsOf(userAgent ?? '')
    const stainless = Object.fromEntries(stainlessHeaders.map((name, i) => [name, rest[i]])) as Claims['stainless']
    const repeated = claimHeaders.some((name) => names.indexOf(name) !== names.lastIndexOf(name))
    const claims: Claims = {
      agent: agentOf(products),
      google: goog === undefined ? null : googleAgentOf(productsOf(goog)),
      stainless,
      repeated,
    }
    const sdk = sdkOf(claims) ?? (userAgent === undefined || userAgent === '' ? null : 'other')
    const inconsistencies = Object.freeze(contradictionsIn(claims))
    const fields = input.fields.slice(0, MAX_FIELDS).filter(isProgramField)
    const shape = JSON.stringify([
      input.endpoint.slice(0, MAX_VALUE_CHARS),
      names,
      sdk,
      products.map(({ name, version }) => [name, majorMinor(version) ?? version]),
      [...new Set(fields.map((field) => field.slice(0, MAX_NAME_CHARS)))].sort(),
      stableTls(input.ja3, input.ja4).slice(0, MAX_VALUE_CHARS),
    ])
    // 64 bits: among a million programs two share an id with a probability of 1 in 37 million.
    const id = `fp_${createHmac('sha256', this.#key).update(shape).digest('hex').slice(0, 16)}`
    return Object.freeze({ id, sdk, consistent: inconsistencies.length === 0, inconsistencies })
  }
}

const part = (text: string, max: number): string => {
  const kept = text.length > max ? text.slice(0, max) : text
  return `${kept.length}:${kept}`
}

const cut = (text: string | undefined, max: number): string | undefined =>
  text !== undefined && text.length > max ? text.slice(0, max) : text

/** The agent's own word first. In a browser, or under a name of its own, an SDK shows in its other headers. */
function sdkOf({ agent, google, stainless }: Claims): string | null {
  if (agent !== null && agent.kind !== 'browser') return withVersion(agent.family, agent.version)
  if (google !== null) return withVersion(google.family, google.version)
  const language = languages.get(stainless.lang ?? '')
  if (language !== undefined) return withVersion(`stainless-${language}`, stainless['package-version'] ?? '')
  // Every browser says Mozilla/5.0.
  return agent === null ? null : agent.family
}

function withVersion(family: string, version: string): string {
  const coarse = majorMinor(version)
  return coarse === null ? family : `${family}/${coarse}`
}
