import { parseRange, type AddressRange } from './address.ts'
import { RangeIndex } from './range-index.ts'

/**
 * What published lists say about an address: a Tor exit, an open proxy or VPN, a data centre. A list is somebody's opinion
 * of yesterday, so the answer is a fact to weigh, never a verdict.
 */
export type NetworkType = 'tor' | 'proxy' | 'hosting' | 'none'

export interface AddressList {
  readonly type: Exclude<NetworkType, 'none'>
  readonly ranges: readonly string[]
}

export interface ListProblem {
  /** From 1; 0 speaks of the list as a whole. */
  readonly line: number
  readonly message: string
}

const MAX_LIST_CHARS = 32 * 1024 * 1024
const MAX_RANGES = 1_000_000

/** A web page in place of a list has a problem in each of its lines; more of them tell nothing new. */
const MAX_PROBLEMS = 100

/**
 * Reads a list with one address or network a line and comments after `#` or `;`, as Tor, Spamhaus DROP, FireHOL and cloud
 * providers publish them; of a geofeed (RFC 8805: network, country, region, …) the first field. What is not an address is
 * reported, and so is a network of every address there is: in a list that is a mistake or an attack.
 */
export function parseAddressList(text: string): {
  readonly ranges: readonly string[]
  readonly problems: readonly ListProblem[]
} {
  const ranges: string[] = []
  const problems: ListProblem[] = []
  if (text.length > MAX_LIST_CHARS) {
    return {
      ranges,
      problems: [{ line: 0, message: `longer than ${MAX_LIST_CHARS} characters; nothing of it is used` }],
    }
  }
  let unsaid = 0
  let line = 0
  // A byte order mark is no part of the first line.
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline < 0 ? text.length : newline
    const entry = entryOf(text.slice(start, end))
    start = end + 1
    line++
    if (entry === '') continue
    const problem = ranges.length < MAX_RANGES ? problemOf(entry) : `beyond the first ${MAX_RANGES} networks`
    if (problem === null) ranges.push(entry)
    else if (problems.length < MAX_PROBLEMS) {
      problems.push({ line, message: `${problem}: ${JSON.stringify(entry.slice(0, 50))}` })
    } else unsaid++
  }
  if (unsaid > 0) problems.push({ line: 0, message: `${unsaid} more lines are not used` })
  return { ranges, problems }
}

function problemOf(entry: string): string | null {
  const range = parseRange(entry)
  if (!range.ok) return range.error
  return range.value.bits === 0 ? 'a network of every address there is' : null
}

/** A line without its comment, and of a geofeed's line the network. */
function entryOf(line: string): string {
  let end = line.length
  for (const mark of ['#', ';']) {
    const at = line.indexOf(mark)
    if (at >= 0 && at < end) end = at
  }
  const entry = line.slice(0, end).trim()
  const comma = entry.indexOf(',')
  return comma > 0 && /^[A-Za-z]{0,2}(?:,|$)/.test(entry.slice(comma + 1, comma + 4)) ? entry.slice(0, comma) : entry
}

const TOR = 4
const PROXY = 2
const HOSTING = 1
const flags = { tor: TOR, proxy: PROXY, hosting: HOSTING } as const

/** The kind of network an address is in, from lists of networks and of hosting companies' ASNs. */
export class AddressLists {
  /** Ranges that are none, and therefore not in force. */
  readonly problems: readonly string[]
  readonly #index: RangeIndex
  /** All flags of the networks around each node. */
  readonly #flags: Uint8Array
  readonly #hostingAsns: ReadonlySet<number>

  constructor(lists: readonly AddressList[], hostingAsns: ReadonlySet<number>) {
    const ranges: AddressRange[] = []
    const types: number[] = []
    const problems: string[] = []
    for (const list of lists) {
      for (const text of list.ranges) {
        const range = parseRange(text)
        if (range.ok) {
          ranges.push(range.value)
          types.push(flags[list.type])
        } else problems.push(`${list.type}: ${JSON.stringify(text.slice(0, 50))} ${range.error}`)
      }
    }
    this.problems = problems
    this.#index = new RangeIndex(ranges)
    const { nodes, parents } = this.#index
    this.#flags = new Uint8Array(parents.length)
    for (let i = 0; i < types.length; i++) this.#flags[nodes[i]!]! |= types[i]!
    // Parents come before their children.
    for (let i = 0; i < parents.length; i++) if (parents[i]! >= 0) this.#flags[i]! |= this.#flags[parents[i]!]!
    this.#hostingAsns = hostingAsns
  }

  /** The most telling type there is: Tor before proxy before hosting. */
  typeOf(ip: string, asn: number | null): NetworkType {
    const node = this.#index.find(ip)
    const found = node < 0 ? 0 : this.#flags[node]!
    if ((found & TOR) !== 0) return 'tor'
    if ((found & PROXY) !== 0) return 'proxy'
    return (found & HOSTING) !== 0 || (asn !== null && this.#hostingAsns.has(asn)) ? 'hosting' : 'none'
  }
}
