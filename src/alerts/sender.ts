import type { Cancel, Clock } from '../core/clock.ts'
import { slackBody, syslogLine, webhookBody, type Notice } from './message.ts'
import { sendSyslog } from './syslog.ts'

/**
 * Tells operators what happened, outside of any request: what cannot be delivered waits in a bounded queue of its target
 * and is tried again with growing pauses. It must never hold anybody up, and never say a secret.
 */
export interface Target {
  readonly name: string
  readonly kind: 'webhook' | 'slack' | 'syslog'
  readonly url: string
  readonly secret: string | null
}

export interface SenderOptions {
  readonly clock: Clock
  /** In [0, 1). */
  random(): number
  /** Of this machine, for syslog. */
  readonly host: string
  post(
    url: string,
    type: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number }>
  say(what: 'alert_failed' | 'alert_dropped', details: Readonly<Record<string, unknown>>): void
}

export interface SenderStats {
  readonly sent: number
  readonly retried: number
  /** Given up, or pushed out of a full queue. */
  readonly dropped: number
  readonly waiting: number
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 300_000
/** About two days of trying. */
const MOST_TRIES = 600
const MOST_WAITING = 1000

interface Lane {
  target: Target
  readonly waiting: Notice[]
  tries: number
  busy: boolean
  cancel: Cancel | null
}

export class AlertSender {
  readonly #options: SenderOptions
  readonly #lanes = new Map<string, Lane>()
  readonly #stats = { sent: 0, retried: 0, dropped: 0 }

  constructor(options: SenderOptions) {
    this.#options = options
  }

  /** Puts other targets in force; what waits for one that is gone is dropped. */
  targets(targets: readonly Target[]): void {
    const named = new Map(targets.map((target) => [target.name, target]))
    for (const [name, lane] of this.#lanes) {
      const target = named.get(name)
      if (target !== undefined) {
        lane.target = target
        continue
      }
      lane.cancel?.()
      this.#stats.dropped += lane.waiting.length
      lane.waiting.length = 0
      this.#lanes.delete(name)
    }
    for (const [name, target] of named) {
      if (this.#lanes.has(name)) continue
      this.#lanes.set(name, { target, waiting: [], tries: 0, busy: false, cancel: null })
    }
  }

  /** Tells those who are named; names that are no target are passed over, since the configuration was checked. */
  tell(names: readonly string[], notice: Notice): void {
    for (const name of names) {
      const lane = this.#lanes.get(name)
      if (lane === undefined) continue
      if (lane.waiting.length >= MOST_WAITING) {
        // The first of a series says what began; the one that is under way is not taken out of its own hands.
        lane.waiting.pop()
        this.#stats.dropped++
        this.#options.say('alert_dropped', { target: name, waiting: MOST_WAITING })
      }
      lane.waiting.push(notice)
      this.#next(lane)
    }
  }

  get stats(): SenderStats {
    let waiting = 0
    for (const lane of this.#lanes.values()) waiting += lane.waiting.length
    return { ...this.#stats, waiting }
  }

  close(): void {
    for (const lane of this.#lanes.values()) lane.cancel?.()
    this.#lanes.clear()
  }

  #next(lane: Lane): void {
    const notice = lane.waiting[0]
    if (notice === undefined || lane.busy || lane.cancel !== null) return
    lane.busy = true
    void this.#send(lane.target, notice).then(
      () => this.#sent(lane),
      (error: unknown) => this.#failed(lane, error instanceof Error ? error.message : String(error)),
    )
  }

  #sent(lane: Lane): void {
    lane.busy = false
    lane.tries = 0
    lane.waiting.shift()
    this.#stats.sent++
    this.#next(lane)
  }

  #failed(lane: Lane, problem: string): void {
    lane.busy = false
    lane.tries++
    if (this.#lanes.get(lane.target.name) !== lane) return
    if (lane.tries === 1) this.#options.say('alert_failed', { target: lane.target.name, problem })
    if (lane.tries >= MOST_TRIES) {
      lane.tries = 0
      lane.waiting.shift()
      this.#stats.dropped++
    } else this.#stats.retried++
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(lane.tries, 16))
    // Full jitter, so that many processes do not come back to a server together.
    lane.cancel = this.#options.clock.after(pauseMs * (0.5 + this.#options.random() / 2), () => {
      lane.cancel = null
      this.#next(lane)
    })
  }

  async #send({ kind, url, secret }: Target, notice: Notice): Promise<void> {
    if (kind === 'syslog') return sendSyslog(url, syslogLine(notice, this.#options.host))
    const { body, headers } = kind === 'slack' ? { body: slackBody(notice), headers: {} } : webhookBody(notice, secret)
    const { status } = await this.#options.post(url, 'application/json', body, headers)
    if (status < 200 || status >= 300) throw new Error(`answered with status ${status}`)
  }
}
