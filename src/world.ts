import type { UpstreamConfig } from './config/config.ts'
import type { ActionsInForce } from './core/action.ts'
import type { Clock } from './core/clock.ts'
import type { Journal } from './core/journal.ts'
import type { RecordLog } from './core/record-log.ts'
import type { Records } from './core/records.ts'
import type { Upstream } from './core/upstream.ts'
import type { DetectionState } from './detection.ts'
import type { EventSink } from './loop.ts'
import type { StepUpOptions } from './stepup/step-ups.ts'
import type { LeaseStore } from './quota/port.ts'

/** What the world outside gives to a Weir: time, randomness, and where things go. */
export interface World {
  readonly clock: Clock
  /** A whole number from 0 to below its argument. */
  random(below: number): number
  /** Makes an upstream that lives inside this process. */
  embedded(config: UpstreamConfig): Upstream
  readonly sinks: readonly EventSink[]
  readonly journal: Journal | null
  /** Where limits are leased from; null: this process has the whole of each, and a restart forgets. */
  readonly leases: { readonly store: LeaseStore; readonly processes: number } | null
  /** Accepted terms and the like; null: a restart forgets them. */
  readonly records: Records | null
  /** The tamper-evident log; null: nothing is put on record. */
  readonly log: RecordLog | null
  /** At least 32 bytes for each purpose, the same after a restart; null: new ones each time. */
  readonly secrets: {
    readonly tokens: Uint8Array
    readonly fingerprints: Uint8Array
    readonly detection: Uint8Array
    readonly stepUp: Uint8Array
    readonly decoys: Uint8Array
  } | null
  /** Where evidence outlives the process; null: a restart forgets it. */
  readonly detection: DetectionState | null
  /** What the request path reads in place of the register: a test of that path alone says so which actions are in force. */
  readonly actions?: ActionsInForce
  /** Who is asked to confirm its account, in place of the actions in force; a test of that alone says so. */
  readonly asked?: StepUpOptions['asked']
  /** Posts to a URL that the configuration names. */
  post(
    url: string,
    type: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number }>
  /** What this machine is called. */
  readonly host: string
  /** Reads a JSON document from a host that the configuration names. */
  fetchJson(url: string): Promise<unknown>
  /** Says what an operator should know: a short name, and details without secrets. */
  say(level: 'info' | 'warn' | 'error', what: string, details: Readonly<Record<string, unknown>>): void
}
