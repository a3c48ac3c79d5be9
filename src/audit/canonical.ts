/**
 * The canonical form of RFC 8785, in one pass, with sealed values turned into their commitments on the way. It stands here
 * and not in a library because it is half of what an append costs; the library is what it is tested against.
 */
export type Seal = (kind: string, value: string) => string

/** Text that is no Unicode and numbers that are none have no canonical form: they are mended, and not refused. */
export function canonical(value: unknown, seal: Seal | null = null): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null'
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? list(value, seal) : map(value as Readonly<Record<string, unknown>>, seal)
    default:
      return 'null'
  }
}

function list(values: readonly unknown[], seal: Seal | null): string {
  let text = '['
  for (let i = 0; i < values.length; i++)
    text += i === 0 ? canonical(values[i], seal) : `,${canonical(values[i], seal)}`
  return `${text}]`
}

function map(value: Readonly<Record<string, unknown>>, seal: Seal | null): string {
  const { sealed, value: secret } = value
  if (seal !== null && typeof sealed === 'string' && typeof secret === 'string') {
    return `{"kind":${quoted(sealed)},"seal":"${seal(sealed, secret)}"}`
  }
  const names = Object.keys(value)
  if (!isSorted(names)) names.sort()
  let text = '{'
  for (const name of names) {
    const inner = value[name]
    if (inner === undefined) continue
    text += `${text.length === 1 ? '' : ','}${quoted(name)}:${canonical(inner, seal)}`
  }
  return `${text}}`
}

/** By UTF-16 code units, as the RFC has it and as strings are compared and sorted. */
function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if (names[i - 1]! > names[i]!) return false
  return true
}

/** Most texts need no escape at all. */
const PLAIN = /^[ !#-[\]-~]*$/

const quoted = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text.toWellFormed()))
