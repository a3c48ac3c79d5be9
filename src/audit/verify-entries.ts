import { KeyChain } from './verify-keys.ts'

/**
 * Part of the verifier: what the entries say of the log itself. They are numbered without a gap, unless one says what was
 * lost, and the keys form a chain.
 */
export class Story {
  readonly #tell: (at: number, what: string) => void
  readonly chain: KeyChain
  #nextN = 0
  #isClosed = false
  firstMs: number | null = null
  lastMs: number | null = null
  entries = 0
  lost = 0
  /** Entries that tell of a start after a process that had not closed the log. */
  readonly unclosed: number[] = []

  constructor(tell: (at: number, what: string) => void) {
    this.#tell = tell
    this.chain = new KeyChain(tell)
  }

  read(at: number, entry: Buffer): void {
    this.entries++
    const head = headOf(entry)
    if (head === null) return this.#tell(at, versionProblem(entry))
    const { n, t, type } = head
    if (type === 'entries_lost') this.#missing(at, n, whatOf(entry))
    else if (n !== this.#nextN) {
      this.#tell(at, `is number ${n} where ${this.#nextN} should follow, and no entry says what was lost`)
    }
    this.firstMs ??= t
    this.lastMs = t
    if (isOfKeys(type) || at === 0) this.chain.read(at, type, whatOf(entry))
    if (type === 'log_opened' && !this.#isClosed) this.unclosed.push(at)
    this.#isClosed = type === 'log_closed'
    this.#nextN = n + 1
  }

  #missing(at: number, n: number, what: What): void {
    const [first, last] = [Number(what['first']), Number(what['last'])]
    if (first !== this.#nextN || last !== n - 1 || last < first) this.#tell(at, 'says wrongly what was lost before it')
    else this.lost += last - first + 1
  }
}

export const isOfKeys = (type: string): boolean => type === 'log_created' || type === 'key_rotated'

type What = Readonly<Record<string, unknown>>

export function whatOf(entry: Buffer): What {
  try {
    const { what } = JSON.parse(entry.toString('utf8')) as { what: unknown }
    return typeof what === 'object' && what !== null ? (what as What) : {}
  } catch {
    return {}
  }
}

export interface Head {
  readonly n: number
  readonly t: number
  readonly type: string
}

/** `{"n":1,"t":2,"type":"x","v":1,"what":` by its bytes: parsing 10^7 entries as JSON would take a minute. */
export function headOf(entry: Buffer): Head | null {
  const text = entry.toString('latin1', 0, MAX_HEAD)
  const parts = /^\{"n":(\d{1,16}),"t":(\d{1,16}),"type":"([a-z_]{1,40})","v":1,"what":/.exec(text)
  if (parts === null || entry.at(-1) !== CLOSING) return null
  return { n: Number(parts[1]), t: Number(parts[2]), type: parts[3]! }
}

const MAX_HEAD = 128
const CLOSING = '}'.charCodeAt(0)

export function versionProblem(entry: Buffer): string {
  const version = /"v":(\d{1,9}),"what":/.exec(entry.toString('latin1', 0, MAX_HEAD))?.[1]
  return version === undefined || version === '1'
    ? 'is not an entry of Weir'
    : `is of version ${version}, which is newer than this verifier: use a newer Weir`
}
