import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { vendorEndpoints } from './vendor-shapes.ts'

/** What the vendor does with the next requests. */
export interface Scenario {
  /** Words of the answer, each of one token, and input tokens that it reports. */
  readonly words: number
  readonly input: number
  /** Between the events of a stream, or before a whole answer. */
  readonly paceMs: number
  /** Whether it reports what was used. */
  readonly usage: boolean
  /**
   * `ok`: a proper answer. A number: an error status. `drop`: the connection breaks. `stall`: nothing more comes. `mute`:
   * nothing comes at all.
   */
  readonly ends: 'ok' | 'drop' | 'stall' | 'mute' | number
  /** For `drop` and `stall`: events of a stream that are sent before. */
  readonly after: number
  /** With `drop` and `stall`, an answer that is not streamed has begun: its head and half of its body are sent. */
  readonly halfway?: boolean
  /** Sent with an error status. */
  readonly errorHeaders?: Readonly<Record<string, string>>
  /** What is sent of a stream, in as many writes, in place of the vendor's plain one. */
  readonly writes?: readonly (string | Uint8Array)[]
  /** The whole answer in place of the vendor's plain one. */
  readonly whole?: object
}

export const plainScenario: Scenario = { words: 12, input: 20, paceMs: 0, usage: true, ends: 'ok', after: 4 }

export interface VendorRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** `left`: its reader went away before the answer was done. `broken`: the vendor broke it off itself. */
  state: 'open' | 'done' | 'left' | 'broken'
}

/** One server that answers as each vendor does, on its path. */
export interface VendorServer {
  readonly url: string
  scenario: Scenario
  readonly requests: VendorRequest[]
  /** Answers under way, and those whose reader went away before they were done. */
  readonly open: number
  readonly aborted: number
  close(): Promise<void>
}

export async function startVendor(): Promise<VendorServer> {
  const vendor = { url: '', scenario: plainScenario, requests: [] as VendorRequest[], open: 0, aborted: 0 }
  const server = createServer((request, response) => {
    vendor.open++
    response.on('error', () => {})
    let over = false
    response.on('close', () => {
      vendor.open--
      if (!over && !response.writableFinished) vendor.aborted++
      over = true
    })
    void answer(
      request,
      response,
      vendor,
      () => over,
      () => (over = true),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return Object.assign(vendor, { close })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  vendor: { scenario: Scenario; requests: VendorRequest[] },
  gone: () => boolean,
  broken: () => void,
): Promise<void> {
  const { scenario } = vendor
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const body = Buffer.concat(parts).toString('utf8')
  const url = request.url ?? ''
  const seen: VendorRequest = { method: request.method ?? '', url, headers: request.headers, body, state: 'open' }
  vendor.requests.push(seen)
  response.on('close', () => {
    if (seen.state === 'open') seen.state = response.writableFinished ? 'done' : 'left'
  })
  // Any Gemini model will do.
  const path = url.split('?')[0]!.replace(/\/models\/gemini-[^/:]+:/, '/models/gemini-model:')
  const endpoint = vendorEndpoints.find((one) => one.path === path)
  const json = (status: number, value: object, more: Scenario['errorHeaders'] = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(value))
  }
  if (endpoint === undefined) return json(404, { error: { message: `no such path: ${path}` } })
  const { words, input, paceMs, usage, ends, after } = scenario
  if (typeof ends === 'number') return json(ends, endpoint.error(ends), scenario.errorHeaders)
  if (ends === 'mute') return
  const streams = endpoint.stream !== null && (url.includes('alt=sse') || /"stream"\s*:\s*true/.test(body))
  const drop = (): void => {
    broken()
    seen.state = 'broken'
    response.destroy()
  }
  if (!streams) {
    const whole = scenario.whole ?? endpoint.whole(words, input, usage)
    if (scenario.halfway === true) {
      const text = JSON.stringify(whole)
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
      response.write(text.slice(0, text.length / 2))
      await sleep(paceMs)
    }
    if (ends === 'stall') return
    if (paceMs > 0) await sleep(paceMs)
    if (gone()) return
    if (ends === 'drop') return drop()
    return json(200, whole)
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.flushHeaders()
  const asked = endpoint.path.includes('/completions') ? /"include_usage"\s*:\s*true/.test(body) : true
  const events = scenario.writes ?? endpoint.stream(words, input, usage && asked)
  for (const [i, text] of events.entries()) {
    if (gone()) return
    if (ends !== 'ok' && i === after) {
      if (ends === 'drop') drop()
      return
    }
    response.write(text)
    await sleep(paceMs)
  }
  response.end()
}
