import type { Dialect, Endpoint, Target } from './dialect.ts'
import { anthropicCountTokens } from './anthropic-count-tokens.ts'
import { anthropicMessages } from './anthropic-messages.ts'
import { anthropic } from './anthropic.ts'
import { geminiGenerate, geminiGenerateV1, geminiStream, geminiStreamV1 } from './gemini-generate.ts'
import { gemini } from './gemini.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiCompletions } from './openai-completions.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { openaiModel, openaiModels } from './openai-models.ts'
import { openaiResponses } from './openai-responses.ts'
import { openai } from './openai.ts'

/** Every endpoint that Weir knows. What is not here is refused: an unknown route would be an unmetered one. */
export const endpoints: readonly Endpoint[] = [
  openaiChat,
  openaiCompletions,
  openaiResponses,
  openaiEmbeddings,
  openaiModels,
  openaiModel,
  anthropicMessages,
  anthropicCountTokens,
  geminiGenerate,
  geminiStream,
  geminiGenerateV1,
  geminiStreamV1,
]

/** In whose words a request is refused whose path is none of ours, or whose method is not the path's. */
export function dialectOf(target: string): Dialect {
  if (target.startsWith('/v1/messages')) return anthropic
  const colon = target.indexOf(':')
  return target.startsWith('/v1beta/') || (target.startsWith('/v1/models/') && colon > 0) ? gemini : openai
}

export interface RouteMatch {
  readonly endpoint: Endpoint
  readonly target: Target
}

/**
 * Finds the endpoint of a request target. Only the path counts, exactly as written: another case, a trailing slash, an
 * encoded letter or a host in front is another path and unknown. `allow` names the methods of a path that exists.
 */
export function findRoute(
  among: readonly Endpoint[],
  method: string,
  target: string,
): RouteMatch | { readonly allow: string } | null {
  const at = target.indexOf('?')
  const path = at < 0 ? target : target.slice(0, at)
  let allow: string | null = null
  for (const endpoint of among) {
    const id = matchPath(endpoint.path, path)
    if (id === undefined) continue
    if (endpoint.method === method) {
      return { endpoint, target: { id, query: at < 0 ? noQuery : new URLSearchParams(target.slice(at)) } }
    }
    allow = endpoint.method
  }
  return allow === null ? null : { allow }
}

const noQuery = new URLSearchParams()

/** undefined: no match. null: a match without an id. */
function matchPath(pattern: string, path: string): string | null | undefined {
  const open = pattern.indexOf('{id}')
  if (open < 0) return pattern === path ? null : undefined
  const prefix = pattern.slice(0, open)
  const suffix = pattern.slice(open + 4)
  if (!path.startsWith(prefix) || !path.endsWith(suffix)) return undefined
  const raw = path.slice(prefix.length, path.length - suffix.length)
  if (path.length <= prefix.length + suffix.length || raw.length > 256 || raw.includes('/')) return undefined
  try {
    const id = decodeURIComponent(raw)
    return id === '.' || id === '..' ? undefined : id
  } catch {
    return undefined
  }
}
