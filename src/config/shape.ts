import { stringify } from 'yaml'

/** The JSON Schema of one place in the file, as far as hints need it. */
export interface Shape {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Shape | boolean
  readonly items?: Shape
  readonly anyOf?: readonly Shape[]
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  /** Of a map: the JSON Schema of what is converted while it is read cannot hold `examples`. */
  readonly example?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly not?: unknown
  /** A secret, which can also be asked of a file or a command. */
  readonly writeOnly?: boolean
  /** The value names a file of at most this size; 0: one that only has to be there. */
  readonly fileBytes?: number
}

/** What is expected one step further down; undefined where nothing is. */
export function inside(shape: Shape | undefined, step: string | number): Shape | undefined {
  if (shape === undefined) return undefined
  if (typeof step === 'number') return shape.items ?? shape.anyOf?.find(({ items }) => items !== undefined)?.items
  const properties = propertiesOf(shape)
  if (properties !== undefined && Object.hasOwn(properties, step)) return properties[step]
  return typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined
}

/** What a map holds that can be written here, where something else can as well. */
const propertiesOf = (shape: Shape | undefined): Shape['properties'] =>
  shape?.properties ?? shape?.anyOf?.find(({ properties }) => properties !== undefined)?.properties

export const takesNumber = (shape: Shape | undefined): boolean =>
  shape !== undefined &&
  (shape.type === 'integer' || shape.type === 'number' || (shape.anyOf?.some(takesNumber) ?? false))

/** The keys that can be written here. */
export const keysOf = (shape: Shape | undefined): readonly string[] =>
  Object.entries(propertiesOf(shape) ?? {}).flatMap(([key, value]) => (value.not === undefined ? [key] : []))

/** An example as it would stand in the file, or null. */
export function exampleOf(shape: Shape | undefined): string | null {
  const example = shape?.example ?? shape?.examples?.[0] ?? shape?.enum?.[0]
  if (example !== undefined) return inFlow(example)
  if (shape?.items !== undefined) return `[${exampleOf(shape.items) ?? ''}]`
  return null
}

/** What to write here, to follow "write ". */
export function expectation(shape: Shape | undefined): string {
  if (shape?.enum !== undefined)
    return shape.enum.length === 1 ? String(shape.enum[0]) : `one of ${shape.enum.join(', ')}`
  const words = shape?.anyOf?.find((branch) => branch.enum !== undefined)
  if (words !== undefined) return expectation(words)
  if (shape?.type === 'integer') return `a whole number from ${shape.minimum} to ${shape.maximum}`
  if (shape?.type === 'number') return `a number from ${shape.minimum} to ${shape.maximum}`
  if (shape?.type === 'boolean') return 'true or false'
  if (shape?.type === 'object' && shape.properties !== undefined) return `a map with keys such as ${keysOf(shape)[0]}`
  const example = exampleOf(shape)
  return example === null ? 'another value' : `for instance ${example}`
}

const inFlow = (example: unknown): string => {
  if (typeof example === 'string' && example.startsWith('${')) return JSON.stringify(example)
  return stringify(example, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
