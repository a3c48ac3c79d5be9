import type { Notes } from './notes.ts'

/** A longer silence than this is believed when a second line agrees. */
const LEAP_MS = 31 * 86_400_000

/**
 * The time by which lines are judged: that of the line, and never earlier than the one before. A single line from the
 * far future must not stop the clock for the rest of the log, so a leap needs a second line that is as far ahead.
 */
export class LogClock {
  #latestMs: number | null
  #leapToMs: number | null = null

  constructor(latestMs: number | null) {
    this.#latestMs = latestMs
  }

  tell(timeMs: number, notes: Notes): number {
    const latestMs = this.#latestMs ?? timeMs
    const leapToMs = this.#leapToMs
    this.#leapToMs = null
    if (timeMs < latestMs) {
      notes.add('the clock ran backwards; the latest time was taken')
      return latestMs
    }
    if (timeMs > latestMs + LEAP_MS && (leapToMs === null || Math.abs(timeMs - leapToMs) > LEAP_MS)) {
      this.#leapToMs = timeMs
      notes.add('the clock leapt ahead for one line; the time before was taken')
      return latestMs
    }
    this.#latestMs = timeMs
    return timeMs
  }
}
