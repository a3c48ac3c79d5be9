import { isSignedBy, type Note, parseNote, parseVkey, type Vkey } from './verify-note.ts'

/**
 * Part of the verifier: the log's keys. The first entry names the first one, and each later one is handed over by an entry
 * that the one before has signed. Whoever knows any of them can follow them to the one that signs today.
 */
export class KeyChain {
  readonly #tell: (at: number, what: string) => void
  readonly keys: Vkey[] = []
  origin: string | null = null

  constructor(tell: (at: number, what: string) => void) {
    this.#tell = tell
  }

  get current(): Vkey | null {
    return this.keys.at(-1) ?? null
  }

  read(at: number, type: string, what: Readonly<Record<string, unknown>>): void {
    if (type === 'log_created') this.#created(at, what)
    else if (at === 0) this.#tell(at, 'does not say what log this is')
    else this.#rotated(at, what)
  }

  #created(at: number, what: Readonly<Record<string, unknown>>): void {
    const vkey = parseVkey(String(what['vkey']))
    if (at !== 0 || !vkey.ok) return this.#tell(at, at === 0 ? 'names no key' : 'starts another log')
    this.origin = String(what['origin'])
    this.keys.push(vkey.value)
  }

  #rotated(at: number, what: Readonly<Record<string, unknown>>): void {
    const [from, to] = [parseVkey(String(what['from'])), parseVkey(String(what['to']))]
    const note = parseNote(String(what['note']))
    if (!from.ok || !to.ok || !note.ok) return this.#tell(at, 'hands over a key, and cannot be read')
    if (from.value.text !== this.current?.text) return this.#tell(at, 'hands over a key that was not in force')
    const isSaid = note.value.text === `weir audit key v1\n${this.origin}\n${to.value.text}\n`
    if (!isSaid || isSignedBy(note.value, from.value) !== 'yes') {
      return this.#tell(at, 'hands over the key without a signature of the one before')
    }
    this.keys.push(to.value)
  }

  /** What is wrong with the signature of a log's own checkpoint. `key` is the one that the verifier was given. */
  problemsOf(note: Note, origin: string, key: Vkey | null): readonly string[] {
    const problems: string[] = []
    if (this.origin !== origin) problems.push(`is of the log "${origin}", and the entries of "${this.origin}"`)
    if (this.current === null || isSignedBy(note, this.current) !== 'yes') {
      problems.push(`is not signed by the key that the log names (${this.current?.text ?? 'none'})`)
    }
    if (note.signatures.length !== 1) problems.push(`has ${note.signatures.length} signatures, and a log writes one`)
    if (key !== null && !this.keys.some(({ text }) => text === key.text)) {
      problems.push(`is of another log, or signed by somebody else: ${key.text} never was its key`)
    }
    return problems
  }
}
