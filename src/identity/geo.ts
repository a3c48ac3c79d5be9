import { LRUCache } from 'lru-cache'
import { Reader } from 'mmdb-lib'
import { err, ok, type Result } from '../core/result.ts'
import { readAddress } from './address.ts'
import { mergeGeoFacts, NOTHING_KNOWN, type GeoFacts } from './geo-record.ts'

/**
 * The autonomous system and country of an address, from MaxMind DB files on this machine (MaxMind DB file format 2.0):
 * GeoLite2, DB-IP lite and IPinfo lite. No address leaves the machine. The files come from outside, so neither a broken
 * file nor a broken record in it may stop a request: the first is refused when it is opened, the second says nothing.
 */
export interface GeoFile {
  /** For the operator's eyes. */
  readonly name: string
  readonly bytes: Uint8Array
}

const MARKER = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex')

/** "The maximum allowable size for the metadata section, including the marker": 128 KiB. */
const METADATA_BYTES = 128 * 1024
const SEPARATOR_BYTES = 16

/** An address costs some 150 bytes here and a reading of each file if it is not here. */
const MAX_ADDRESSES = 16_384

/** Looks addresses up in a fixed set of files; changed files are a new instance. */
export class GeoDatabase {
  readonly #readers: readonly MmdbReader[]
  readonly #known = new LRUCache<string, GeoFacts>({ max: MAX_ADDRESSES })
  readonly #words = new Uint32Array(4)

  private constructor(readers: readonly MmdbReader[]) {
    this.#readers = readers
  }

  /** Opens all files, or says what is wrong with each that cannot be used. For each fact the first file that has it wins. */
  static open(files: readonly GeoFile[]): Result<GeoDatabase, string> {
    const readers: MmdbReader[] = []
    const problems: string[] = []
    for (const { name, bytes } of files) {
      const reader = openFile(bytes)
      if (reader.ok) readers.push(reader.value)
      else problems.push(`${name}: ${reader.error}`)
    }
    return problems.length === 0 ? ok(new GeoDatabase(readers)) : err(problems.join('; '))
  }

  /** What the files say about an address; nulls for one that they do not know or that is none. */
  lookup(ip: string): GeoFacts {
    const known = this.#known.get(ip)
    if (known !== undefined) return known
    const version = readAddress(ip, this.#words)
    // Nothing but addresses is remembered, so that no key is longer than one.
    if (version === 0) return NOTHING_KNOWN
    // The tree has no path for ::ffff:192.0.2.1 in every vendor's files.
    const address = version === 4 && ip.includes(':') ? dotted(this.#words[3]!) : ip
    let facts = NOTHING_KNOWN
    for (let i = 0; i < this.#readers.length; i++) {
      const reader = this.#readers[i]!
      // mmdb-lib would take the first bits of an IPv6 address for an IPv4 one.
      if (version === 6 && reader.metadata.ipVersion === 4) continue
      facts = mergeGeoFacts(facts, recordAt(reader, address))
    }
    this.#known.set(ip, facts)
    return facts
  }
}

type MmdbReader = Reader<never>

const dotted = (value: number): string =>
  `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`

/** mmdb-lib throws at whatever it cannot follow; for a request that is the same as knowing nothing. */
function recordAt(reader: MmdbReader, address: string): unknown {
  try {
    return reader.get(address)
  } catch {
    return null
  }
}

function openFile(bytes: Uint8Array): Result<MmdbReader, string> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const marker = file.subarray(-METADATA_BYTES).lastIndexOf(MARKER)
  if (marker < 0) return err('not a MaxMind DB file, or cut off: it has no metadata at its end')
  const dataEnd = file.length - Math.min(file.length, METADATA_BYTES) + marker
  let reader: MmdbReader
  try {
    reader = new Reader(file)
  } catch {
    return err('the metadata or the search tree cannot be read')
  }
  const { binaryFormatMajorVersion, ipVersion, nodeCount, searchTreeSize } = reader.metadata
  if (binaryFormatMajorVersion !== 2) return err(`format version ${String(binaryFormatMajorVersion)} instead of 2`)
  if (ipVersion !== 4 && ipVersion !== 6) return err('the metadata has no IP version')
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1) return err('the metadata has no count of nodes')
  const dataStart = searchTreeSize + SEPARATOR_BYTES
  if (dataStart >= dataEnd) return err('shorter than its metadata says')
  if (file.subarray(searchTreeSize, dataStart).some((byte) => byte !== 0)) {
    return err('the search tree does not end where the metadata says')
  }
  return ok(reader)
}
