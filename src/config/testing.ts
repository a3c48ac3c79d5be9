import type { Config } from './config.ts'
import type { Env } from './interpolate.ts'
import { parseConfig } from './load.ts'
import { formatProblems } from './problem.ts'

/** For tests: four lines that load; what a test is about starts on line 5. */
export const minimal = `upstreams:
  main: { dialect: openai, base_url: "http://127.0.0.1:9100/v1" }
models:
  "*": { upstream: main }
`

export function configOf(text: string, env: Env = {}): Config {
  const result = parseConfig(text, 'weir.yaml', env)
  if (!result.ok) throw new Error(formatProblems(result.error))
  return result.value
}

/** Each as `line:column path: message`. */
export function problemsOf(text: string, env: Env = {}): readonly string[] {
  const result = parseConfig(text, 'weir.yaml', env)
  if (result.ok) return []
  return result.error.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
}

/** The hints, in the order of the problems. */
export function hintsOf(text: string, env: Env = {}): readonly string[] {
  const result = parseConfig(text, 'weir.yaml', env)
  return result.ok ? [] : result.error.map(({ hint }) => hint)
}
