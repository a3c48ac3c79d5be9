/** All waiting and all reading of time goes through a clock, so that tests and the lab can run on a virtual one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number
  /** Runs `fn` once, `delayMs` from now; the result cancels it. */
  after(delayMs: number, fn: () => void): Cancel
}

export type Cancel = () => void

export const sleep = (clock: Clock, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(delayMs, resolve))

/** The machine's clock. Its timers do not keep the process alive: open sockets do that. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delayMs, fn) => {
    const timer = setTimeout(fn, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
