/*
 * Paths that somebody honest asks for, and that can therefore be no decoy: what Weir serves, what vendors serve and Weir
 * does not, and what a client asks for whose base URL is not quite right.
 */

/** Every endpoint of the dialects; a test holds the list against them. */
export const servedPaths: readonly string[] = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/embeddings',
  '/v1/models',
  '/v1/models/{id}',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1beta/models/{id}:generateContent',
  '/v1beta/models/{id}:streamGenerateContent',
  '/v1/models/{id}:generateContent',
  '/v1/models/{id}:streamGenerateContent',
]

/** Groups of the OpenAI, Anthropic, Gemini, Azure and Ollama APIs that Weir does not serve, as their clients call them. */
const vendors = (
  'assistants audio batches chat chatkit complete completions containers conversations edits embeddings engines evals ' +
  'files fine-tunes fine_tuning images messages moderations organization organizations projects realtime rerank ' +
  'responses skills threads tokenize uploads vector_stores videos'
).split(' ')
const elsewhere = ['/openai/', '/v1beta/', '/upload/', '/.well-known/', '/favicon.ico', '/robots.txt']
/** How a call ends, whatever its base URL was. */
const tails = ['/chat/completions', '/completions', '/responses', '/embeddings', '/messages', '/count_tokens']
const bare = (
  '/v1 /models /health /healthz /livez /readyz /ping /status /metrics /version /docs /openapi.json ' +
  '/api/chat /api/embed /api/generate /api/ps /api/show /api/tags /api/version'
).split(' ')

/** Who could ask for a path in good faith; null: nobody. */
export function honestUse(path: string): 'served here' | 'asked for by honest clients' | null {
  if (path === '/weir' || path.startsWith('/weir/') || servedPaths.some((served) => fits(served, path)))
    return 'served here'
  const folded = path.toLowerCase()
  const [, first = '', second = ''] = folded.split('/')
  const isHonest =
    bare.includes(folded) ||
    tails.some((tail) => folded.endsWith(tail)) ||
    elsewhere.some((start) => folded.startsWith(start)) ||
    vendors.includes(first === 'v1' ? second : first)
  return isHonest ? 'asked for by honest clients' : null
}

function fits(served: string, path: string): boolean {
  const [start = '', end] = served.split('{id}')
  if (end === undefined) return served === path
  if (!path.startsWith(start) || !path.endsWith(end) || path.length <= start.length + end.length) return false
  return !path.slice(start.length, path.length - end.length).includes('/')
}
