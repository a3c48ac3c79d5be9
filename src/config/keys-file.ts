import { FoundFile, type Filling } from './fill.ts'
import { withChildren, withItems } from './merge.ts'
import { inside, type Shape } from './shape.ts'
import { type Placed, readSource, type Spot } from './source.ts'
import { child } from './spots.ts'

/** Puts the entries of `identity.keys_file` behind those of `identity.keys`, each with its place in its own file. */
export function withKeysFile(root: Spot, shape: Shape, filling: Filling): readonly [Spot, readonly Placed[]] {
  const identity = child(root, 'identity')
  const named = child(identity, 'keys_file')
  if (identity === undefined || !(named?.value instanceof FoundFile)) return [root, []]
  const { path, text } = named.value
  const keysShape = ['identity', 'keys'].reduce<Shape | undefined>(inside, shape)
  const source = readSource(text, path, keysShape, filling)
  if (!source.ok) return [root, source.error]
  const [list, found] = source.value
  if (!Array.isArray(list.value)) {
    const message = 'not a list of keys'
    const hint = 'write entries such as: - { id: acme-1, secret: "${ACME_KEY}" }'
    return [root, [...found, { origin: list.origin, path: [], offset: list.valueAt ?? 0, message, hint }]]
  }
  const own = child(identity, 'keys') ?? { ...named, path: [...identity.path, 'keys'], value: [], children: new Map() }
  if (!Array.isArray(own.value)) return [root, found]
  const keys = withItems(own, [...own.children.values(), ...list.children.values()])
  const withKeys = withChildren(identity, new Map([...identity.children, ['keys', keys]]))
  return [withChildren(root, new Map([...root.children, ['identity', withKeys]])), found]
}
