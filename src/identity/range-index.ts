import { lastOf, readAddress, type AddressRange, type Words } from './address.ts'

/**
 * Finds the networks that an address lies in, among hundreds of thousands. Networks in CIDR form are nested or apart, never
 * half over each other; so the address space falls into segments that each have one innermost network, and every network
 * has at most one parent. A lookup is a binary search for the segment and a walk up the parents. node's BlockList says
 * only whether an address is listed, not by which networks.
 */
export class RangeIndex {
  /** The node of each given range; equal ranges share one. */
  readonly nodes: Int32Array
  /** The next wider network of each node, or -1. A parent's number is always lower than its child's. */
  readonly parents: Int32Array
  readonly #ipv4: Segments
  readonly #ipv6: Segments
  readonly #words = new Uint32Array(4)

  constructor(ranges: readonly AddressRange[]) {
    this.nodes = new Int32Array(ranges.length)
    const parents: number[] = []
    this.#ipv4 = divide(ranges, 4, this.nodes, parents)
    this.#ipv6 = divide(ranges, 6, this.nodes, parents)
    this.parents = Int32Array.from(parents)
  }

  /** The node of the narrowest network around an address, or -1. */
  find(ip: string): number {
    const version = readAddress(ip, this.#words)
    if (version === 0) return -1
    return search(version === 4 ? this.#ipv4 : this.#ipv6, this.#words)
  }
}

/** Where each segment starts, four words a segment, ascending; and its innermost node. */
interface Segments {
  readonly starts: Uint32Array
  readonly nodes: Int32Array
}

function search({ starts, nodes }: Segments, words: Uint32Array): number {
  const w0 = words[0]!
  const w1 = words[1]!
  const w2 = words[2]!
  const w3 = words[3]!
  let low = 0
  let high = nodes.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = middle * 4
    let difference = starts[at]! - w0
    if (difference === 0) difference = starts[at + 1]! - w1
    if (difference === 0) difference = starts[at + 2]! - w2
    if (difference === 0) difference = starts[at + 3]! - w3
    if (difference <= 0) low = middle + 1
    else high = middle
  }
  return low === 0 ? -1 : nodes[low - 1]!
}

function divide(ranges: readonly AddressRange[], version: 4 | 6, nodes: Int32Array, parents: number[]): Segments {
  const order: number[] = []
  for (let i = 0; i < ranges.length; i++) if (ranges[i]!.version === version) order.push(i)
  // The wider network first where two start at the same address.
  order.sort((a, b) => compare(ranges[a]!.first, ranges[b]!.first) || ranges[a]!.bits - ranges[b]!.bits)
  const starts: Words[] = []
  const innermost: number[] = []
  const begin = (start: Words, node: number): void => {
    if (starts.length > 0 && compare(starts.at(-1)!, start) === 0) innermost[innermost.length - 1] = node
    else {
      starts.push(start)
      innermost.push(node)
    }
  }
  const open: { readonly node: number; readonly bits: number; readonly first: Words; readonly last: Words }[] = []
  const close = (): void => {
    const next = after(open.pop()!.last)
    if (next !== null) begin(next, open.at(-1)?.node ?? -1)
  }
  for (const i of order) {
    const range = ranges[i]!
    const { first, bits } = range
    while (open.length > 0 && compare(open.at(-1)!.last, first) < 0) close()
    const around = open.at(-1)
    if (around !== undefined && around.bits === bits && compare(around.first, first) === 0) {
      nodes[i] = around.node
      continue
    }
    const node = parents.length
    parents.push(around?.node ?? -1)
    nodes[i] = node
    open.push({ node, bits, first, last: lastOf(range) })
    begin(first, node)
  }
  while (open.length > 0) close()
  return { starts: Uint32Array.from(starts.flat()), nodes: Int32Array.from(innermost) }
}

const compare = (a: Words, b: Words): number => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]

/** The address after this one; null after the last. For IPv4 the words in front are a carry that no address reaches. */
function after([w0, w1, w2, w3]: Words): Words | null {
  if (w3 < 0xffff_ffff) return [w0, w1, w2, w3 + 1]
  if (w2 < 0xffff_ffff) return [w0, w1, w2 + 1, 0]
  if (w1 < 0xffff_ffff) return [w0, w1 + 1, 0, 0]
  return w0 < 0xffff_ffff ? [w0 + 1, 0, 0, 0] : null
}
