import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'

/** Texts that stand at the end of system prompts and nowhere else: one for each account, made anew from its name. */
const MARK_CHARS = 20

export class Marks {
  readonly #key: KeyObject

  /** `secret`: of this deployment and for nothing else. */
  constructor(secret: Uint8Array) {
    this.#key = createSecretKey(secret)
  }

  of(account: string): string {
    return createHmac('sha256', this.#key).update(`mark ${account}`).digest('hex').slice(0, MARK_CHARS)
  }
}

/** So much of one piece is looked through, and of one answer. */
const MAX_PIECE_UNITS = 1 << 16
const MAX_ANSWER_UNITS = 1 << 18

/** Looks for a mark in an answer that comes in pieces, cut anywhere, in whatever case it is repeated. */
export class MarkFinder {
  readonly #mark: string
  #tail = ''
  #units = 0
  isFound = false

  constructor(mark: string) {
    this.#mark = mark.toLowerCase()
  }

  feed(piece: string): void {
    if (this.isFound || this.#units >= MAX_ANSWER_UNITS) return
    this.#units += piece.length
    const seen = this.#tail + piece.slice(0, MAX_PIECE_UNITS).toLowerCase()
    this.isFound = seen.includes(this.#mark)
    this.#tail = seen.slice(1 - this.#mark.length)
  }
}
