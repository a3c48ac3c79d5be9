import { languages, type Agent } from './agents.ts'

/**
 * Whether the headers by which a client says what it is agree with each other. Whoever forges a User-Agent often forgets
 * the rest. A contradiction NEVER blocks by itself: company proxies strip headers, and honest programs set their own
 * User-Agent. It is one fact among many, for whoever weighs them.
 */
export interface Claims {
  readonly agent: Agent | null
  /** What x-goog-api-client says. */
  readonly google: Agent | null
  /** The x-stainless headers without their prefix; undefined where one is missing. */
  readonly stainless: Readonly<Record<StainlessHeader, string | undefined>>
  /** Whether a header of which there is one came twice. */
  readonly repeated: boolean
}

/** Every SDK by Stainless sends the first six with every request, the one for Python the last one too. */
export const stainlessHeaders = [
  'lang',
  'package-version',
  'os',
  'arch',
  'runtime',
  'runtime-version',
  'async',
] as const
export type StainlessHeader = (typeof stainlessHeaders)[number]

/** Runtimes as the SDKs write them, in lower case, and the language they run. */
const runtimes: ReadonlyMap<string, string> = new Map([
  ['node', 'js'],
  ['deno', 'js'],
  ['bun', 'js'],
  ['edge', 'js'],
  ['cpython', 'python'],
  ['pypy', 'python'],
  ['go', 'go'],
  ['jre', 'java'],
  ['ruby', 'ruby'],
  ['jruby', 'ruby'],
])

/** Every contradiction as one word of a fixed list. */
export function contradictionsIn({ agent, google, stainless, repeated }: Claims): readonly string[] {
  const found: string[] = []
  const required = stainlessHeaders.filter((name) => name !== 'async')
  const missing = required.filter((name) => stainless[name] === undefined)
  const any = missing.length < required.length
  if (repeated) found.push('client_header_repeated')
  if (!any && agent?.stainless === true) found.push('stainless_headers_missing')
  if (any) {
    for (const name of missing) found.push(`stainless_${name.replace('-', '_')}_missing`)
    found.push(...againstStainless(agent, stainless))
  }
  const fromGoogle = agent?.family.startsWith('google-genai') === true
  if (google === null) {
    if (fromGoogle) found.push('goog_api_client_missing')
  } else if (fromGoogle ? google.family !== agent.family || google.version !== agent.version : agent?.kind === 'tool') {
    found.push('agent_disagrees_with_goog_api_client')
  }
  return found
}

function againstStainless(agent: Agent | null, stainless: Claims['stainless']): readonly string[] {
  const found: string[] = []
  const { lang, async } = stainless
  const runtime = stainless.runtime?.toLowerCase()
  if (lang !== undefined && !languages.has(lang)) found.push('stainless_lang_unknown')
  if (lang !== undefined && runtime !== undefined) {
    const runs = runtime.startsWith('browser:') ? 'js' : runtimes.get(runtime)
    // The JRE runs Kotlin as well.
    if (runs !== undefined && runs !== lang && !(runs === 'java' && lang === 'kotlin')) {
      found.push('stainless_runtime_disagrees_with_lang')
    }
  }
  if (agent === null) return found
  if (lang !== undefined && agent.language !== null && agent.language !== lang) {
    found.push('agent_disagrees_with_stainless_lang')
  }
  // Only in a browser does the browser name itself instead of the SDK.
  if (agent.kind === 'browser' && (runtime === 'node' || runtime === 'deno' || runtime === 'bun')) {
    found.push('agent_disagrees_with_stainless_runtime')
  }
  const version = stainless['package-version']
  if (agent.stainless && version !== undefined && agent.version !== version.toLowerCase()) {
    found.push('agent_disagrees_with_stainless_version')
  }
  if (agent.async !== null && async !== undefined && agent.async !== (async !== 'false')) {
    found.push('agent_disagrees_with_stainless_async')
  }
  return found
}
