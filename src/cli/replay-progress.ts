import type { Clock } from '../core/clock.ts'
import type { Source } from '../replay/source.ts'

const EVERY_MS = 500

interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** One line on a terminal that says how far a replay is; nothing anywhere else. */
export class Progress {
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #totalBytes: number | null
  readonly #startMs: number
  readonly #label: string
  #shownMs = Number.NEGATIVE_INFINITY

  constructor(terminal: Terminal, clock: Clock, sources: readonly Source[], label = '') {
    this.#terminal = terminal
    this.#label = label
    this.#clock = clock
    this.#startMs = clock.now()
    const sizes = sources.map(({ sizeBytes }) => sizeBytes)
    this.#totalBytes = sizes.reduce(
      (sum: number | null, size) => (sum === null || size === null ? null : sum + size),
      0,
    )
  }

  show(lines: number, bytes: number): void {
    const now = this.#clock.now()
    if (this.#terminal.isTTY !== true || now - this.#shownMs < EVERY_MS) return
    this.#shownMs = now
    const perSecond = Math.round(lines / Math.max(0.001, (now - this.#startMs) / 1000))
    const total = this.#totalBytes
    const share = total === null || total === 0 ? '' : `${Math.floor((bytes / total) * 100)}%, `
    this.#terminal.write(
      `\r${this.#label}${share}${lines.toLocaleString('en-US')} lines, ${perSecond.toLocaleString('en-US')} a second\u001b[K`,
    )
  }

  /** Leaves the line empty for what is printed next. */
  end(): void {
    if (this.#shownMs !== Number.NEGATIVE_INFINITY) this.#terminal.write('\r\u001b[K')
  }
}
