import assert from 'node:assert/strict'
import type { Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'

/** Callers of the desk, and what they send. */

export const SECOND: string = `${SECRET}2`
export const THIRD: string = `${SECRET}3`
export const identity: string = `  keys:
    - { id: k1, secret: "${SECRET}", tenant: acme, profile: app }
    - { id: k2, secret: "${SECOND}" }
    - { id: k3, secret: "${THIRD}", tenant: acme }`

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: Record<string, unknown>
}

export async function send(
  front: Front,
  method: string,
  path: string,
  body?: unknown,
  secret: string = SECRET,
): Promise<Answer> {
  const answer = await fetch(`${front.serving.dataUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
  return { status: answer.status, headers: answer.headers, text, json }
}

export const messages: { role: 'user'; content: string }[] = [{ role: 'user', content: 'Tell me about rivers.' }]
export const chat = (front: Front, secret: string = SECRET, more: object = {}): Promise<Answer> =>
  send(front, 'POST', '/v1/chat/completions', { model: 'vendor-model', messages, ...more }, secret)

export interface Row {
  readonly name: string
  readonly limit: number
  readonly used: number
  readonly remaining: number
}

export async function quotas(front: Front, secret: string = SECRET): Promise<readonly Row[]> {
  const answer = await send(front, 'GET', '/weir/quotas', undefined, secret)
  assert.equal(answer.status, 200, answer.text)
  return answer.json['limits'] as Row[]
}

export const codeOf = ({ json }: Answer): unknown => (json['error'] as { code: string }).code
