import type { AppliedAction } from '../core/action.ts'
import { type Facts, noFacts } from '../core/dimensions.ts'
import { memoryRecords, type Records } from '../core/records.ts'
import { ActionRegister } from './register.ts'

/** A register on a clock that tests move, for tests. */
export interface Desk {
  readonly register: ActionRegister
  readonly records: Records
  readonly said: string[]
  readonly nowMs: number
  /** Timers that are set. */
  readonly timers: number
  /** Moves the time, and fires what is due on the way. */
  advance(ms: number): void
  /** Another process on what this one has left on the disk. */
  restart(): Desk
}

interface Bounds {
  readonly maxActions?: number
  readonly maxMembers?: number
}

export function desk(
  bounds: Bounds = {},
  records: Records = memoryRecords(),
  startMs: number = 1_000_000,
  run: number = 0,
): Desk {
  const timers = new Map<number, { readonly atMs: number; readonly fn: () => void }>()
  const said: string[] = []
  let nowMs = startMs
  let timer = 0
  let count = 0
  const register = new ActionRegister({
    records,
    ...bounds,
    nextId: () => `act_${run}_${String(++count).padStart(7, '0')}`,
    say: (_level, what) => void said.push(what),
    clock: {
      now: () => nowMs,
      after(delayMs, fn) {
        const id = timer++
        timers.set(id, { atMs: nowMs + delayMs, fn })
        return () => void timers.delete(id)
      },
    },
  })
  return {
    register,
    records,
    said,
    get nowMs() {
      return nowMs
    },
    get timers() {
      return timers.size
    },
    advance(ms) {
      const endMs = nowMs + ms
      for (;;) {
        const due = [...timers].filter(([, { atMs }]) => atMs <= endMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0]
        if (due === undefined) break
        timers.delete(due[0])
        nowMs = due[1].atMs
        due[1].fn()
      }
      nowMs = endMs
    },
    restart: () => desk(bounds, records, nowMs, run + 1),
  }
}

export type Given = Omit<AppliedAction, 'id'>

export const given = (over: Partial<Given> = {}): Given => ({
  spec: { action: 'block' },
  subject: { kind: 'account', value: 'acme' },
  scope: [],
  mode: 'enforce',
  heldBack: false,
  by: { kind: 'playbook', name: 'default/block' },
  reason: 'a test',
  level: null,
  evidence: null,
  findings: [],
  campaign: null,
  group: null,
  atMs: 1_000_000,
  untilMs: 2_000_000,
  ...over,
})

export const facts = (over: Partial<Facts> = {}): Facts => ({ ...noFacts, key: 'k1', tenant: 'acme', ...over })
