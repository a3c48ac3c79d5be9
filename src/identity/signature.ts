import { createHmac, hash as digest, timingSafeEqual } from 'node:crypto'

/**
 * Signed requests: who holds a key proves it without sending its secret, for one method, path, query and body, once and
 * now. This is a strict subset of HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530): one signature,
 * hmac-sha256, and exactly the components below, all of them, in this order. What is optional there is refused here, so
 * that there is nothing to negotiate and nothing to leave out. The host is not covered: do not give two Weirs one key.
 *
 * The signing key is the SHA-256 of the secret, as its 32 raw bytes, since the configuration keeps only this hash. It
 * follows that the hash can sign: it is to be guarded like the secret wherever signatures are asked for.
 */
export interface SignedRequest {
  readonly method: string
  /** Request target as sent, query included. */
  readonly target: string
  /** A header's value by lower-case name; values of a repeated one joined by ", ". */
  header(name: string): string | undefined
  readonly body: Uint8Array
}

/** `replayed` is also the answer while no more nonces can be remembered. */
export type SignatureCheck = 'ok' | 'missing' | 'malformed' | 'stale' | 'replayed' | 'wrong'

export interface SignatureOptions {
  /** How far `created` may be from now, before or after. */
  readonly windowMs: number
  readonly maxNonces: number
}

const COVERED = '("@method" "@path" "@query" "content-digest")'
const MAX_INPUT_CHARS = 512
const MAX_TARGET_CHARS = 8192
const MAC_CHARS = 44

const METHOD = /^[A-Z-]{1,20}$/
/** Origin form only. A line break in here would forge lines of the signature base. */
const TARGET = /^\/[!-~]*$/
const LABEL = /^[a-z*][a-z0-9_.*-]{0,31}$/
const MAC = /^[A-Za-z0-9+/]{43}=$/
const CONTENT_DIGEST = /^sha-256=:[A-Za-z0-9+/]{43}=:$/

/** Each as its one serialization (RFC 9421, 2.3): the text that was sent can then stand in the signature base. */
const parameters: ReadonlyMap<string, RegExp> = new Map([
  ['created', /^([1-9][0-9]{0,11})$/],
  ['nonce', /^"([A-Za-z0-9+/=_.-]{16,64})"$/],
  ['keyid', /^"([A-Za-z0-9._-]{1,64})"$/],
  ['alg', /^"(hmac-sha256)"$/],
])

interface SignatureInput {
  readonly label: string
  /** What follows the label: components and parameters as they are signed. */
  readonly params: string
  readonly createdMs: number
  readonly nonce: string
  readonly keyId: string
}

/** The key that a `Signature-Input` header claims to be signed with, not verified; null if it cannot be read. */
export const claimedKeyId = (signatureInput: string): string | null => parseInput(signatureInput)?.keyId ?? null

/** Checks signatures, and remembers the nonce of each right one until it would be stale anyway. */
export class SignatureChecker {
  readonly #windowMs: number
  readonly #maxNonces: number
  readonly #slotMs: number
  #slots: Slot[] = []
  /** What ended before this may have been forgotten. It stays when the clock steps back, so no nonce opens again. */
  #forgottenUntilMs = -Infinity

  constructor({ windowMs, maxNonces }: SignatureOptions) {
    if (!Number.isSafeInteger(windowMs) || windowMs < 1000) throw new RangeError('a window has a second or more')
    if (!Number.isSafeInteger(maxNonces) || maxNonces < 2) throw new RangeError('room for two nonces or more is needed')
    this.#windowMs = windowMs
    this.#maxNonces = maxNonces
    this.#slotMs = Math.ceil(windowMs / 4)
  }

  /** Nonces that are remembered now. */
  get remembered(): number {
    return this.#slots.reduce((sum, { nonces }) => sum + nonces.size, 0)
  }

  /** Whether the holder of the key has signed this very request. Cheap grounds for refusal come first. */
  check(request: SignedRequest, keyId: string, secretSha256Hex: string, nowMs: number): SignatureCheck {
    const inputText = request.header('signature-input')
    const signature = request.header('signature')
    if (inputText === undefined && signature === undefined) return 'missing'
    const contentDigest = request.header('content-digest')
    if (inputText === undefined || signature === undefined || contentDigest === undefined) return 'malformed'
    const input = parseInput(inputText)
    if (input === null || !CONTENT_DIGEST.test(contentDigest)) return 'malformed'
    const mac = parseSignature(signature, input.label)
    const base = baseOf(request, contentDigest, input.params)
    if (mac === null || base === null) return 'malformed'

    const staleAtMs = input.createdMs + this.#windowMs
    const isNow = Math.abs(nowMs - input.createdMs) <= this.#windowMs
    if (!isNow || staleAtMs < this.#forgottenUntilMs) return 'stale'
    const key = Buffer.from(secretSha256Hex, 'hex')
    // A hash that is none would be a key that anybody knows.
    if (key.length !== 32 || input.keyId !== keyId) return 'wrong'
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, base)))) return 'wrong'
    const name = `${keyId} ${input.nonce}`
    if (this.#slots.some(({ nonces }) => nonces.has(name))) return 'replayed'
    // Only now is it worth hashing a body. A nonce that came with another body is not burnt: the right one may follow.
    if (contentDigest !== digestOf(request.body)) return 'wrong'
    return this.#burn(name, keyId, staleAtMs, nowMs) ? 'ok' : 'replayed'
  }

  /** False if there is no room. */
  #burn(name: string, keyId: string, staleAtMs: number, nowMs: number): boolean {
    this.#forget(nowMs)
    const ofKey = this.#slots.reduce((sum, { byKey }) => sum + (byKey.get(keyId) ?? 0), 0)
    // A key may hold as many as are still free. So one key gets half of the room at most, and however many flood, a
    // key with fewer finds some.
    if (ofKey >= this.#maxNonces - this.remembered) return false
    const endsAtMs = (Math.floor(staleAtMs / this.#slotMs) + 1) * this.#slotMs
    let slot = this.#slots.find((slot) => slot.endsAtMs === endsAtMs)
    if (slot === undefined) {
      slot = { endsAtMs, nonces: new Set(), byKey: new Map() }
      this.#slots.push(slot)
    }
    slot.nonces.add(name)
    slot.byKey.set(keyId, (slot.byKey.get(keyId) ?? 0) + 1)
    return true
  }

  #forget(nowMs: number): void {
    for (const { endsAtMs } of this.#slots) {
      if (endsAtMs <= nowMs) this.#forgottenUntilMs = Math.max(this.#forgottenUntilMs, endsAtMs)
    }
    if (this.#slots.some(({ endsAtMs }) => endsAtMs <= nowMs)) {
      this.#slots = this.#slots.filter(({ endsAtMs }) => endsAtMs > nowMs)
    }
  }
}

