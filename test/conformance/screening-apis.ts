import type { RequestEvent } from '../../src/core/event.ts'
import type { Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'

/** Every endpoint that takes text, with a plain request to it and where its errors name a field. */

export const NEW: string = `${SECRET}-new`
export const identity: string = `  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, profile: app }
    - { id: new, secret: "${NEW}", trust: new }`

export type Body = Record<string, unknown>

export interface Api {
  readonly name: string
  readonly path: string
  body(text: string): Body
  /** What an error calls the field that it is about; undefined where this vendor's errors do not say. */
  paramOf(error: Body): unknown
}

const openaiParam = (error: Body): unknown => error['param']
export const noParam = (): undefined => undefined
const geminiParam = ({ details }: Body): unknown =>
  (details as { fieldViolations?: { field: string }[] }[]).find(({ fieldViolations }) => fieldViolations)
    ?.fieldViolations?.[0]?.field

export const chat: Api = {
  name: 'chat',
  path: '/v1/chat/completions',
  body: (text) => ({ model: 'vendor-model', messages: [{ role: 'user', content: text }] }),
  paramOf: openaiParam,
}
export const completions: Api = {
  name: 'completions',
  path: '/v1/completions',
  body: (text) => ({ model: 'vendor-model', prompt: text }),
  paramOf: openaiParam,
}
export const responses: Api = {
  name: 'responses',
  path: '/v1/responses',
  body: (text) => ({ model: 'vendor-model', input: text }),
  paramOf: openaiParam,
}
export const embeddings: Api = {
  name: 'embeddings',
  path: '/v1/embeddings',
  body: (text) => ({ model: 'vendor-model', input: text }),
  paramOf: openaiParam,
}
export const claude: Api = {
  name: 'messages',
  path: '/v1/messages',
  body: (text) => ({ model: 'vendor-model', max_tokens: 40, messages: [{ role: 'user', content: text }] }),
  paramOf: noParam,
}
export const gemini: Api = {
  name: 'gemini',
  path: '/v1beta/models/gemini-model:generateContent',
  body: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
  paramOf: geminiParam,
}
export const geminiStream: Api = {
  ...gemini,
  name: 'gemini stream',
  path: '/v1beta/models/gemini-model:streamGenerateContent?alt=sse',
}

export interface Answer {
  readonly status: number
  readonly error: Body
  readonly event: RequestEvent
  /** The body that the vendor got; null where it got none. */
  readonly sent: string | null
}

export async function ask(front: Front, { path }: Api, body: Body, secret: string = SECRET): Promise<Answer> {
  const [seen, asked] = [front.events.length, front.vendor.requests.length]
  const answer = await fetch(`${front.serving.dataUrl}${path}`, {
    method: 'POST',
    // Each vendor's server looks at its own; all of them are looked at here.
    headers: path.startsWith('/v1beta') ? { 'x-goog-api-key': secret } : { authorization: `Bearer ${secret}` },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  const event = (await front.eventsUntil(seen + 1)).at(-1)!
  const error = answer.ok ? {} : ((JSON.parse(text) as { error: Body }).error ?? {})
  return { status: answer.status, error, event, sent: front.vendor.requests[asked]?.body ?? null }
}

export const text: string = 'Tell me about rivers.'
export const manyMessages: Body = { messages: [1, 2, 3].map(() => ({ role: 'user', content: 'hi' })) }
export const tool: Body = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }
