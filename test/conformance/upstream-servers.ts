import assert from 'node:assert/strict'
import type { Server as HttpServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import type { Front } from '../support/front.ts'
import { SECRET } from '../support/harness.ts'
import { plainScenario, startVendor, type Scenario, type VendorServer } from '../support/vendor-server.ts'

/** Upstreams for the tests of where a request goes, and one way to send it. */

export const messages: { role: 'user'; content: string }[] = [{ role: 'user', content: 'Tell me about rivers.' }]

/** What an answer came to: its status and the upstream that the event names. */
export interface Outcome {
  readonly status: number
  readonly by: string | null
  readonly outcome: string
  readonly body: string
}

export async function post(
  front: Front,
  path: string,
  body: object,
  headers: Record<string, string> = { authorization: `Bearer ${SECRET}` },
): Promise<Outcome> {
  const seen = front.events.length
  const answer = await fetch(`${front.serving.dataUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  const event = (await front.eventsUntil(seen + 1)).at(-1)!
  assert.equal(event.status, answer.status)
  return { status: answer.status, by: event.upstream, outcome: event.outcome, body: text }
}

export const chat = (front: Front, more: object = {}, headers?: Record<string, string>): Promise<Outcome> =>
  post(front, '/v1/chat/completions', { model: 'vendor-model', messages, ...more }, headers)

/** As many vendors as names, closed whatever happens. */
export async function withVendors(count: number, run: (...vendors: VendorServer[]) => Promise<void>): Promise<void> {
  const vendors = await Promise.all(Array.from({ length: count }, startVendor))
  try {
    await run(...vendors)
  } finally {
    await Promise.all(vendors.map((vendor) => vendor.close()))
  }
}

export async function withServer(server: Server, run: (host: string) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    if ('closeAllConnections' in server) (server as HttpServer).closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** A port that nobody listens at. */
export async function nobody(): Promise<string> {
  const server = createTcpServer()
  let host = ''
  await withServer(server, async (at) => void (host = at))
  return `http://${host}`
}

export const NEVER_OPEN: string = 'breaker: { failures: 1000 }'

/** Two upstreams and a model that asks `a` before `b`. */
export const aThenB = (a: string, b: string, more: string = NEVER_OPEN): { upstreams: string; models: string } => ({
  upstreams: `  a: { dialect: [openai, anthropic], base_url: "${a}/v1", api_key: key-of-a, ${more} }
  b: { dialect: [openai, anthropic], base_url: "${b}/v1", api_key: key-of-b, ${more} }`,
  models: '  "vendor-*": { upstream: a, failover: [b] }',
})

export const fails = (ends: Scenario['ends']): Scenario => ({ ...plainScenario, ends })
