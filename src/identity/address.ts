import { err, ok, type Result } from '../core/result.ts'

/**
 * IP addresses as numbers: four words of 32 bits, of which IPv4 uses the last one. Every list and every lookup goes through
 * this one reader, so that they agree on what an address is. It takes what node's `isIP` takes, without zones.
 */
export type Words = readonly [number, number, number, number]

/** A network in CIDR form whose first address has no bit beyond the prefix. */
export interface AddressRange {
  readonly version: 4 | 6
  readonly first: Words
  readonly bits: number
}

const DOT = 0x2e
const COLON = 0x3a

/** Longer than any address with its prefix length, so that a look at a hostile line ends early. */
const MAX_RANGE_CHARS = 49

const groups = new Uint16Array(8)
const words = new Uint32Array(4)

/**
 * Writes an address into four words and says which version it is, 0 for none. `::ffff:192.0.2.1` is the IPv4 address that
 * it stands for (RFC 4291, 2.5.5.2): one host has one name.
 */
export function readAddress(text: string, into: Uint32Array): 0 | 4 | 6 {
  if (text.indexOf(':') < 0) {
    into[0] = into[1] = into[2] = 0
    const value = ipv4Value(text, 0)
    into[3] = value
    return value < 0 ? 0 : 4
  }
  if (!readGroups(text)) return 0
  into[0] = groups[0]! * 0x1_0000 + groups[1]!
  into[1] = groups[2]! * 0x1_0000 + groups[3]!
  into[2] = groups[4]! * 0x1_0000 + groups[5]!
  into[3] = groups[6]! * 0x1_0000 + groups[7]!
  if (into[0] !== 0 || into[1] !== 0 || into[2] !== 0xffff) return 6
  into[2] = 0
  return 4
}

/** Reads one address or network; the error says what is wrong with it. */
export function parseRange(text: string): Result<AddressRange, string> {
  if (text.length > MAX_RANGE_CHARS) return err('not an IP address or network')
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const version = readAddress(address, words)
  if (version === 0) return err('not an IP address or network')
  const width = version === 4 ? 32 : 128
  // A network written as ::ffff:10.0.0.0/104 is 10.0.0.0/8.
  const mapped = version === 4 && address.includes(':') ? 96 : 0
  const prefix = slash < 0 ? String(width + mapped) : text.slice(slash + 1)
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) - mapped : -1
  if (bits < 0 || bits > width) return err('not a prefix length after the slash')
  const first: Words = [words[0]!, words[1]!, words[2]!, words[3]!]
  for (let i = 0; i < 4; i++) {
    if ((first[i]! & hostMask(bits + 128 - width, i)) !== 0) return err('has bits beyond its prefix length')
  }
  return ok({ version, first, bits })
}

/** The last address of a network. */
export const lastOf = ({ version, first, bits }: AddressRange): Words => {
  const prefix = version === 4 ? bits + 96 : bits
  return [
    (first[0] | hostMask(prefix, 0)) >>> 0,
    (first[1] | hostMask(prefix, 1)) >>> 0,
    (first[2] | hostMask(prefix, 2)) >>> 0,
    (first[3] | hostMask(prefix, 3)) >>> 0,
  ]
}

/** The bits of one word that a prefix of so many bits out of 128 leaves to hosts. */
function hostMask(prefix: number, word: number): number {
  const own = prefix - word * 32
  return own >= 32 ? 0 : own <= 0 ? 0xffff_ffff : 0xffff_ffff >>> own
}

/** The dotted quad from `start` to the end, or -1. A leading zero is refused: some read it as octal. */
function ipv4Value(text: string, start: number): number {
  let value = 0
  let octet = -1
  let dots = 0
  for (let i = start; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === DOT) {
      if (octet < 0 || ++dots > 3) return -1
      value = value * 256 + octet
      octet = -1
    } else {
      const digit = char - 0x30
      if (digit < 0 || digit > 9 || octet === 0) return -1
      octet = octet < 0 ? digit : octet * 10 + digit
      if (octet > 255) return -1
    }
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1
}

/** Reads RFC 4291 section 2.2, all three forms, into `groups`. */
function readGroups(text: string): boolean {
  let count = 0
  let gap = -1
  let i = 0
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false
    gap = 0
    i = 2
  }
  while (i < text.length) {
    const start = i
    let value = 0
    for (; i < text.length; i++) {
      const digit = hexDigit(text.charCodeAt(i))
      if (digit < 0) break
      if (i - start === 4) return false
      value = value * 16 + digit
    }
    if (i < text.length && text.charCodeAt(i) === DOT) {
      const tail = count <= 6 ? ipv4Value(text, start) : -1
      if (tail < 0) return false
      groups[count++] = tail >>> 16
      groups[count++] = tail & 0xffff
      break
    }
    if (i === start || count === 8) return false
    groups[count++] = value
    if (i === text.length) break
    if (text.charCodeAt(i++) !== COLON || i === text.length) return false
    if (text.charCodeAt(i) === COLON) {
      if (gap >= 0) return false
      gap = count
      i++
    }
  }
  if (gap < 0) return count === 8
  if (count === 8) return false
  groups.copyWithin(gap + 8 - count, gap, count)
  groups.fill(0, gap, gap + 8 - count)
  return true
}

function hexDigit(char: number): number {
  if (char >= 0x30 && char <= 0x39) return char - 0x30
  const lower = char | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
