import type { Network } from '../core/principal.ts'
import type { GeoDatabase } from './geo.ts'
import type { AddressLists } from './lists.ts'
import { createNetworkReader, type ClientAddress } from './network.ts'

export interface NetworkReaderOptions {
  readonly trustedProxies: readonly string[]
  readonly geo: GeoDatabase | null
  readonly lists: AddressLists
  /** Headers in which a trusted proxy says what it knows, lower case; null: not looked at. */
  readonly headers: {
    readonly asn: string | null
    readonly country: string | null
    readonly ja3: string | null
    readonly ja4: string | null
  }
}

/** Whatever has headers: the value of one by its lower-case name. */
export interface HeaderSource {
  header(name: string): string | undefined
}

/**
 * Everything that is known of where a call comes from. A trusted proxy's word comes first, then the local databases;
 * what a client says about itself in the same headers is never looked at.
 */
export class NetworkReader {
  readonly #options: NetworkReaderOptions
  readonly #address: (peer: string, forwardedFor: string | undefined) => ClientAddress

  constructor(options: NetworkReaderOptions) {
    this.#options = options
    this.#address = createNetworkReader(options.trustedProxies)
  }

  read(peer: string, source: HeaderSource): Network {
    const { geo, lists, headers } = this.#options
    const { ip, ipPrefix, viaProxy } = this.#address(peer, source.header('x-forwarded-for'))
    const told = viaProxy ? source : nobody
    const found = geo === null ? null : geo.lookup(ip)
    const asn = readAsn(valueOf(told, headers.asn)) ?? found?.asn ?? null
    return {
      ip,
      ipPrefix,
      asn,
      country: readCountry(valueOf(told, headers.country)) ?? found?.country ?? null,
      type: lists.typeOf(ip, asn),
      ja3: readFingerprint(valueOf(told, headers.ja3)),
      ja4: readFingerprint(valueOf(told, headers.ja4)),
    }
  }
}

const nobody: HeaderSource = { header: () => undefined }

const valueOf = (source: HeaderSource, name: string | null): string | undefined =>
  name === null ? undefined : source.header(name)?.trim()

/** `64500` or `AS64500`. */
function readAsn(text: string | undefined): number | null {
  if (text === undefined || text.length > 12) return null
  const digits = text.slice(0, 2).toUpperCase() === 'AS' ? text.slice(2) : text
  const asn = Number(digits)
  return /^\d{1,10}$/.test(digits) && asn > 0 && asn <= 0xffff_ffff ? asn : null
}

/** What proxies write where they do not know it; T1, which is Tor for some, is no country either. */
const nowhere: ReadonlySet<string> = new Set(['XX', 'ZZ'])

function readCountry(text: string | undefined): string | null {
  if (text === undefined || !/^[A-Za-z]{2}$/.test(text)) return null
  const country = text.toUpperCase()
  return nowhere.has(country) ? null : country
}

/** JA3 is an MD5 in hex; JA4 is three parts of letters and digits, and what derives from it is alike. */
const readFingerprint = (text: string | undefined): string | null =>
  text !== undefined && /^[A-Za-z0-9_-]{8,128}$/.test(text) ? text : null
