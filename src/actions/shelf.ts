import type { Cancel, Clock } from '../core/clock.ts'
import type { RecordChange, RecordKind, Records } from '../core/records.ts'

/** How long a change may wait for others, and how many go to the disk before other work gets its turn. */
const GATHER_MS = 1000
const RETRY_MS = 5000
const BATCH = 250

export interface ShelfOptions<T> {
  readonly kind: RecordKind
  readonly records: Records
  readonly clock: Clock
  write(value: T): string
  /** The disk refuses; it is tried again. */
  failed(problem: string): void
}

/**
 * Records that change often: what has changed gathers for a second and goes to the disk in one transaction. A process that is killed
 * loses the last second of it, unless somebody has flushed.
 */
export class Shelf<T> {
  readonly #options: ShelfOptions<T>
  /** null: to be removed. Written as it is when its turn comes, so that a count which changes often is written once. */
  readonly #changed = new Map<string, T | null>()
  #timer: Cancel | null = null

  constructor(options: ShelfOptions<T>) {
    this.#options = options
  }

  put(id: string, value: T | null): void {
    this.#changed.set(id, value)
    this.#later(GATHER_MS)
  }

  /** Everything is on the disk when it returns null; else it says why it is not. */
  flush(): string | null {
    while (this.#changed.size > 0) {
      const problem = this.#writeSome()
      if (problem !== null) return problem
    }
    this.#timer?.()
    this.#timer = null
    return null
  }

  #later(delayMs: number): void {
    this.#timer ??= this.#options.clock.after(delayMs, () => {
      this.#timer = null
      const problem = this.#writeSome()
      if (problem !== null) this.#options.failed(problem)
      if (this.#changed.size > 0) this.#later(problem === null ? 0 : RETRY_MS)
    })
  }

  #writeSome(): string | null {
    const { kind, records, write } = this.#options
    const batch: RecordChange[] = []
    for (const [id, value] of this.#changed) {
      batch.push({ kind, id, value: value === null ? null : write(value) })
      if (batch.length === BATCH) break
    }
    try {
      records.write(batch)
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
    for (const { id } of batch) this.#changed.delete(id)
    return null
  }
}
