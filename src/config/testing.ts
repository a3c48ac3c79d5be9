import { resolve } from 'node:path'
import { err, ok } from '../core/result.ts'
import type { Price } from '../core/price.ts'
import type { Config } from './config.ts'
import type { Env } from './interpolate.ts'
import { parseConfig } from './load.ts'
import { type Outside, realOutside } from './outside.ts'
import { packFile, packNames } from './packs.ts'
import { formatProblems } from './problem.ts'

/** For tests: four lines that load; what a test is about starts on line 5. */
export const minimal = `upstreams:
  main: { dialect: openai, base_url: "http://127.0.0.1:9100/v1" }
models:
  "*": { upstream: main }
`

/** Files by their path beside the configuration, and commands with what they print; packs are as they ship. */
export function outsideOf(
  files: Readonly<Record<string, string>> = {},
  commands: Readonly<Record<string, string>> = {},
): Outside {
  const found = new Map(Object.entries(files).map(([path, text]) => [resolve(path), text]))
  const noFile = { message: 'there is no such file', hint: 'check the path, or create the file' }
  return {
    readFile(path, maxBytes) {
      if (!found.has(path) && packNames.some((name) => packFile(name) === path))
        return realOutside.readFile(path, maxBytes)
      const bytes = Buffer.from(found.get(path) ?? '')
      if (!found.has(path)) return err(noFile)
      return bytes.length <= maxBytes ? ok(bytes) : err({ message: 'too large', hint: 'check the path' })
    },
    exists: (path) => (found.has(path) ? null : noFile),
    run(command, args) {
      const printed = commands[[command, ...args].join(' ')]
      return printed === undefined ? err({ message: 'the command ended with 1', hint: 'run it by hand' }) : ok(printed)
    },
  }
}

export function configOf(text: string, env: Env = {}, outside: Outside = outsideOf()): Config {
  const result = parseConfig(text, 'weir.yaml', env, outside)
  if (!result.ok) throw new Error(formatProblems(result.error))
  return result.value
}

/** Each as `line:column path: message`, behind the file's name where it is another one than the configuration. */
export function problemsOf(text: string, env: Env = {}, outside: Outside = outsideOf()): readonly string[] {
  const result = parseConfig(text, 'weir.yaml', env, outside)
  if (result.ok) return []
  return result.error.map(({ file, line, column, path, message }) => {
    const name = file === 'weir.yaml' ? '' : `${file.split('/').at(-1)}:`
    return `${name}${line}:${column} ${path}: ${message}`
  })
}

/** The hints, in the order of the problems. */
export function hintsOf(text: string, env: Env = {}, outside: Outside = outsideOf()): readonly string[] {
  const result = parseConfig(text, 'weir.yaml', env, outside)
  return result.ok ? [] : result.error.map(({ hint }) => hint)
}

/** A price of which only the two wholes were written. */
export const flatPrice = (input: number, output: number): Price => ({
  input,
  cachedInput: input,
  cacheWrite: input,
  audioInput: input,
  output,
  reasoning: output,
  audioOutput: output,
  image: output,
  toolCall: 0,
})
