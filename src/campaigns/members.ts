import { offsetOf, Rows, type RowsState } from '../sketch/rows.ts'
import { Runs, type RunsState } from '../sketch/runs.ts'
import { infraKinds } from './infrastructure.ts'
import { Member } from './member.ts'
import { memberLayout, RUN_SIZES } from './member-row.ts'

/** All accounts as the engine knows them: by numbers, in the order in which they came. */
export interface MembersState {
  readonly rows: RowsState
  readonly runs: RunsState
}

const SUSPECTED = offsetOf(memberLayout, 'suspected')

export class Members {
  readonly rows: Rows = new Rows(memberLayout)
  readonly runs: Runs = new Runs(RUN_SIZES)

  get size(): number {
    return this.rows.length
  }

  /** A new account; `infra` in the order of `infraKinds`. */
  join(infra: ArrayLike<number>): Member {
    const member = this.of(this.rows.add())
    for (const [i, kind] of infraKinds.entries()) member[kind] = infra[i] ?? 0
    return member
  }

  of(number: number): Member {
    return new Member(this, number)
  }

  isSuspected(number: number): boolean {
    return this.rows.blockOf(number).bytes[this.rows.atOf(number) + SUSPECTED] !== 0
  }

  save(): MembersState {
    return { rows: this.rows.save(), runs: this.runs.save() }
  }

  /** False where it was laid out in another way. */
  load({ rows, runs }: MembersState): boolean {
    return this.rows.load(rows) && this.runs.load(runs)
  }
}
