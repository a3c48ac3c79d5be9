import type { DialectName } from '../../src/dialects/dialect.ts'
import type { Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import type { Scenario } from '../support/vendor-server.ts'
import type { Streaming } from './dialect-scripts.ts'
import { nothingSeen, PROMPT, rows, type EndpointName, type Row, type Seen } from './matrix-clients.ts'

/** Calls to every dialect through one gateway: with the vendor's library, and with bare HTTP for what libraries hide. */
export const modelOf = ({ dialect }: Row): string => (dialect === 'gemini' ? 'gemini-model' : 'vendor-model')

export async function ask(front: Front, row: Row, scenario: Scenario): Promise<Seen> {
  front.vendor.scenario = scenario
  const seen = nothingSeen()
  try {
    await row.call(front, modelOf(row), seen, new AbortController().signal)
  } catch (error) {
    seen.error = error
  }
  return seen
}

export const rowsOf = (...endpoints: readonly EndpointName[]): readonly Row[] =>
  rows.filter(({ endpoint }) => endpoints.includes(endpoint))

/** The endpoints of the dialects and formats that came after chat completions. */
export const laterRows: readonly Row[] = rowsOf('responses', 'messages', 'generateContent', 'streamGenerateContent')

/** A request that each dialect's vendor would answer. */
export const plainRequests: Readonly<Record<DialectName, { readonly path: string; readonly body: object }>> = {
  openai: {
    path: '/v1/chat/completions',
    body: { model: 'vendor-model', messages: [{ role: 'user', content: PROMPT }] },
  },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'vendor-model', max_tokens: 100, messages: [{ role: 'user', content: PROMPT }] },
  },
  gemini: {
    path: '/v1beta/models/gemini-model:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: PROMPT }] }] },
  },
}

const keyHeader: Readonly<Record<DialectName, (secret: string) => Record<string, string>>> = {
  openai: (secret) => ({ authorization: `Bearer ${secret}` }),
  anthropic: (secret) => ({ 'x-api-key': secret, 'anthropic-version': '2023-06-01' }),
  gemini: (secret) => ({ 'x-goog-api-key': secret }),
}

export interface Sent {
  readonly path?: string
  readonly method?: string
  readonly body?: object | string
  readonly secret?: string
}

/** Bare HTTP, in the manner of the dialect's own clients. */
export function send(front: Front, dialect: DialectName, sent: Sent = {}): Promise<Response> {
  const plain = plainRequests[dialect]
  const { path = plain.path, method = 'POST', body = plain.body, secret = SECRET } = sent
  return fetch(front.serving.dataUrl + path, {
    method,
    headers: { 'content-type': 'application/json', ...keyHeader[dialect](secret) },
    ...(method === 'GET' ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}

const model = 'vendor-model'
const messages = [{ role: 'user' as const, content: PROMPT }]

/** Streams as clients ask for them; of two answers where the vendor gives several, and with its usage. */
export const streamRequests: Readonly<Record<Streaming, Sent>> = {
  chat: { body: { model, messages, n: 2, stream: true, stream_options: { include_usage: true } } },
  completions: {
    path: '/v1/completions',
    body: { model, prompt: PROMPT, n: 2, max_tokens: 500, stream: true, stream_options: { include_usage: true } },
  },
  responses: { path: '/v1/responses', body: { model, input: PROMPT, stream: true } },
  messages: { path: '/v1/messages', body: { model, max_tokens: 500, messages, stream: true } },
  streamGenerateContent: {
    path: '/v1beta/models/gemini-model:streamGenerateContent?alt=sse',
    body: { contents: [{ parts: [{ text: PROMPT }] }], generationConfig: { candidateCount: 2 } },
  },
}

export const dialectOf: Readonly<Record<Streaming, DialectName>> = {
  chat: 'openai',
  completions: 'openai',
  responses: 'openai',
  messages: 'anthropic',
  streamGenerateContent: 'gemini',
}
