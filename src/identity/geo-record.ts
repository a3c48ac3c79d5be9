/**
 * What the records of different vendors' files mean: MaxMind's and DB-IP's nested maps, IPinfo's flat ones. A record is
 * foreign data, so every value is checked, and what does not look like itself is nothing.
 */
export interface GeoFacts {
  readonly asn: number | null
  readonly asnName: string | null
  /** ISO 3166-1 alpha-2, in upper case. */
  readonly country: string | null
}

export const NOTHING_KNOWN: GeoFacts = Object.freeze({ asn: null, asnName: null, country: null })

const MAX_NAME_CHARS = 100

/** Fills what is still unknown from one more record. A name is taken only if it belongs to the number. */
export function mergeGeoFacts(known: GeoFacts, record: unknown): GeoFacts {
  if (!isMap(record)) return known
  const own = asnOf(record)
  const asn = known.asn ?? own
  const asnName = known.asnName ?? (asn !== null && asn === own ? asnNameOf(record) : null)
  return { asn, asnName, country: known.country ?? countryOf(record) }
}

type RecordMap = Readonly<Record<string, unknown>>

const isMap = (value: unknown): value is RecordMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `autonomous_system_number: 64496` of MaxMind and DB-IP, `asn: "AS64496"` of IPinfo. */
function asnOf(record: RecordMap): number | null {
  const found = record['autonomous_system_number'] ?? record['asn']
  const asn = typeof found === 'string' && /^(?:AS)?\d{1,10}$/i.test(found) ? Number(found.replace(/^AS/i, '')) : found
  // 0 is reserved (RFC 7607): some files say so of networks that nobody announces.
  return typeof asn === 'number' && Number.isInteger(asn) && asn >= 1 && asn <= 0xffff_ffff ? asn : null
}

function asnNameOf(record: RecordMap): string | null {
  const found = record['autonomous_system_organization'] ?? record['as_name']
  if (typeof found !== 'string') return null
  const name = found
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, MAX_NAME_CHARS)
  return name === '' ? null : name
}

/**
 * Where the address is used, and only then where it is registered. IPinfo's `country` is a code in its older files and
 * a name in "lite" ones, which have `country_code` too.
 */
function countryOf(record: RecordMap): string | null {
  return (
    codeIn(record['country']) ??
    code(record['country_code']) ??
    code(record['country']) ??
    codeIn(record['registered_country'])
  )
}

const codeIn = (country: unknown): string | null => (isMap(country) ? code(country['iso_code']) : null)

/** ZZ is how files say that they do not know. */
function code(value: unknown): string | null {
  if (typeof value !== 'string' || !/^[A-Za-z]{2}$/.test(value)) return null
  const upper = value.toUpperCase()
  return upper === 'ZZ' ? null : upper
}
