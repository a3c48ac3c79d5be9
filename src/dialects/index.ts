import type { Endpoint } from './dialect.ts'
import { openaiChat } from './openai-chat.ts'
import { openaiModel, openaiModels } from './openai-models.ts'

/** Every endpoint that Weir knows. What is not here is refused: an unknown route would be an unmetered one. */
export const endpoints: readonly Endpoint[] = [openaiChat, openaiModels, openaiModel]

export interface RouteMatch {
  readonly endpoint: Endpoint
  readonly id: string | null
}

/**
 * Finds the endpoint of a request target. Only the path counts, exactly as written: another case, a trailing slash, an
 * encoded letter or a host in front is another path and unknown. `allow` names the methods of a path that exists.
 */
export function findRoute(method: string, target: string): RouteMatch | { readonly allow: string } | null {
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  let allow: string | null = null
  for (const endpoint of endpoints) {
    const id = matchPath(endpoint.path, path)
    if (id === undefined) continue
    if (endpoint.method === method) return { endpoint, id }
    allow = endpoint.method
  }
  return allow === null ? null : { allow }
}

/** undefined: no match. null: a match without an id. */
function matchPath(pattern: string, path: string): string | null | undefined {
  if (!pattern.endsWith('{id}')) return pattern === path ? null : undefined
  const prefix = pattern.slice(0, -4)
  if (!path.startsWith(prefix)) return undefined
  const raw = path.slice(prefix.length)
  if (raw.length === 0 || raw.length > 256 || raw.includes('/')) return undefined
  try {
    const id = decodeURIComponent(raw)
    return id === '.' || id === '..' ? undefined : id
  } catch {
    return undefined
  }
}
