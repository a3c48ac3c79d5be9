import type { Product } from './user-agent.ts'

/**
 * Names for the programs that call LLM APIs, from the words they use for themselves. The names are a fixed list, so that
 * they can be counted; what is not on it is nobody's business to name.
 */
export interface Agent {
  readonly family: string
  readonly version: string
  /** What it is written in, in the words of x-stainless-lang; null if that is open. */
  readonly language: string | null
  /** `sdk` speaks a vendor's API, `tool` speaks HTTP. */
  readonly kind: 'sdk' | 'tool' | 'browser'
  /** An official SDK that Stainless generates: it never comes without its x-stainless headers. */
  readonly stainless: boolean
  /** Whether an SDK for Python calls itself asynchronous; null where nothing is said. */
  readonly async: boolean | null
}

/** x-stainless-lang, and what packages in that language are called. */
export const languages: ReadonlyMap<string, string> = new Map([
  ['js', 'node'],
  ['python', 'python'],
  ['go', 'go'],
  ['java', 'java'],
  ['kotlin', 'kotlin'],
  ['ruby', 'ruby'],
  ['csharp', 'dotnet'],
  ['php', 'php'],
])

const GOOGLE = 'google-genai-sdk'

type Known = readonly [family: string, language: string | null, kind: Agent['kind']]

const byName: ReadonlyMap<string, Known> = new Map<string, Known>([
  ['ai', ['vercel-ai', 'js', 'sdk']],
  ['aiohttp', ['aiohttp', 'python', 'tool']],
  ['apache-httpclient', ['java-http', 'java', 'tool']],
  ['axios', ['axios', 'js', 'tool']],
  ['bun', ['bun', 'js', 'tool']],
  ['claude-cli', ['claude-cli', 'js', 'sdk']],
  ['codex_cli_rs', ['codex-cli', 'rust', 'sdk']],
  ['curl', ['curl', 'c', 'tool']],
  ['deno', ['deno', 'js', 'tool']],
  ['go-http-client', ['go-http-client', 'go', 'tool']],
  ['guzzlehttp', ['guzzle', 'php', 'tool']],
  ['java-http-client', ['java-http', 'java', 'tool']],
  ['litellm', ['litellm', 'python', 'sdk']],
  ['mozilla', ['browser', 'js', 'browser']],
  ['node', ['node-fetch', 'js', 'tool']],
  ['node-fetch', ['node-fetch', 'js', 'tool']],
  ['okhttp', ['okhttp', 'java', 'tool']],
  ['openai/nodejs', ['openai-node', 'js', 'sdk']],
  ['postmanruntime', ['postman', 'js', 'tool']],
  ['python-httpx', ['httpx', 'python', 'tool']],
  ['python-requests', ['python-requests', 'python', 'tool']],
  ['python-urllib', ['urllib', 'python', 'tool']],
  ['python-urllib3', ['urllib', 'python', 'tool']],
  // openai-python before 1.0: `OpenAI/v1 PythonBindings/0.28.0`.
  ['pythonbindings', ['openai-python', 'python', 'sdk']],
  ['reqwest', ['reqwest', 'rust', 'tool']],
  ['undici', ['node-fetch', 'js', 'tool']],
  ['wget', ['wget', 'c', 'tool']],
])

/** The program behind a list of products: the first SDK, else the first tool; null if none is known. */
export function agentOf(products: readonly Product[]): Agent | null {
  let tool: Agent | null = null
  for (let i = 0; i < products.length; i++) {
    const agent =
      officialAgent(products, i) ?? (products[i]!.name === GOOGLE ? googleAgentOf(products) : knownAgent(products[i]!))
    if (agent?.kind === 'sdk') return agent
    tool ??= agent
  }
  return tool
}

/** `OpenAI/JS 7.55.0`, `AsyncAzureOpenAI/Python 1.55.3`, `AnthropicBedrock/JS 0.20.1`: the class, its language, a version. */
function officialAgent(products: readonly Product[], at: number): Agent | null {
  const { name, version } = products[at]!
  const isAsync = name.startsWith('async')
  const plain = name.slice(isAsync ? 5 : 0).replace(/^azure/, '')
  const vendor = plain.startsWith('openai') ? 'openai' : plain.startsWith('anthropic') ? 'anthropic' : null
  if (vendor === null) return null
  const base = { kind: 'sdk', stainless: false, async: null } as const
  const language = languages.get(version)
  const next = products[at + 1]
  if (language === undefined) {
    // The one for .NET, not by Stainless: `OpenAI/2.1.0 (.NET 8.0.0; …)`.
    return plain === 'openai' && /^\d/.test(version)
      ? { ...base, family: 'openai-dotnet', version, language: 'csharp' }
      : null
  }
  return {
    family: `${vendor}-${language}`,
    version: next?.name === '' ? next.version : '',
    language: version,
    kind: 'sdk',
    stainless: true,
    async: version === 'python' ? isAsync : null,
  }
}

/** `google-genai-sdk/3.1.0 gl-node/v26.10.0`, which stands in User-Agent and in x-goog-api-client. */
export function googleAgentOf(products: readonly Product[]): Agent | null {
  const version = products.find(({ name }) => name === GOOGLE)?.version
  if (version === undefined) return null
  const label = products.find((product) => product.name.startsWith('gl-'))?.name.slice(3)
  const language = label === 'node' ? 'js' : label !== undefined && languages.has(label) ? label : null
  const family = language === null ? 'google-genai' : `google-genai-${languages.get(language)!}`
  return { family, version, language, kind: 'sdk', stainless: false, async: null }
}

function knownAgent({ name, version }: Product): Agent | null {
  const [family, language, kind] = byName.get(name) ?? frameworkOf(name) ?? []
  if (family === undefined) return null
  return { family, version, language: language ?? null, kind: kind!, stainless: false, async: null }
}

/** Frameworks put the provider behind their own name: `ai-sdk/openai/2.0.1`, `langchainjs-openai/1.0.0`. */
function frameworkOf(name: string): Known | undefined {
  if (name.startsWith('ai-sdk/')) return ['vercel-ai', 'js', 'sdk']
  if (name.startsWith('langchainjs')) return ['langchain', 'js', 'sdk']
  return name.startsWith('langchain') ? ['langchain', 'python', 'sdk'] : undefined
}
