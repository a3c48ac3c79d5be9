import { type Block, defineFields } from '../sketch/rows.ts'
import { memberLayout, memberNumbers, scoreNumbers } from './member-row.ts'
import type { Members } from './members.ts'
import { Trace } from './trace.ts'

/** What the engine holds of one account: a view of its row. */
export class Member {
  readonly number: number
  readonly block: Block
  readonly at: number
  readonly trace: Trace
  /** How much of what it sends is made alike, 0 to 1, over its last dozen prompts. */
  declare narrow: number
  /** What it has met, as `MatchRates` packs it, and when it was counted there; null: it is not. */
  declare met: number
  declare metAt: number | null
  /** Keyed numbers of where it calls from and with what; 0: unknown. */
  declare fingerprint: number
  declare userAgent: number
  declare ipPrefix: number
  declare asn: number
  declare signedUp: number
  /** Suspected enough for others to be measured by it. */
  declare suspected: boolean
  /** Suspected enough for its infrastructure to be that of suspects. */
  declare strong: boolean
  declare content: number
  declare form: number
  declare infrastructure: number
  declare client: number
  declare total: number

  constructor(members: Members, number: number) {
    this.number = number
    this.block = members.rows.blockOf(number)
    this.at = members.rows.atOf(number)
    this.trace = new Trace(number, this, members.runs)
  }

  get scores(): Scores {
    const { content, form, infrastructure, client, total } = this
    return { content, form, infrastructure, client, total }
  }

  set scores({ content, form, infrastructure, client, total }: Scores) {
    this.content = content
    this.form = form
    this.infrastructure = infrastructure
    this.client = client
    this.total = total
  }
}

defineFields(Member.prototype, { ...scoreNumbers, ...memberNumbers }, memberLayout)

/** Evidence of three families, as logarithms; `total` is what the account is weighed by. */
export interface Scores {
  readonly content: number
  readonly form: number
  readonly infrastructure: number
  /** The part of infrastructure that neighbours do not share. */
  readonly client: number
  readonly total: number
}

export const noScores: Scores = { content: 0, form: 0, infrastructure: 0, client: 0, total: 0 }
