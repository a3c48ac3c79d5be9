import type { Writable } from 'node:stream'
import type { Decision } from '../core/decision.ts'
import type { Skipped } from './line.ts'

const BUFFER_CHARS = 65_536
const MAX_CACHED_KEYS = 65_536

/**
 * The contract's decisions, one a line and one for every line that was read. Lines are gathered before they are written,
 * and `drained` is waited for between chunks of input, so that a slow disk slows the reading and fills no memory.
 */
export class DecisionWriter {
  readonly #out: Writable
  #buffer = ''
  #error: Error | null = null
  /** Escaping a key is most of a line's cost, and a log repeats its keys. */
  readonly #escaped = new Map<string, string>()

  constructor(out: Writable) {
    this.#out = out
    out.on('error', (error: Error) => (this.#error ??= error))
  }

  /** What keeps it from writing. */
  get failure(): Error | null {
    return this.#error
  }

  judged(index: number, timeMs: number, key: string, { action, level, campaign, evidence }: Decision): void {
    // JSON has no infinity; an e-value that overflowed is at least this.
    const value = evidence <= Number.MAX_VALUE ? evidence : Number.MAX_VALUE
    const named = campaign === null ? 'null' : JSON.stringify(campaign)
    this.#add(
      `{"i":${index},"time":${timeMs},"key":${this.#escape(key)},"action":"${action}","level":"${level}",` +
        `"campaign":${named},"evidence":${value}}\n`,
    )
  }

  skipped(index: number, { timeMs, key }: Skipped): void {
    const named = key === null ? 'null' : this.#escape(key)
    this.#add(
      `{"i":${index},"time":${timeMs},"key":${named},"action":"skipped","level":"normal","campaign":null,"evidence":1}\n`,
    )
  }

  /** Throws where what was written could not be. */
  async drained(): Promise<void> {
    if (this.#error === null && this.#out.writableNeedDrain) {
      // A stream that fails closes, and drains no more.
      await new Promise<void>((resolve) => {
        const done = (): void => {
          this.#out.off('drain', done).off('close', done)
          resolve()
        }
        this.#out.on('drain', done).on('close', done)
      })
    }
    if (this.#error !== null) throw this.#error
  }

  /** What was given is in its file, or an error is thrown. Standard output stays open: others write to it too. */
  async end(): Promise<void> {
    this.#flush()
    await new Promise<void>((resolve) => {
      const done = (error?: Error | null): void => {
        this.#error ??= error ?? null
        resolve()
      }
      if (this.#out === process.stdout) this.#out.write('', done)
      else this.#out.end(done)
    })
    if (this.#error !== null) throw this.#error
  }

  #escape(key: string): string {
    let escaped = this.#escaped.get(key)
    if (escaped === undefined) {
      if (this.#escaped.size === MAX_CACHED_KEYS) this.#escaped.clear()
      escaped = JSON.stringify(key)
      this.#escaped.set(key, escaped)
    }
    return escaped
  }

  #add(line: string): void {
    this.#buffer += line
    if (this.#buffer.length >= BUFFER_CHARS) this.#flush()
  }

  #flush(): void {
    if (this.#buffer === '') return
    this.#out.write(this.#buffer)
    this.#buffer = ''
  }
}
