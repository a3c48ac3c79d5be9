/**
 * When an account asks and how long its answers are: a few hundred bytes that the tests of a campaign read. Family: timing.
 */
const HOUR_MS = 3_600_000
export const HOURS = 72
export const ANSWER_BINS = 16
const MOST_STARTS = 16
const MOST_MODELS = 8
const PAUSE_MS = 600_000

export interface ActivityState {
  readonly hourly: Uint16Array
  readonly day24: Uint16Array
  readonly answers: Uint16Array
  readonly starts: readonly number[]
  readonly stops: readonly number[]
  readonly models: readonly (readonly [number, number])[]
  readonly hour: number
  readonly lastMs: number
  readonly stopped: boolean
}

export class Activity {
  /** Exchanges by hour; a ring, `hour` being the latest. */
  readonly hourly: Uint16Array = new Uint16Array(HOURS)
  readonly day24: Uint16Array = new Uint16Array(24)
  readonly answers: Uint16Array = new Uint16Array(ANSWER_BINS)
  readonly starts: number[] = []
  readonly stops: number[] = []
  readonly models: Map<number, number> = new Map()
  hour = 0
  lastMs = 0
  #stopped = false

  /** `model`: keyed hash; `stopped`: a limit or an action of its own refused it. */
  note(timeMs: number, model: number, outputTokens: number, stopped: boolean): void {
    const hour = Math.floor(timeMs / HOUR_MS)
    if (hour > this.hour) {
      for (let h = Math.max(this.hour + 1, hour - HOURS + 1); h <= hour; h++) this.hourly[h % HOURS] = 0
      this.hour = hour
    }
    if (this.hourly[hour % HOURS]! < 0xffff) this.hourly[hour % HOURS]!++
    const ofDay = hour % 24
    if (this.day24[ofDay]! < 0xffff) this.day24[ofDay]!++
    if (outputTokens > 0) {
      const bin = Math.min(ANSWER_BINS - 1, Math.floor(Math.log2(1 + outputTokens)))
      if (this.answers[bin]! < 0xffff) this.answers[bin]!++
    }
    if (timeMs - this.lastMs >= PAUSE_MS) keep(this.starts, timeMs)
    if (stopped && !this.#stopped) keep(this.stops, timeMs)
    this.#stopped = stopped
    if (this.models.has(model) || this.models.size < MOST_MODELS)
      this.models.set(model, (this.models.get(model) ?? 0) + 1)
    this.lastMs = timeMs
  }

  save(): ActivityState {
    const { hourly, day24, answers, starts, stops, models, hour, lastMs } = this
    return { hourly, day24, answers, starts, stops, models: [...models], hour, lastMs, stopped: this.#stopped }
  }

  static from(state: ActivityState): Activity {
    const made = new Activity()
    made.hourly.set(state.hourly)
    made.day24.set(state.day24)
    made.answers.set(state.answers)
    made.starts.push(...state.starts)
    made.stops.push(...state.stops)
    for (const [model, count] of state.models) made.models.set(model, count)
    made.hour = state.hour
    made.lastMs = state.lastMs
    made.#stopped = state.stopped
    return made
  }

  /** Its hours from `fromHour` on, oldest first. */
  hoursFrom(fromHour: number): Uint32Array {
    const out = new Uint32Array(HOURS)
    for (let i = 0; i < HOURS; i++) {
      const hour = fromHour + i
      if (hour <= this.hour && hour > this.hour - HOURS) out[i] = this.hourly[hour % HOURS]!
    }
    return out
  }
}

function keep(list: number[], value: number): void {
  list.push(value)
  if (list.length > MOST_STARTS) list.shift()
}
