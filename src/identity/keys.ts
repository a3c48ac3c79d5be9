import { hash as digest, timingSafeEqual } from 'node:crypto'
import type { Principal, Profile } from '../core/principal.ts'

/** A key as the configuration knows it: by the hash of its secret only. */
export interface KnownKey {
  readonly id: string
  readonly secretSha256: string
  readonly tenant: string | null
  readonly profile: Profile
}

export type KeyCheck = Principal | 'missing' | 'malformed' | 'unknown'

/** No vendor's key comes near this; hashing more would be work for nothing. */
const MAX_SECRET_CHARS = 512

/**
 * Turns a list of keys into a check of presented secrets. The index holds SHA-256 hashes of 128-bit-and-longer secrets,
 * so what a lookup's timing tells is about a hash nobody can choose; the last word is a comparison in constant time.
 */
export function createKeyring(keys: readonly KnownKey[]): (presented: string | undefined) => KeyCheck {
  const byHash = new Map<string, { readonly hash: Buffer; readonly principal: Principal }>()
  for (const { id, secretSha256, tenant, profile } of keys) {
    const principal = { keyId: id, tenant, account: tenant ?? `key:${id}`, profile }
    byHash.set(secretSha256, { hash: Buffer.from(secretSha256, 'hex'), principal })
  }
  return (presented) => {
    if (presented === undefined || presented === '') return 'missing'
    if (presented.length > MAX_SECRET_CHARS) return 'malformed'
    const presentedHash = digest('sha256', presented, 'hex')
    const found = byHash.get(presentedHash)
    return found !== undefined && timingSafeEqual(found.hash, Buffer.from(presentedHash, 'hex'))
      ? found.principal
      : 'unknown'
  }
}

/** The secret in an `Authorization: Bearer …` header; the scheme's case does not matter (RFC 9110, 11.1). */
export function bearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  return header.slice(0, 7).toLowerCase() === 'bearer ' ? header.slice(7).trim() : ''
}
