import type { Config } from './config.ts'
import { sha256 } from './identity.ts'

/** Gives a configuration its name and freezes it, all the way down. */
export const seal = (config: Omit<Config, 'hash'>): Config => freeze({ ...config, hash: hashOf(config) })

const hashOf = (config: Omit<Config, 'hash'>): string =>
  sha256(canonical({ ...config, upstreams: Object.fromEntries(config.upstreams) })).slice(0, 16)

const secrets: ReadonlySet<string> = new Set(['token', 'apiKey'])

/** JSON with sorted keys, because the order of keys in the code is no part of the configuration, and without secrets. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (typeof inner === 'string' && secrets.has(key)) return sha256(inner)
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  if (value instanceof Map) {
    for (const inner of value.values()) freeze(inner)
    // Freezing leaves a map's entries open; its methods are what can be taken away.
    for (const method of ['set', 'delete', 'clear']) Object.defineProperty(value, method, { value: frozen })
  }
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}

function frozen(): never {
  throw new TypeError('a configuration does not change once it is loaded')
}
