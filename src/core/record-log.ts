import type { ActionName, Level } from './decision.ts'

/**
 * What Weir must be able to prove later, written into one tamper-evident log. A room that decides something builds an
 * entry and hands it over; it never learns how the log is kept.
 */
export type RecordEntry =
  /** A decision that touched an exchange: refused, cut, or answered otherwise than asked. */
  | { readonly type: 'decision'; readonly what: Facts }
  /** An action that came into force, by a detector's evidence or an operator's word. */
  | {
      readonly type: 'action_applied'
      readonly what: {
        readonly id: string
        readonly action: ActionName
        readonly level: Level | null
        readonly subject: Sealed
        readonly evidence: number | null
        readonly campaign: string | null
        readonly until: number | null
        readonly by: By
        readonly because: Facts
      }
    }
  | {
      readonly type: 'action_ended'
      readonly what: { readonly id: string; readonly why: string; readonly by: By; readonly because: Facts }
    }
  | {
      readonly type: 'config_loaded'
      readonly what: { readonly hash: string; readonly before: string | null; readonly why: 'start' | 'reload' }
    }
  /** What an operator, or a customer with a legal effect, has done; on the disk before it is acknowledged. */
  | { readonly type: 'admin'; readonly what: { readonly act: string; readonly by: By; readonly detail: Facts } }
  | {
      readonly type: 'incident'
      readonly what: { readonly id: string; readonly event: string; readonly detail: Facts }
    }
  /** Exchanges that ended in no event, because the decision path could not keep up: they have no digest either. */
  | { readonly type: 'events_lost'; readonly what: { readonly count: number } }
  /** Somebody has looked at captured content. */
  | {
      readonly type: 'content_read'
      readonly what: { readonly exchange: string; readonly by: By; readonly reason: string; readonly detail: Facts }
    }

export type By = 'weir' | 'control' | 'customer' | 'command'

/**
 * A value that must not stand in the log as it is, because it can be somebody's personal data: the log gets a commitment
 * to it under a salt of its own. Who erases the salt makes the commitment mean nothing, and breaks no proof.
 */
export interface Sealed {
  readonly sealed: SealedKind
  readonly value: string
}

export type SealedKind = (typeof sealedKinds)[number]
export const sealedKinds = [
  'account',
  'key',
  'tenant',
  'user',
  'session',
  'ip',
  'network',
  'fingerprint',
  'user_agent',
  'text',
] as const

/** JSON, with sealed values in it. */
export interface Facts {
  readonly [name: string]: Fact
}
export type Fact = string | number | boolean | null | Sealed | Facts | readonly Fact[]

export const sealed = (kind: SealedKind, value: string): Sealed => ({ sealed: kind, value })

export interface RecordLog {
  /** Never waits: the entry is on the disk within a second, or the log says that it was lost. */
  append(entry: RecordEntry): void
  /** Resolves when the entry is on the disk and signed; rejects when that cannot be said. */
  appendDurably(entry: RecordEntry): Promise<void>
  /** Resolves when everything handed over so far is on the disk and signed. */
  settled(): Promise<void>
  /** Whether entries reach the disk right now. */
  readonly isWriting: boolean
}
