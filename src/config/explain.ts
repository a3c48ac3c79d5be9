import type * as z from 'zod'
import type { ComplaintIssue } from './fields.ts'
import { nearest } from './nearest.ts'
import { canRepeat, type Finding, type Path } from './problem.ts'
import { exampleOf, expectation, inside, keysOf, type Shape } from './shape.ts'
import type { Spot } from './source.ts'
import { spotAt } from './spots.ts'

type Issue = z.core.$ZodIssue

/** Turns what the schema says into words for the operator. Values are never repeated: they may be secrets. */
export function explain(issues: readonly Issue[], root: Spot, shape: Shape): Finding[] {
  const findings = new Map<string, Finding>()
  for (const issue of issues) {
    for (const finding of explainOne(issue, issue.path as Path, root, shape)) {
      // The first thing wrong with a value is enough: the others follow from it.
      const id = `${finding.at} ${JSON.stringify(finding.path)}`
      if (!findings.has(id)) findings.set(id, finding)
    }
  }
  return [...findings.values()]
}

function explainOne(issue: Issue, path: Path, root: Spot, fileShape: Shape): Finding[] {
  const shape = path.reduce<Shape | undefined>(inside, fileShape)
  const spot = spotAt(root, path)
  const one = (message: string, hint: string, at: 'key' | 'value' = 'value'): Finding[] => [{ path, at, message, hint }]
  const noValue = (): Finding[] => one('has no value', `write ${expectation(shape)}, or remove the line`)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, shape))
    case 'invalid_union': {
      if (spot === null) return one('is required', `add ${String(path.at(-1))}: ${exampleOf(shape) ?? '...'}`)
      if (spot.value === null) return noValue()
      // The branch that fits best is the one whose complaint lies deeper than "wrong type".
      const isOther = ({ code, path }: Issue): boolean =>
        path.length === 0 && (code === 'invalid_type' || (code === 'invalid_value' && typeof spot.value === 'object'))
      const branch = issue.errors.find((errors) => !errors.every(isOther))
      if (branch === undefined) return one(`cannot be ${kindOf(spot.value)}`, `write ${expectation(shape)}`)
      return branch.flatMap((inner) => explainOne(inner, [...path, ...(inner.path as Path)], root, fileShape))
    }
    case 'invalid_type': {
      const name = String(path.at(-1) ?? '')
      if (issue.expected === 'never') return one('cannot be used here', `remove ${name}`, 'key')
      if (spot === null) return one('is required', `add ${name}: ${exampleOf(shape) ?? '...'}`)
      if (spot.value === null) return noValue()
      const isWhole = shape?.type !== 'number'
      const expected = issue.expected === 'number' && !isWhole ? 'a number' : (kinds[issue.expected] ?? issue.expected)
      const isNumber = typeof spot.value === 'number' && expected.endsWith('number')
      const found = isNumber ? `one that is not ${isWhole ? 'whole' : 'finite'}` : kindOf(spot.value)
      return one(`expected ${expected}, found ${found}`, typeHint(issue.expected, spot, shape))
    }
    case 'invalid_value': {
      if (spot?.value === null) return noValue()
      if (spot === null) return one('is required', `add ${String(path.at(-1))}: ${exampleOf(shape)}`)
      return one('not one of the words that are known here', `write ${expectation(shape)}`)
    }
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return one('is empty', `write ${expectation(shape)}`)
      return one(`must be at least ${issue.minimum}`, `write ${expectation(shape)}`)
    case 'too_big':
      return one(`must be at most ${shape?.maximum ?? issue.maximum}`, `write ${expectation(shape)}`)
    case 'custom': {
      const { hint, at, within } = (issue.params ?? {}) as Partial<ComplaintIssue['params']>
      const finding = { path, at: at ?? 'value', message: issue.message, hint: hint ?? '' }
      return [within === undefined ? finding : { ...finding, within }]
    }
    default:
      return one('not accepted here', `write ${expectation(shape)}`)
  }
}

function unknownKey(key: string, path: Path, shape: Shape | undefined): Finding {
  const known = keysOf(shape)
  const meant = nearest(key, known)
  const hint = meant === null ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`
  return {
    path: [...path, key],
    at: 'key',
    unnamed: !canRepeat(key),
    message: canRepeat(key) ? `unknown key "${key}"` : 'unknown key',
    hint,
  }
}

function typeHint(expected: string, spot: Spot, shape: Shape | undefined): string {
  if (spot.written?.includes('${')) {
    return `what an environment variable holds is text here; write ${expectation(shape)}`
  }
  if (expected === 'string' && typeof spot.value !== 'object') {
    return `write ${expectation(shape)}; text that looks like a number, true or false goes in quotes`
  }
  if (expected === 'array' && typeof spot.value !== 'object') return 'write a list: put [ ] around it'
  return `write ${expectation(shape)}`
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'text'
  if (typeof value === 'boolean') return 'a boolean'
  if (typeof value === 'number') return 'a number'
  return Array.isArray(value) ? 'a list' : 'a map'
}
