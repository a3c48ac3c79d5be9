import type { Config } from './config.ts'
import { sha256 } from './identity.ts'

/** Gives a configuration its name and freezes it, all the way down. */
export const seal = (config: Omit<Config, 'hash'>): Config => freeze({ ...config, hash: hashOf(config) })

/** What files hold counts, and not where they are. */
function hashOf(config: Omit<Config, 'hash'>): string {
  const { sources: _, ...effective } = config
  const { pricing, network, detection } = effective
  const lists = network.lists.map(({ type, ranges }) => ({ type, ranges: sha256(ranges.join('\n')) }))
  const book = pricing.book === null ? null : sha256(pricing.book.text)
  const calibration = detection.calibration === null ? null : sha256(detection.calibration.text)
  const files = {
    pricing: { ...pricing, book },
    network: { ...network, lists },
    detection: { ...detection, calibration },
  }
  return sha256(canonical({ ...effective, ...files })).slice(0, 16)
}

const secrets: ReadonlySet<string> = new Set(['token', 'apiKey', 'cert', 'key', 'ca', 'clientCa', 'secret'])
const places: ReadonlySet<string> = new Set(['paths', 'jwksFile'])

/** JSON with sorted keys, because the order of keys in the code is no part of the configuration, and without secrets. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) => {
    if (places.has(key)) return undefined
    if (typeof inner === 'string' && secrets.has(key)) return sha256(inner)
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner
    // Names of the operator's stay values: one that is called like a place or a secret is neither.
    if (inner instanceof Map) return byKey([...(inner as ReadonlyMap<string, unknown>)])
    return Object.fromEntries(byKey(Object.entries(inner)))
  })

const byKey = (entries: [string, unknown][]): [string, unknown][] => entries.sort(([a], [b]) => (a < b ? -1 : 1))

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
