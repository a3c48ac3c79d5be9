import type { HeaderSource } from './network-reader.ts'

/** Where a client may have put its credential; what a vendor's libraries do is in the dialects. */
export type Place = { readonly bearer: true } | { readonly header: string } | { readonly query: string }

/** Two credentials that differ have no one meaning, and picking one of them would let a proxy and Weir disagree. */
export const AMBIGUOUS: unique symbol = Symbol('two credentials')

type Presented = string | undefined | typeof AMBIGUOUS

/** The credential of a request; undefined where there is none. */
export function presentedSecret(places: readonly Place[], source: HeaderSource, query: URLSearchParams): Presented {
  let found: Presented
  for (const place of places) {
    if ('query' in place) for (const secret of query.getAll(place.query)) found = both(found, secret)
    else found = both(found, 'bearer' in place ? bearer(source.header('authorization')) : trimmed(source, place.header))
  }
  return found
}

/** An empty one, or another scheme, is no second opinion. */
function both(found: Presented, other: string | undefined): Presented {
  if (other === undefined || other === found || found === AMBIGUOUS) return found
  if (found === undefined || found === '') return other
  return other === '' ? found : AMBIGUOUS
}

const trimmed = (source: HeaderSource, name: string): string | undefined => source.header(name)?.trim()

/** The secret in an `Authorization: Bearer …` header; the scheme's case does not matter (RFC 9110, 11.1). */
export function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  return header.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7).trim() : ''
}
