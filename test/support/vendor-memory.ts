import type { Clock } from '../../src/core/clock.ts'
import type { Upstream } from '../../src/core/upstream.ts'
import { json, sse } from './scripted-upstream.ts'
import { vendorEndpoints } from './vendor-shapes.ts'

/** Every vendor inside the process, on the test's clock: what vendor-server.ts says over sockets. */
export interface MemoryVendor extends Upstream {
  /** Words of the next answers, each of one token. */
  words: number
  /** Input tokens that it reports. */
  input: number
  /** Fields that stand in the usage objects of the next whole answers, by the vendor's own names; null: no report. */
  usage: object | null
  readonly paths: string[]
}

/** How long an answer takes. */
export const VENDOR_MS = 10

export function memoryVendor(clock: Clock): MemoryVendor {
  const vendor: MemoryVendor = {
    name: 'vendor',
    words: 12,
    input: 20,
    usage: {},
    paths: [],
    send({ path, method, body }, sink) {
      vendor.paths.push(path)
      const text = body === null ? '' : Buffer.from(body).toString('utf8')
      const { headers, data } = answerOf(method, path, text, vendor)
      const abort = clock.after(VENDOR_MS, () => {
        sink.onHead(200, headers)
        sink.onData(Buffer.from(data))
        sink.onEnd()
      })
      return { abort, pause() {}, resume() {} }
    },
    close: () => Promise.resolve(),
  }
  return vendor
}

function answerOf(
  method: string,
  target: string,
  body: string,
  { words, input, usage }: MemoryVendor,
): { headers: Readonly<Record<string, string>>; data: string } {
  const path = target.split('?')[0]!.replace(/^\/models\/[^:]+:/, '/models/gemini-model:')
  if (method === 'GET') return { headers: json, data: JSON.stringify(modelOf(path)) }
  const endpoint = vendorEndpoints.find((one) => one.path.endsWith(path))
  if (endpoint === undefined) throw new Error(`no vendor has ${path}`)
  const streams = endpoint.stream !== null && (target.includes('alt=sse') || /"stream"\s*:\s*true/.test(body))
  if (streams) return { headers: sse, data: endpoint.stream(words, input, usage !== null).join('') }
  const whole = endpoint.whole(words, input, usage !== null) as Record<string, unknown>
  for (const name of ['usage', 'usageMetadata']) {
    if (name in whole) whole[name] = { ...(whole[name] as object), ...usage }
  }
  return { headers: json, data: JSON.stringify(whole) }
}

function modelOf(path: string): object {
  const model = { id: 'vendor-model', object: 'model', created: 1_700_000_000, owned_by: 'vendor' }
  return path === '/models' ? { object: 'list', data: [model] } : model
}
