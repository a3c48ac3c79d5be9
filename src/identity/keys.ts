import { hash as digest, timingSafeEqual } from 'node:crypto'
import type { Principal, Profile } from '../core/principal.ts'

/** A key as the configuration knows it: by the hash of its secret only. */
export interface KnownKey {
  readonly id: string
  readonly secretSha256: string
  readonly tenant: string | null
  readonly profile: Profile
  readonly trust: string | null
  readonly expiresAtMs: number | null
  readonly signed: 'no' | 'required'
}

/** A key that was found, and what is known of it. */
export interface FoundKey {
  readonly known: KnownKey
  readonly principal: Principal
  /** Names the secret without telling anything of it: what is made with a key ends when its secret is changed. */
  readonly stamp: string
}

/** No vendor's key comes near this; hashing more would be work for nothing. */
const MAX_SECRET_CHARS = 512

/**
 * The configured keys. The index holds SHA-256 hashes of 128-bit-and-longer secrets, so what a lookup's timing tells is
 * about a hash nobody can choose; the last word is a comparison in constant time.
 */
export class Keyring {
  readonly #byHash = new Map<string, FoundKey & { readonly hash: Buffer }>()
  readonly #byId = new Map<string, FoundKey>()

  constructor(keys: readonly KnownKey[]) {
    for (const known of keys) {
      const { id, tenant, profile, trust } = known
      const account = tenant ?? `key:${id}`
      const principal: Principal = { keyId: id, tenant, account, profile, credential: 'key', user: null, trust }
      const stamp = digest('sha256', known.secretSha256, 'hex').slice(0, 16)
      const found = { known, principal, stamp, hash: Buffer.from(known.secretSha256, 'hex') }
      this.#byHash.set(known.secretSha256, found)
      this.#byId.set(id, found)
    }
  }

  /** The key whose secret this is. */
  bySecret(secret: string): FoundKey | 'malformed' | 'unknown' {
    if (secret === '' || secret.length > MAX_SECRET_CHARS) return 'malformed'
    const hash = digest('sha256', secret, 'hex')
    const found = this.#byHash.get(hash)
    return found !== undefined && timingSafeEqual(found.hash, Buffer.from(hash, 'hex')) ? found : 'unknown'
  }

  byId(id: string): FoundKey | undefined {
    return this.#byId.get(id)
  }
}
