import assert from 'node:assert/strict'
import type { Endpoint } from '../../src/dialects/dialect.ts'
import type { MemoryRequest } from '../../src/gateway/memory-exchange.ts'

/** What a sample asks for. */
export interface Asked {
  readonly model: string
  readonly text: string
}

/**
 * What a vendor bills of a call, from its price list and not from our registry: an endpoint that takes itself for free is
 * to be found.
 */
export type Uses = 'input and output' | 'input' | 'nothing'

/** One way to call an endpoint. */
export interface Shape {
  readonly endpoint: Endpoint
  readonly name: string
  readonly route: string
  readonly stream: boolean
  /** Whether it names a model, and whether it has a prompt. */
  readonly names: boolean
  readonly asks: boolean
  readonly uses: Uses
  request(asked: Asked): Pick<MemoryRequest, 'method' | 'target' | 'body'>
}

interface Sample {
  /** `body`: a field of the body asks for a stream. `path`: the path does. */
  readonly streams: 'body' | 'path' | 'no'
  readonly uses: Uses
  /** Fields of the body; null where there is none. */
  body(asked: Asked): object | null
}

const chat = ({ model, text }: Asked): object => ({ model, messages: [{ role: 'user', content: text }] })
const claude = (asked: Asked): object => ({ ...chat(asked), max_tokens: 1000 })
const gemini = ({ text }: Asked): object => ({ contents: [{ role: 'user', parts: [{ text }] }] })
const grant = {
  means: 'grant',
  purpose: 'We train a spam filter of our own.',
  contact: 'ml@example.com',
  models: ['small'],
  tokens: 1000,
  days: 7,
}
const none = (): null => null

/** A request for each endpoint of the registry, by its method and path. */
const samples: Readonly<Record<string, Sample>> = {
  'POST /v1/chat/completions': { streams: 'body', uses: 'input and output', body: chat },
  'POST /v1/completions': {
    streams: 'body',
    uses: 'input and output',
    body: ({ model, text }) => ({ model, prompt: text }),
  },
  'POST /v1/responses': {
    streams: 'body',
    uses: 'input and output',
    body: ({ model, text }) => ({ model, input: text }),
  },
  'POST /v1/embeddings': { streams: 'no', uses: 'input', body: ({ model, text }) => ({ model, input: text }) },
  'GET /v1/models': { streams: 'no', uses: 'nothing', body: none },
  'GET /v1/models/{id}': { streams: 'no', uses: 'nothing', body: none },
  'POST /v1/messages': { streams: 'body', uses: 'input and output', body: claude },
  'POST /v1/messages/count_tokens': { streams: 'no', uses: 'nothing', body: chat },
  'POST /v1beta/models/{id}:generateContent': { streams: 'no', uses: 'input and output', body: gemini },
  'POST /v1beta/models/{id}:streamGenerateContent': { streams: 'path', uses: 'input and output', body: gemini },
  'POST /v1/models/{id}:generateContent': { streams: 'no', uses: 'input and output', body: gemini },
  'POST /v1/models/{id}:streamGenerateContent': { streams: 'path', uses: 'input and output', body: gemini },
  'POST /weir/token': { streams: 'no', uses: 'nothing', body: none },
  'GET /weir/quotas': { streams: 'no', uses: 'nothing', body: none },
  'GET /weir/terms': { streams: 'no', uses: 'nothing', body: none },
  'POST /weir/terms': { streams: 'no', uses: 'nothing', body: () => ({ version: '1' }) },
  'GET /weir/step-up': { streams: 'no', uses: 'nothing', body: none },
  // What can be asked for before anything is asked.
  'POST /weir/step-up': { streams: 'no', uses: 'nothing', body: () => grant },
}

/** Every way to call an endpoint; fails by name where nobody has written down how. */
export function shapesOf(endpoint: Endpoint): readonly Shape[] {
  const { method, path, dialect } = endpoint
  const route = `${method} ${path}`
  const sample = samples[route]
  assert.ok(sample, `${route} is an endpoint of the registry and has no sample in test/support/sample-requests.ts`)
  const { streams, uses, body } = sample
  const ways = streams === 'body' ? [false, true] : [streams === 'path']
  return ways.map((stream) => ({
    endpoint,
    name: `${route}${stream ? ', streamed' : ''}`,
    route,
    stream,
    names: !path.startsWith('/weir/') && (path.includes('{id}') || body({ model: '', text: '' }) !== null),
    asks: !path.startsWith('/weir/') && body({ model: '', text: '' }) !== null,
    uses,
    request(asked) {
      const fields = body(asked)
      const whole = stream && dialect.name !== 'gemini' ? { ...fields, stream } : fields
      const target = path.replace('{id}', asked.model) + (streams === 'path' ? '?alt=sse' : '')
      return { method, target, ...(whole !== null && { body: JSON.stringify(whole) }) }
    },
  }))
}
