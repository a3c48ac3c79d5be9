import { createHmac, createSecretKey, hash as digest, timingSafeEqual, type KeyObject } from 'node:crypto'

/** A piece of work for one account: `text` and a number behind it must hash to `bits` leading zero bits. */
export interface Challenge {
  readonly text: string
  readonly bits: number
  readonly expiresAtMs: number
  /** Names it among those that have been used. */
  readonly nonce: string
}

export type ChallengeCheck = Challenge | 'invalid' | 'expired'

const MIN_SECRET_BYTES = 32
const MAX_CHARS = 160
const TAG_BYTES = 16
const SHAPE = /^wc1\.([\w-]{22})\.([1-9]\d?)\.([1-9]\d{0,15})\.([\w-]{22})\.([\w-]{43})$/
const SOLUTION = /^(?:0|[1-9]\d{0,15})$/

/**
 * Makes and reads challenges with one secret and no memory. Whoever asks again within half their life gets the same one,
 * so nobody collects several to choose from; and since the nonce hangs on the secret, none can be worked on ahead of time.
 */
export class Challenges {
  readonly #secret: KeyObject

  constructor(secret: Uint8Array) {
    if (secret.length < MIN_SECRET_BYTES) throw new RangeError(`a secret has ${MIN_SECRET_BYTES} bytes or more`)
    this.#secret = createSecretKey(secret)
  }

  /** The first challenge of this time that is not used yet; it can be answered for `lifeMs` at least, and half as long again. */
  issue(account: string, bits: number, lifeMs: number, used: ReadonlySet<string>, nowMs: number): Challenge {
    const slotMs = Math.ceil(lifeMs / 2)
    const slot = Math.floor(nowMs / slotMs)
    let n = 0
    let nonce = this.#nonce(account, bits, slot, n)
    while (used.has(nonce)) nonce = this.#nonce(account, bits, slot, ++n)
    const expiresAtMs = (slot + 3) * slotMs
    const signed = `wc1.${this.#tag(account)}.${bits}.${expiresAtMs}.${nonce}`
    return { text: `${signed}.${this.#mac(signed)}`, bits, expiresAtMs, nonce }
  }

  /** What a challenge asks, if it was made here for this account and still counts. What costs least is looked at first. */
  read(text: string, account: string, lifeMs: number, nowMs: number): ChallengeCheck {
    const parts = text.length > MAX_CHARS ? null : SHAPE.exec(text)
    if (parts === null) return 'invalid'
    const [, tag, bits, expires, nonce, mac] = parts as unknown as [string, string, string, string, string, string]
    const expiresAtMs = Number(expires)
    const signed = text.slice(0, -mac.length - 1)
    // Compared as text: of the encodings of one code, only the one that is written here is right.
    const mine = isEqual(mac, this.#mac(signed)) && isEqual(tag, this.#tag(account))
    if (!mine) return 'invalid'
    // One that would outlive whatever is made now is from a clock that was wrong, or from before their life was cut.
    return expiresAtMs <= nowMs || expiresAtMs > nowMs + lifeMs * 2
      ? 'expired'
      : { text, bits: Number(bits), expiresAtMs, nonce }
  }

  /** A number below `size` that nobody outside can choose an account by. */
  bucketOf(account: string, size: number): number {
    return Buffer.from(this.#hmac(['bucket', account])).readUInt32BE(0) % size
  }

  /** A name for something that an account has asked for at some time. */
  idOf(what: string, account: string, atMs: number): string {
    return this.#hmac(['id', what, account, atMs]).toString('hex').slice(0, 24)
  }

  #tag(account: string): string {
    return short(this.#hmac(['account', account]))
  }

  #nonce(account: string, bits: number, slot: number, n: number): string {
    return short(this.#hmac(['nonce', account, bits, slot, n]))
  }

  #mac(signed: string): string {
    return this.#hmac(['challenge', signed]).toString('base64url')
  }

  /** What is signed begins with what it is for: nothing of one kind can pass for another. */
  #hmac(parts: readonly (string | number)[]): Buffer {
    return createHmac('sha256', this.#secret).update(JSON.stringify(parts)).digest()
  }
}

const short = (bytes: Buffer): string => bytes.subarray(0, TAG_BYTES).toString('base64url')
const isEqual = (a: string, b: string): boolean => timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** Whether a solution, a whole number in decimal, is one of the few that hash to enough leading zero bits. */
export const solves = ({ text, bits }: Challenge, solution: string): boolean =>
  SOLUTION.test(solution) && leadingZeroBits(digest('sha256', `${text}:${solution}`, 'buffer')) >= bits

export function leadingZeroBits(bytes: Uint8Array): number {
  let bits = 0
  for (const byte of bytes) {
    bits += Math.clz32(byte) - 24
    if (byte !== 0) break
  }
  return bits
}
