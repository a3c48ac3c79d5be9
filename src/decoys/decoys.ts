import { hash as digest, timingSafeEqual } from 'node:crypto'
import { levels, type Level } from '../core/decision.ts'
import type { Touch } from '../core/touch.ts'

/**
 * The room of things that no honest caller has a reason to touch. It says what was touched and how much that weighs; what
 * is done about it is for others. Nothing that a decoy answers is false or broken: whoever finds one by accident loses
 * nothing by it.
 */
export interface DecoyOptions {
  readonly endpoints: readonly { readonly path: string; readonly weight: number }[]
  readonly models: readonly HoneyModel[]
  readonly keys: readonly { readonly id: string; readonly secretSha256: string }[]
  readonly aliases: { readonly model: string; readonly prefix: string; readonly weight: number } | null
}

export interface HoneyModel {
  readonly name: string
  readonly weight: number
  /** Below a step-up the ladder touches no client, and a changed list of models is a touch. */
  readonly fromLevel: Extract<Level, 'step_up' | 'tarpit' | 'squeeze'>
}

/** A key that nobody was given is in nobody's hands by chance. */
export const KEY_WEIGHT = 1e6

/** No longer secret is ever configured; hashing more would be work for nothing. */
const MAX_SECRET_CHARS = 512

/** The decoys of one configuration. */
export class Decoys {
  readonly #aliases: DecoyOptions['aliases']
  readonly #endpoints: ReadonlyMap<string, Touch>
  readonly #models: ReadonlyMap<string, HoneyModel>
  readonly #keys: ReadonlyMap<string, { readonly hash: Buffer; readonly touch: Touch }>

  constructor({ endpoints, models, keys, aliases }: DecoyOptions) {
    this.#aliases = aliases
    this.#endpoints = new Map(
      endpoints.map(({ path, weight }) => [path, { kind: 'endpoint', name: path, weight, owner: null }]),
    )
    this.#models = new Map(models.map((model) => [model.name, model]))
    this.#keys = new Map(
      keys.map(({ id, secretSha256 }) => {
        const touch: Touch = { kind: 'key', name: id, weight: KEY_WEIGHT, owner: null }
        return [secretSha256, { hash: Buffer.from(secretSha256, 'hex'), touch }]
      }),
    )
  }

  get hasKeys(): boolean {
    return this.#keys.size > 0
  }

  get hasModels(): boolean {
    return this.#models.size > 0
  }

  /** The touch of whoever asks for this target, by whatever method; null: its path is none of the decoys'. */
  endpoint(target: string): Touch | null {
    if (this.#endpoints.size === 0) return null
    const query = target.indexOf('?')
    return this.#endpoints.get(query < 0 ? target : target.slice(0, query)) ?? null
  }

  model(name: string): Touch | null {
    const found = this.#models.get(name)
    return found === undefined ? null : { kind: 'model', name, weight: found.weight, owner: null }
  }

  /** The model that aliases are names of; null: there are none. */
  get aliased(): string | null {
    return this.#aliases?.model ?? null
  }

  /** `PREFIX-CODE`, also where the prefix was written with its hyphen. */
  aliasName(code: string): string {
    return start(this.#aliases?.prefix ?? '') + code
  }

  /** The code in a model's name that may be an alias, and what its touch weighs. */
  alias(name: string): { readonly code: string; readonly model: string; readonly weight: number } | null {
    if (this.#aliases === null) return null
    const { model, prefix, weight } = this.#aliases
    const before = start(prefix)
    return name.startsWith(before) ? { code: name.slice(before.length), model, weight } : null
  }

  /** Honey models that stand in the list of somebody at this level. */
  offered(level: Level): readonly string[] {
    const at = levels.indexOf(level)
    return [...this.#models.values()].filter(({ fromLevel }) => at >= levels.indexOf(fromLevel)).map(({ name }) => name)
  }

  /**
   * The touch of whoever presents this secret. The same work for every secret: one hash, one look-up by a hash that nobody
   * can choose, one comparison in constant time.
   */
  key(secret: string): Touch | null {
    if (this.#keys.size === 0 || secret.length > MAX_SECRET_CHARS) return null
    const hash = digest('sha256', secret, 'hex')
    const found = this.#keys.get(hash)
    return timingSafeEqual(found?.hash ?? NOBODYS, Buffer.from(hash, 'hex')) ? (found?.touch ?? null) : null
  }
}

const start = (prefix: string): string => (prefix.endsWith('-') ? prefix : `${prefix}-`)

const NOBODYS: Buffer = Buffer.alloc(32)
