import { createHash } from 'node:crypto'
import type { KeyConfig } from '../config/config.ts'
import type { Profile } from '../core/principal.ts'
import type { Random } from './random.ts'
import { drawFace, hexOf, type Face, type Infrastructure } from './traffic/face.ts'

/** An account of the lab: who it says it is, where it calls from, and the secret that it calls with. */
export interface LabAccount {
  readonly id: string
  readonly secret: string
  readonly face: Face
  readonly isHonest: boolean
  /** The kind of customer or attack that it belongs to. */
  readonly class: string
}

export interface AccountPlan {
  readonly class: string
  readonly isHonest: boolean
  readonly infrastructure?: Infrastructure
  readonly profile?: Profile
  /** Of the pack: `new`, `standard`, `verified`. */
  readonly trust?: string
  /** Its tenant, where several keys share one. */
  readonly tenant?: string
}

export type Person = Pick<LabAccount, 'class' | 'isHonest'>

/** Every account that a run can have is known to the configuration before it starts: signing up is only taking the next. */
export interface Roster {
  readonly keys: readonly KeyConfig[]
  readonly hostingAsns: readonly number[]
  /** By the account's name in Weir; null: none of this roster. */
  whoIs(account: string): Person | null
  add(random: Random, nowMs: number, plan: AccountPlan): LabAccount
}

export function createRoster(): Roster {
  const keys: KeyConfig[] = []
  const hosting = new Set<number>()
  const people = new Map<string, Person>()
  return {
    keys,
    get hostingAsns() {
      return [...hosting].sort((a, b) => a - b)
    },
    whoIs: (account) => people.get(account) ?? null,
    add(random, nowMs, plan) {
      const face = drawFace(random, nowMs, plan.infrastructure)
      const id = `k${keys.length}`
      const secret = `wr_lab_${id}_${hexOf(random)}${hexOf(random)}${hexOf(random)}`
      for (const { asn, asnType } of face.networks) if (asnType === 'hosting') hosting.add(asn)
      keys.push({
        id,
        secretSha256: createHash('sha256').update(secret).digest('hex'),
        tenant: plan.tenant ?? null,
        profile: plan.profile ?? 'unknown',
        trust: plan.trust ?? null,
        expiresAtMs: null,
        signed: 'no',
      })
      people.set(plan.tenant ?? `key:${id}`, plan)
      return { id, secret, face, isHonest: plan.isHonest, class: plan.class }
    },
  }
}