/** Nonces that go stale within one span of time, and are forgotten together at its end. */
interface Slot {
  readonly endsAtMs: number
  readonly nonces: Set<string>
  readonly byKey: Map<string, number>
}

/** The three headers with which a client signs a request; an honest client's half of `SignatureChecker`. */
export function sign(
  request: Pick<SignedRequest, 'method' | 'target' | 'body'>,
  key: { readonly keyId: string; readonly secret: string },
  { nonce, createdMs }: { readonly nonce: string; readonly createdMs: number },
): Readonly<Record<'content-digest' | 'signature-input' | 'signature', string>> {
  const contentDigest = digestOf(request.body)
  const created = Math.floor(createdMs / 1000)
  const params = `${COVERED};created=${created};nonce="${nonce}";keyid="${key.keyId}";alg="hmac-sha256"`
  const base = baseOf(request, contentDigest, params)
  if (base === null || parseInput(`sig1=${params}`) === null) throw new RangeError('this request cannot be signed')
  const mac = macOf(digest('sha256', key.secret, 'buffer'), base)
  return { 'content-digest': contentDigest, 'signature-input': `sig1=${params}`, signature: `sig1=:${mac}:` }
}

/** The text that is signed (RFC 9421, 2.5): a line for each component, and one that says which they were. */
export function signatureBase(components: readonly (readonly [name: string, value: string])[], params: string): string {
  const lines = components.map(([name, value]) => `"${name}": ${value}`)
  return [...lines, `"@signature-params": ${params}`].join('\n')
}

/** HMAC-SHA-256 as base64 (RFC 9421, 3.3.3). */
export const macOf = (key: Uint8Array, base: string): string => createHmac('sha256', key).update(base).digest('base64')

const digestOf = (body: Uint8Array): string => `sha-256=:${digest('sha256', body, 'base64')}:`

function baseOf(
  { method, target }: Pick<SignedRequest, 'method' | 'target'>,
  contentDigest: string,
  params: string,
): string | null {
  if (target.length > MAX_TARGET_CHARS || !TARGET.test(target) || !METHOD.test(method)) return null
  const mark = target.indexOf('?')
  return signatureBase(
    [
      ['@method', method],
      ['@path', mark < 0 ? target : target.slice(0, mark)],
      // No query at all and an empty one are the same "?" (RFC 9421, 2.2.7).
      ['@query', mark < 0 ? '?' : target.slice(mark)],
      ['content-digest', contentDigest],
    ],
    params,
  )
}

/** `label=(components);created=…;nonce="…";keyid="…"`; parameters in any order, each once, none but ours. */
function parseInput(text: string): SignatureInput | null {
  if (text.length > MAX_INPUT_CHARS) return null
  const equals = text.indexOf('=')
  const label = text.slice(0, Math.max(0, equals))
  const params = text.slice(equals + 1)
  if (!LABEL.test(label) || !params.startsWith(`${COVERED};`)) return null
  const found = new Map<string, string>()
  for (const parameter of params.slice(COVERED.length + 1).split(';')) {
    const equals = parameter.indexOf('=')
    const name = parameter.slice(0, Math.max(0, equals))
    const value = parameters.get(name)?.exec(parameter.slice(equals + 1))?.[1]
    if (value === undefined || found.has(name)) return null
    found.set(name, value)
  }
  const created = found.get('created')
  const nonce = found.get('nonce')
  const keyId = found.get('keyid')
  if (created === undefined || nonce === undefined || keyId === undefined) return null
  return { label, params, createdMs: Number(created) * 1000, nonce, keyId }
}

/** `label=:base64:` of the label that `Signature-Input` has. */
function parseSignature(text: string, label: string): string | null {
  const start = `${label}=:`
  if (text.length !== start.length + MAC_CHARS + 1 || !text.startsWith(start) || !text.endsWith(':')) return null
  const mac = text.slice(start.length, -1)
  return MAC.test(mac) ? mac : null
}
