import { type Block, defineFields, restOf, Rows, type RowsState } from '../sketch/rows.ts'

/**
 * When an account asks and how long its answers are: some hundred bytes that the tests of a campaign read. Family: timing.
 */
const HOUR_MS = 3_600_000
export const HOURS = 72
export const ANSWER_BINS = 16
const DAY_HOURS = 24
const MOST_STARTS = 16
const MOST_MODELS = 8
const PAUSE_MS = 600_000

const layout = {
  lastMs: 'double',
  hour: 'word',
  isStopped: 'flag',
  stopsAt: 'word',
  startsUsed: 'byte',
  stopsUsed: 'byte',
  modelsUsed: 'byte',
} as const

/** Beyond the names, in bytes: first what is 8 wide, then 4, then 2. */
const STARTS = restOf(layout)
/** For each model its hash and how often it was asked. */
const MODELS = STARTS + 8 * MOST_STARTS
/** Exchanges by hour; a ring. */
const HOURLY = MODELS + 8 * MOST_MODELS
const DAY24 = HOURLY + 2 * HOURS
const ANSWERS = DAY24 + 2 * DAY_HOURS
const END = ANSWERS + 2 * ANSWER_BINS

export interface ActivityBookState {
  readonly rows: RowsState
  readonly stops: RowsState
}

/** The activity of many accounts. Few are ever stopped: the times of that have rows of their own. */
export class ActivityBook {
  readonly rows: Rows = new Rows(layout, END - STARTS)
  readonly stops: Rows = new Rows({}, 8 * MOST_STARTS)

  save(): ActivityBookState {
    return { rows: this.rows.save(), stops: this.stops.save() }
  }

  load({ rows, stops }: ActivityBookState): boolean {
    return this.rows.load(rows) && this.stops.load(stops)
  }
}

/** A view of one account's part of a book. */
export class Activity {
  readonly block: Block
  readonly at: number
  /** The latest of `hourly`. */
  declare hour: number
  declare lastMs: number
  declare isStopped: boolean
  /** Which row of stops is its own, plus one; 0: it was never stopped. */
  declare stopsAt: number
  declare startsUsed: number
  declare stopsUsed: number
  declare modelsUsed: number

  readonly #stops: Rows

  constructor({ rows, stops }: ActivityBook, row: number) {
    this.block = rows.blockOf(row)
    this.at = rows.atOf(row)
    this.#stops = stops
  }

  /** `model`: keyed hash; `stopped`: a limit or an action of its own refused it. */
  note(timeMs: number, model: number, outputTokens: number, stopped: boolean): void {
    const hour = Math.floor(timeMs / HOUR_MS)
    const { halves } = this.block
    const hourly = (this.at + HOURLY) >>> 1
    if (hour > this.hour) {
      for (let h = Math.max(this.hour + 1, hour - HOURS + 1); h <= hour; h++) halves[hourly + (h % HOURS)] = 0
      this.hour = hour
    }
    count(halves, hourly + (hour % HOURS))
    count(halves, ((this.at + DAY24) >>> 1) + (hour % DAY_HOURS))
    if (outputTokens > 0) {
      const bin = Math.min(ANSWER_BINS - 1, Math.floor(Math.log2(1 + outputTokens)))
      count(halves, ((this.at + ANSWERS) >>> 1) + bin)
    }
    if (timeMs - this.lastMs >= PAUSE_MS)
      this.startsUsed = keep(this.block.doubles, this.#startsFrom, this.startsUsed, timeMs)
    if (stopped && !this.isStopped) {
      if (this.stopsAt === 0) this.stopsAt = this.#stops.add() + 1
      this.stopsUsed = keep(this.#stopsBlock.doubles, this.#stopsFrom, this.stopsUsed, timeMs)
    }
    this.isStopped = stopped
    this.#countModel(model)
    this.lastMs = timeMs
  }

  get day24(): Uint16Array {
    const at = (this.at + DAY24) >>> 1
    return this.block.halves.subarray(at, at + DAY_HOURS)
  }

  get answers(): Uint16Array {
    const at = (this.at + ANSWERS) >>> 1
    return this.block.halves.subarray(at, at + ANSWER_BINS)
  }

  /** When it began after a pause, and when it was stopped: the latest. */
  get starts(): readonly number[] {
    return [...this.block.doubles.subarray(this.#startsFrom, this.#startsFrom + this.startsUsed)]
  }

  get stops(): readonly number[] {
    if (this.stopsAt === 0) return []
    return [...this.#stopsBlock.doubles.subarray(this.#stopsFrom, this.#stopsFrom + this.stopsUsed)]
  }

  get models(): ReadonlyMap<number, number> {
    const at = (this.at + MODELS) >>> 2
    const { words } = this.block
    return new Map(Array.from({ length: this.modelsUsed }, (_, i) => [words[at + 2 * i]!, words[at + 2 * i + 1]!]))
  }

  /** Its hours from `fromHour` on, oldest first. */
  hoursFrom(fromHour: number): Uint32Array {
    const out = new Uint32Array(HOURS)
    const at = (this.at + HOURLY) >>> 1
    for (let i = 0; i < HOURS; i++) {
      const hour = fromHour + i
      if (hour <= this.hour && hour > this.hour - HOURS) out[i] = this.block.halves[at + (hour % HOURS)]!
    }
    return out
  }

  #countModel(model: number): void {
    const { words } = this.block
    const at = (this.at + MODELS) >>> 2
    const used = this.modelsUsed
    let i = 0
    while (i < used && words[at + 2 * i] !== model) i++
    if (i === MOST_MODELS) return
    if (i === used) {
      words[at + 2 * i] = model
      this.modelsUsed = used + 1
    }
    words[at + 2 * i + 1]!++
  }

  get #startsFrom(): number {
    return (this.at + STARTS) >>> 3
  }

  get #stopsBlock(): Block {
    return this.#stops.blockOf(this.stopsAt - 1)
  }

  get #stopsFrom(): number {
    return this.#stops.atOf(this.stopsAt - 1) >>> 3
  }
}

defineFields(Activity.prototype, layout)

function count(halves: Uint16Array, at: number): void {
  if (halves[at]! < 0xffff) halves[at]!++
}

/** Puts a time at the end of a list, whose first one goes where there is no room; gives how many there are. */
function keep(doubles: Float64Array, at: number, used: number, timeMs: number): number {
  if (used < MOST_STARTS) {
    doubles[at + used] = timeMs
    return used + 1
  }
  doubles.copyWithin(at, at + 1, at + MOST_STARTS)
  doubles[at + MOST_STARTS - 1] = timeMs
  return used
}
