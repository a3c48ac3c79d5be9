import { isFull, type Exchange } from './ledger.ts'

/** What one thief, or one kind of honest customer, has sent and got so far. */
export interface Count {
  readonly accounts: ReadonlySet<string>
  readonly sent: number
  /** Of a thief the answers in full to what it wants; of the honest everything that was answered. */
  readonly got: number
  readonly lastMs: number
  readonly isHonest: boolean
}

export interface Counts {
  of(who: string): Count
  readonly honest: readonly (readonly [string, Count])[]
  readonly thieves: readonly (readonly [string, Count])[]
  /** Each exchange is counted once, however often this is called. */
  read(exchanges: readonly Exchange[]): void
}

const nobody: Count = { accounts: new Set(), sent: 0, got: 0, lastMs: 0, isHonest: false }

export function createCounts(): Counts {
  const all = new Map<string, { -readonly [Part in keyof Count]: Count[Part] } & { readonly accounts: Set<string> }>()
  let next = 0
  return {
    of: (who) => all.get(who) ?? nobody,
    get honest() {
      return [...all].filter(([, { isHonest }]) => isHonest)
    },
    get thieves() {
      return [...all].filter(([, { isHonest }]) => !isHonest)
    },
    read(exchanges) {
      for (; next < exchanges.length; next++) {
        const { status, class: who, isHonest, account, atMs, sample, action } = exchanges[next]!
        // Still under way: whoever comes back begins with it.
        if (status === 0) return
        const own = all.get(who) ?? { accounts: new Set<string>(), sent: 0, got: 0, lastMs: 0, isHonest }
        all.set(who, own)
        own.accounts.add(account)
        own.sent++
        own.lastMs = atMs
        if (isHonest ? status === 200 : sample !== null && isFull({ status, action })) own.got++
      }
    },
  }
}
