/**
 * Bytes of generated JSON that comes parsed, such as the arguments of a tool call: its keys are the model's words like
 * its values. Works off a list, since nothing bounds how deep an upstream nests.
 */
export function jsonBytes(value: unknown): number {
  let bytes = 0
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') bytes += Buffer.byteLength(next)
    else if (typeof next === 'number' || typeof next === 'boolean') bytes += String(next).length
    else if (Array.isArray(next)) for (const item of next) left.push(item)
    else if (typeof next === 'object' && next !== null) {
      for (const [key, inner] of Object.entries(next)) {
        bytes += Buffer.byteLength(key)
        left.push(inner)
      }
    }
  }
  return bytes
}
