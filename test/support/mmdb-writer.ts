/**
 * Writes MaxMind DB files (file format specification 2.0) as small as a test needs them, since the real ones may not be
 * passed on. Enough of the format for maps, lists, strings, booleans and unsigned integers; a string that comes again is
 * a pointer, as in real files.
 */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue }

export interface MmdbFile {
  /** Networks in CIDR form, addresses in full (`2001:db8:0:0:0:0:0:0/32`), in any order; the narrower one wins. */
  readonly networks: readonly (readonly [cidr: string, record: MmdbValue])[]
  readonly recordSize?: 24 | 28 | 32
  readonly ipVersion?: 4 | 6
  readonly databaseType?: string
  /** Written over the true metadata, to make files that are wrong. */
  readonly metadata?: { readonly [key: string]: MmdbValue }
}

/** null leads nowhere, a number is an offset in the data section, a pair is a node. */
type Child = null | number | Node
interface Node {
  readonly children: [Child, Child]
}

export function writeMmdb({ networks, recordSize = 24, ipVersion = 6, ...rest }: MmdbFile): Buffer {
  const data = new DataSection()
  const root: Node = { children: [null, null] }
  const bitsOf = ([cidr]: readonly [string, MmdbValue]): string => networkBits(cidr, ipVersion)
  for (const network of networks.toSorted((a, b) => bitsOf(a).length - bitsOf(b).length)) {
    insert(root, bitsOf(network), data.add(network[1]))
  }
  const nodes = allNodes(root)
  const number = new Map(nodes.map((node, i) => [node, i]))
  const tree = nodes.map(({ children }) => {
    const [left, right] = children.map((child) => {
      if (child === null) return nodes.length
      // The 16 bytes between tree and data count as if they were the data section's first.
      return typeof child === 'number' ? nodes.length + 16 + child : number.get(child)!
    })
    return nodeBytes(left!, right!, recordSize)
  })
  const metadata = new DataSection()
  metadata.add({
    node_count: nodes.length,
    record_size: recordSize,
    ip_version: ipVersion,
    database_type: rest.databaseType ?? 'Test',
    languages: ['en'],
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_700_000_000n,
    description: { en: 'made for a test' },
    ...rest.metadata,
  })
  const marker = Buffer.from('\u00AB\u00CD\u00EFMaxMind.com', 'latin1')
  return Buffer.concat([...tree, Buffer.alloc(16), data.bytes(), marker, metadata.bytes()])
}

/** The path through the tree as '0' and '1'. IPv4 in a tree of IPv6 is at ::/96. */
function networkBits(cidr: string, ipVersion: 4 | 6): string {
  const [address, prefix] = cidr.split('/') as [string, string]
  const v6 = address.includes(':')
  const bits = address
    .split(v6 ? ':' : '.')
    .map((part) => Number.parseInt(part, v6 ? 16 : 10).toString(2))
    .map((part) => part.padStart(v6 ? 16 : 8, '0'))
    .join('')
  if (bits.length !== (v6 ? 128 : 32)) throw new Error(`${cidr}: write the address in full`)
  const network = bits.slice(0, Number(prefix))
  return v6 || ipVersion === 4 ? network : '0'.repeat(96) + network
}

function insert(root: Node, bits: string, offset: number): void {
  let node = root
  for (const bit of bits.slice(0, -1)) {
    const child = node.children[Number(bit)]!
    // What a wider network said goes on to be true beside the narrower one.
    const next: Node = typeof child === 'object' && child !== null ? child : { children: [child, child] }
    node.children[Number(bit)] = next
    node = next
  }
  node.children[Number(bits.at(-1))] = offset
}

function allNodes(root: Node): readonly Node[] {
  const nodes = [root]
  // The list grows while it is walked.
  for (const node of nodes) {
    for (const child of node.children) if (typeof child === 'object' && child !== null) nodes.push(child)
  }
  return nodes
}

function nodeBytes(left: number, right: number, recordSize: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(recordSize / 4)
  if (recordSize === 32) {
    bytes.writeUInt32BE(left, 0)
    bytes.writeUInt32BE(right, 4)
    return bytes
  }
  bytes.writeUIntBE(left & 0xff_ffff, 0, 3)
  bytes.writeUIntBE(right & 0xff_ffff, recordSize === 28 ? 4 : 3, 3)
  // The middle byte of 28-bit records holds the top four bits of both.
  if (recordSize === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24)
  return bytes
}

const type = { pointer: 1, string: 2, uint32: 6, map: 7, uint64: 9, list: 11, boolean: 14 } as const

class DataSection {
  #bytes = Buffer.alloc(0)
  readonly #strings = new Map<string, number>()

  bytes(): Buffer {
    return this.#bytes
  }

  /** Appends a value and says where it stands. */
  add(value: MmdbValue): number {
    const offset = this.#bytes.length
    if (typeof value === 'string') this.#addString(value, offset)
    else if (typeof value === 'number') this.#append(type.uint32, unsigned(BigInt(value)))
    else if (typeof value === 'bigint') this.#append(type.uint64, unsigned(value))
    else if (typeof value === 'boolean') this.#control(type.boolean, value ? 1 : 0)
    else if (Array.isArray(value)) {
      this.#control(type.list, value.length)
      for (const item of value as readonly MmdbValue[]) this.add(item)
    } else {
      this.#control(type.map, Object.keys(value).length)
      for (const [key, item] of Object.entries(value)) {
        this.add(key)
        this.add(item)
      }
    }
    return offset
  }

  #addString(value: string, offset: number): void {
    const known = this.#strings.get(value)
    if (known === undefined) {
      this.#strings.set(value, offset)
      this.#append(type.string, Buffer.from(value))
    } else {
      // 001 for a pointer, 11 for a size of four bytes, and three bits that say nothing.
      const pointer = Buffer.from([(type.pointer << 5) | 0b1_1000, 0, 0, 0, 0])
      pointer.writeUInt32BE(known, 1)
      this.#bytes = Buffer.concat([this.#bytes, pointer])
    }
  }

  #append(kind: number, payload: Buffer): void {
    this.#control(kind, payload.length)
    this.#bytes = Buffer.concat([this.#bytes, payload])
  }

  /** Sizes below 29 stand in the control byte, 29 to 284 in one more. Types above 7 have a byte of their own. */
  #control(kind: number, size: number): void {
    if (size > 284) throw new Error('longer than a test needs')
    const short = Math.min(size, 29)
    const head = kind > 7 ? [short, kind - 7] : [(kind << 5) | short]
    this.#bytes = Buffer.concat([this.#bytes, Buffer.from(size < 29 ? head : [...head, size - 29])])
  }
}

/** Big-endian without leading zeros. */
function unsigned(value: bigint): Buffer {
  if (value === 0n) return Buffer.alloc(0)
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}
