import { Shelf, type ShelfOptions } from './shelf.ts'

/** Accounts whose campaign is known; about 150 bytes each. */
const MAX_ACCOUNTS = 250_000
/** How many are looked at to find one that need not be known any more. */
const LOOKS = 8

/**
 * Which account belongs to which campaign, for actions that fall on a campaign as a whole. Past the bound those go whose
 * campaign meets nothing; where all meet something, it is newcomers who are left out.
 */
export class Memberships {
  readonly #campaigns = new Map<string, string>()
  readonly #shelf: Shelf<string>
  readonly #max: number
  readonly #isMet: (campaign: string) => boolean
  leftOut = 0

  constructor(
    options: Pick<ShelfOptions<string>, 'records' | 'clock' | 'failed'>,
    isMet: (campaign: string) => boolean,
    max: number = MAX_ACCOUNTS,
  ) {
    this.#shelf = new Shelf({ ...options, kind: 'campaign_member', write: (campaign) => campaign })
    this.#isMet = isMet
    this.#max = max
    for (const { id, value } of options.records.all('campaign_member')) this.#campaigns.set(id, value)
  }

  of(account: string): string | null {
    return this.#campaigns.get(account) ?? null
  }

  set(account: string, campaign: string | null): void {
    const known = this.#campaigns.get(account)
    if (known === (campaign ?? undefined)) return
    if (campaign === null) this.#campaigns.delete(account)
    else if (known !== undefined || this.#hasRoom()) this.#campaigns.set(account, campaign)
    else {
      this.leftOut++
      return
    }
    this.#shelf.put(account, campaign)
  }

  flush(): string | null {
    return this.#shelf.flush()
  }

  /** Second chance: who is looked at and stays goes to the end, so that all have their turn. */
  #hasRoom(): boolean {
    if (this.#campaigns.size < this.#max) return true
    for (let looks = 0; looks < LOOKS; looks++) {
      const [first] = this.#campaigns
      if (first === undefined) return false
      const [account, campaign] = first
      this.#campaigns.delete(account)
      if (!this.#isMet(campaign)) {
        this.#shelf.put(account, null)
        return true
      }
      this.#campaigns.set(account, campaign)
    }
    return false
  }
}
