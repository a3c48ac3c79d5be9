import { isSignedBy, parseNote, parseVkey, type Vkey } from './verify-note.ts'

/**
 * Part of the verifier: what the entries say of the log itself. They are numbered without a gap, unless one says what was
 * lost; the first names the log's key, and each later key is handed over by the one before it.
 */
export class Story {
  readonly #tell: (at: number, what: string) => void
  #nextN = 0
  /** Keys in their order. */
  readonly keys: Vkey[] = []
  origin: string | null = null
  firstMs: number | null = null
  lastMs: number | null = null
  lost = 0
  /** Entries that tell of a start after a process that had not closed the log. */
  readonly unclosed: number[] = []
  #isClosed = false
  entries = 0

  constructor(tell: (at: number, what: string) => void) {
    this.#tell = tell
  }

  read(at: number, entry: Buffer): void {
    this.entries++
    const head = headOf(entry)
    if (head === null) return this.#tell(at, versionProblem(entry))
    const { n, t, type } = head
    if (type !== 'entries_lost' && n !== this.#nextN) {
      this.#tell(at, `is number ${n} where ${this.#nextN} should follow, and no entry says what was lost`)
    }
    this.firstMs ??= t
    this.lastMs = t
    if (at === 0 && type !== 'log_created') this.#tell(at, 'does not say what log this is')
    if (type in special) special[type as keyof typeof special](this, at, entry)
    this.#isClosed = type === 'log_closed'
    this.#nextN = n + 1
  }

  created(at: number, what: Readonly<Record<string, unknown>>): void {
    const vkey = parseVkey(String(what['vkey']))
    if (at !== 0 || !vkey.ok) return this.#tell(at, at === 0 ? 'names no key' : 'starts another log')
    this.origin = String(what['origin'])
    this.keys.push(vkey.value)
  }

  rotated(at: number, what: Readonly<Record<string, unknown>>): void {
    const [from, to] = [parseVkey(String(what['from'])), parseVkey(String(what['to']))]
    const note = parseNote(String(what['note']))
    const current = this.keys.at(-1)
    if (!from.ok || !to.ok || !note.ok) return this.#tell(at, 'hands over a key, and cannot be read')
    if (from.value.text !== current?.text) return this.#tell(at, 'hands over a key that was not in force')
    const said = note.value.text === handover(this.origin ?? '', to.value.text)
    if (!said || isSignedBy(note.value, from.value) !== 'yes') {
      return this.#tell(at, 'hands over the key without a signature of the one before')
    }
    this.keys.push(to.value)
  }

  missing(at: number, n: number, what: Readonly<Record<string, unknown>>): void {
    const [first, last] = [Number(what['first']), Number(what['last'])]
    if (first !== this.#nextN || last !== n - 1 || last < first) this.#tell(at, 'says wrongly what was lost before it')
    this.lost += last - first + 1
  }

  opened(at: number): void {
    if (!this.#isClosed) this.unclosed.push(at)
  }
}

/** What the old key signs when a new one takes its place. */
const handover = (origin: string, to: string): string => `weir audit key v1\n${origin}\n${to}\n`

type What = Readonly<Record<string, unknown>>
const special = {
  log_created: (story: Story, at: number, entry: Buffer) => story.created(at, whatOf(entry)),
  key_rotated: (story: Story, at: number, entry: Buffer) => story.rotated(at, whatOf(entry)),
  entries_lost: (story: Story, at: number, entry: Buffer) => story.missing(at, headOf(entry)!.n, whatOf(entry)),
  log_opened: (story: Story, at: number) => story.opened(at),
}

function whatOf(entry: Buffer): What {
  try {
    return (JSON.parse(entry.toString('utf8')) as { what: What }).what
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

function versionProblem(entry: Buffer): string {
  const version = /"v":(\d{1,9}),"what":/.exec(entry.toString('latin1', 0, MAX_HEAD))?.[1]
  return version === undefined || version === '1'
    ? 'is not an entry of Weir'
    : `is of version ${version}, which is newer than this verifier: use a newer Weir`
}
